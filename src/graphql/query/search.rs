//! Questions in words.

use async_graphql::{Context, Object};

use super::inputs::{NearInput, SearchFilter};
use crate::catalogue::page::PageRequest;
use crate::graphql::directives::{Cost, Paged, Sliced};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::model::search::{SearchResultConnection, Suggestion, suggestions};

/// Questions in words.
#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Whatever holds the words, best first, a page at a time: `first` from 1 to 100, 20 when absent. Accents, endings and small
    /// mistakes do not matter; any of the languages does. At most 200 characters.
    #[graphql(directive = Cost::apply(100), directive = Paged::apply(20, &["first"], &["edges", "nodes"]))]
    async fn search(
        &self,
        context: &Context<'_>,
        text: String,
        r#where: Option<SearchFilter>,
        near: Option<NearInput>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<SearchResultConnection>, Failure> {
        let near = near.map(NearInput::resolve).transpose()?;
        let request = PageRequest { first: first.map(Into::into), after, ..PageRequest::default() };
        SearchResultConnection::list(context, text, r#where.unwrap_or_default(), near, &request).map(Some)
    }

    /// Names that begin with what was typed so far, best first: `limit` from 1 to 20, 10 when absent.
    #[graphql(directive = Cost::apply(50), directive = Sliced::apply(10, &["limit"]))]
    async fn suggest(
        &self,
        context: &Context<'_>,
        prefix: String,
        city: Option<String>,
        #[graphql(default = 10)] limit: i32,
    ) -> Result<Option<Vec<Suggestion>>, Failure> {
        let limit = usize::try_from(limit).ok().filter(|limit| (1..=20).contains(limit));
        let limit = limit.ok_or_else(|| Failure::new(Code::BadPage, "`limit` is from 1 to 20"))?;
        suggestions(context, (&prefix, city.as_deref()), limit).map(Some)
    }
}
