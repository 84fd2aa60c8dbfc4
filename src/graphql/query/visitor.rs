//! What is kept of the visitor who asks.

use async_graphql::{Context, Object, SimpleObject};

use crate::graphql::context;
use crate::graphql::directives::Cost;
use crate::graphql::failure::Failure;
use crate::graphql::scalars::Instant;
use crate::trips::mine::{self, MyDataAddress};

/// What is kept of the visitor who asks.
#[derive(Default)]
pub struct VisitorQuery;

/// A file with all that is kept of a visitor.
#[derive(SimpleObject)]
pub struct DataExport {
    /// Where to fetch it with `GET`, below the address of this service. The answer is one JSON object: sessions, transfer codes, trips,
    /// the links to them, and every kept version of each. Whoever knows this address gets the file, so pass it on to nobody.
    url: String,
    /// Until when; it ends earlier with the session in which it was asked for.
    expires_at: Instant,
}

#[Object]
impl VisitorQuery {
    /// An address of a file with all that is kept of you, to take along (LGPD, art. 18). Nothing else is known: no name, no address, no
    /// device. One file at a time is handed to a visitor.
    #[graphql(directive = Cost::apply(10))]
    async fn export_my_data(&self, context: &Context<'_>) -> Result<Option<DataExport>, Failure> {
        let (owner, asked) = (context::visitor_session(context).await?, context::of(context));
        let MyDataAddress { token, ends } = mine::address(&asked.sessions, owner, asked.now)?;
        Ok(Some(DataExport { url: format!("/my-data/{token}"), expires_at: Instant(ends.into()) }))
    }
}
