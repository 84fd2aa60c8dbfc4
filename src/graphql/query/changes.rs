//! The feed of changes.

use async_graphql::{Context, Object};

use crate::catalogue::feed::page::FeedRequest;
use crate::graphql::directives::{Cost, Paged};
use crate::graphql::failure::Failure;
use crate::graphql::model::change::ChangePage;
use crate::graphql::scalars::Cursor;

/// Questions for what changed.
#[derive(Default)]
pub struct ChangesQuery;

#[Object]
impl ChangesQuery {
    /// What changed in the catalogue after a cursor, in the order of the changes, a page at a time: `first` from 1 to 500, 100 when
    /// absent. Without `after` it is the first load: everything that is there, and nothing that is gone. Ask again with the cursor of
    /// each page, at once while `hasMore` is true, later from where you stood; whatever changes in between is told at its new place,
    /// nothing is lost. A record that changed many times is told once, as it is now. `cities` names the cities to follow, all when
    /// absent or empty; a cursor holds for the same cities only. Cursors do not expire, and what is gone is told for ever.
    #[graphql(directive = Cost::apply(20), directive = Paged::apply(100, &["first"], &["entries"]))]
    async fn changes(
        &self,
        context: &Context<'_>,
        after: Option<Cursor>,
        cities: Option<Vec<String>>,
        first: Option<i32>,
    ) -> Result<Option<ChangePage>, Failure> {
        let after = after.map(|cursor| cursor.0);
        ChangePage::of(context, &FeedRequest { cities: cities.unwrap_or_default(), after, first: first.map(Into::into) }).map(Some)
    }
}
