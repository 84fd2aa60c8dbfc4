//! Who asks, who works on the catalogue, and who did what.

use async_graphql::{Context, Object, SimpleObject, Union};

use crate::graphql::context;
use crate::graphql::directives::{Cost, List, Paged};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::model::account::{Account, ApiKey, Partner, Visitor};
use crate::graphql::model::audit::{AuditConnection, AuditEntry};
use crate::graphql::model::page::PageInfo;
use crate::graphql::node::local_id;
use crate::graphql::personal::Personal;
use crate::identity::actor::Actor;
use crate::identity::rights::Operation;

/// Most entries of a page.
const MAX_PAGE: u64 = 100;

/// Who asks, who works on the catalogue, and who did what.
#[derive(Default)]
pub struct AccountsQuery;

/// Who asks.
#[derive(Union)]
pub enum Viewer {
    /// A visitor.
    Visitor(Visitor),
    /// Somebody who works on the catalogue.
    Account(Account),
    /// A partner.
    Partner(Partner),
}

/// A page of accounts.
#[derive(SimpleObject)]
pub struct AccountConnection {
    /// Accounts, by e-mail address.
    nodes: Vec<Account>,
    /// Where the page stands.
    page_info: PageInfo,
}

/// An OpenID provider to sign in with.
#[derive(SimpleObject)]
pub struct SignInProvider {
    /// The name to begin with.
    name: String,
    /// What people call it.
    title: String,
}

#[Object]
impl AccountsQuery {
    /// Who you are: a visitor, an account, a partner; null when you show nothing. A token or key that does not hold, or whose session
    /// has ended, is an error.
    #[graphql(directive = Cost::apply(20))]
    async fn viewer(&self, context: &Context<'_>) -> Result<Option<Viewer>, Failure> {
        Personal::mark(context);
        let asked = context::of(context);
        Ok(match asked.actor {
            Actor::Anyone => None,
            Actor::Visitor(_) => {
                let visitor = context::visitor(context).await?;
                Some(Viewer::Visitor(Visitor { id: local_id(visitor.0) }))
            }
            Actor::Account(account) => {
                let own = asked.accounts.own(account, asked.session, asked.now).await?;
                Some(Viewer::Account(Account(own)))
            }
            Actor::Partner(partner) => {
                let name = asked.sessions.partner_name(partner).unwrap_or_default();
                Some(Viewer::Partner(Partner { id: local_id(partner.0), name }))
            }
            Actor::Refused(error) => return Err(Failure::new(Code::Unauthenticated, error.to_string())),
        })
    }

    /// The OpenID providers to sign in with, by name; as many as the operator set up.
    #[graphql(directive = List::apply(3))]
    async fn sign_in_providers(&self, context: &Context<'_>) -> Vec<SignInProvider> {
        let provider = |(name, title): (&str, &str)| SignInProvider { name: name.to_owned(), title: title.to_owned() };
        context::of(context).accounts.providers().map(provider).collect()
    }

    /// Who works on the catalogue, by e-mail address: those with a role in the city of this slug, for its administrators, who see the
    /// roles there; without a city all, for administrators of all cities. `first` is from 1 to 100.
    #[graphql(directive = Cost::apply(50), directive = Paged::apply(50, &["first"], &["nodes"]))]
    async fn accounts(
        &self,
        context: &Context<'_>,
        city: Option<String>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
    ) -> Result<Option<AccountConnection>, Failure> {
        let permit = context::permit_in(context, Operation::Accounts, city.as_deref()).await?;
        let first = page(first)?;
        let mut found = context::of(context).accounts.list(permit, after, first + 1).await?;
        let has_next_page = found.len() as u64 > first;
        found.truncate(first as usize);
        let ends = [found.first(), found.last()].map(|account| account.map(|account| account.email.clone()));
        Ok(Some(AccountConnection { nodes: found.into_iter().map(Account).collect(), page_info: PageInfo::forward(has_next_page, ends) }))
    }

    /// Who did what, the latest first: in the city of this slug, for its administrators, with how those who have a role there sign in;
    /// without a city everything, for administrators of all cities. `first` is from 1 to 100.
    #[graphql(directive = Cost::apply(50), directive = Paged::apply(50, &["first"], &["nodes"]))]
    async fn audit_log(
        &self,
        context: &Context<'_>,
        city: Option<String>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
    ) -> Result<Option<AuditConnection>, Failure> {
        let permit = context::permit_in(context, Operation::AuditLog, city.as_deref()).await?;
        let first = page(first)?;
        let before = after.map(|after| after.parse().map_err(|_| Failure::new(Code::BadCursor, "this is no cursor of this list")));
        let mut rows = context::of(context).accounts.audit_log(permit, before.transpose()?, first + 1).await?;
        let has_next_page = rows.len() as u64 > first;
        rows.truncate(first as usize);
        let ends = [rows.first(), rows.last()].map(|row| row.map(|row| row.number.to_string()));
        Ok(Some(AuditConnection { nodes: rows.into_iter().map(AuditEntry).collect(), page_info: PageInfo::forward(has_next_page, ends) }))
    }

    /// The keys of partners, the youngest first, revoked ones too.
    #[graphql(directive = Cost::apply(50), directive = List::apply(20))]
    async fn api_keys(&self, context: &Context<'_>) -> Result<Option<Vec<ApiKey>>, Failure> {
        let permit = context::permit_in(context, Operation::ApiKeys, None).await?;
        Ok(Some(context::of(context).accounts.api_keys(permit).await?.into_iter().map(Into::into).collect()))
    }
}

fn page(first: i32) -> Result<u64, Failure> {
    let first = u64::try_from(first).ok().filter(|first| (1..=MAX_PAGE).contains(first));
    first.ok_or_else(|| Failure::new(Code::BadPage, format!("`first` is from 1 to {MAX_PAGE}")))
}
