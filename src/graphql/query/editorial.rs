//! Questions of editors beside drafts: what there is to do, and what visitors say.

use async_graphql::{Context, Object, SimpleObject};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::drafts::{ForwardPageInfo, Position, city_of, permits};
use crate::domain::ids::RecordId;
use crate::graphql::context;
use crate::graphql::directives::{Cost, Paged};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::model::editorial::{EditSuggestion, EditorialReason, EditorialTask};
use crate::identity::rights::Operation;

/// Most entries of one answer.
const MAX_PAGE: i32 = 100;

/// Questions of editors beside drafts.
#[derive(Default)]
pub struct EditorialQuery;

/// A page of the queue (Relay).
#[derive(SimpleObject)]
pub struct EditorialTaskConnection {
    /// The tasks, the most pressing first.
    nodes: Vec<EditorialTask>,
    /// How many there are in all.
    total_count: usize,
    /// Where the page stands in the list.
    page_info: ForwardPageInfo,
}

/// A page of suggestions (Relay).
#[derive(SimpleObject)]
pub struct EditSuggestionConnection {
    /// The suggestions, the oldest first.
    nodes: Vec<EditSuggestion>,
    /// Where the page stands in the list.
    page_info: ForwardPageInfo,
}

fn page(first: i32) -> Result<usize, Failure> {
    let first = usize::try_from(first).ok().filter(|first| (1..=MAX_PAGE as usize).contains(first));
    first.ok_or_else(|| Failure::new(Code::BadPage, format!("`first` is from 1 to {MAX_PAGE}")))
}

/// How pressing a task is, and which: what the queue is ordered by.
struct Place(u32, RecordId);

impl Place {
    fn decode(cursor: &str) -> Result<Self, Failure> {
        let read = || {
            let bytes: [u8; 20] = URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
            let (weight, id) = bytes.split_at(4);
            Some(Self(u32::from_be_bytes(weight.try_into().ok()?), RecordId(Uuid::from_slice(id).ok()?)))
        };
        read().ok_or_else(|| Failure::new(Code::BadCursor, "this is not a cursor of this list"))
    }

    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode([&self.0.to_be_bytes()[..], self.1.0.as_bytes()].concat())
    }
}

#[Object]
impl EditorialQuery {
    /// What there is to do in a city, the most pressing first: drafts that wait, what visitors say, hours that nobody verified for 180
    /// days, links that lead nowhere, what is missing. From 1 to 100.
    #[graphql(directive = Cost::apply(1_000), directive = Paged::apply(20, &["first"], &["nodes"]))]
    async fn editorial_queue(
        &self,
        context: &Context<'_>,
        city: String,
        reasons: Option<Vec<EditorialReason>>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<Option<EditorialTaskConnection>, Failure> {
        let grants = context::grants(context).await?;
        let (city, first, asked) = (city_of(context, &city)?, page(first)?, context::of(context));
        let permit = grants.permit(Operation::EditorialQueue, city)?;
        let after = after.as_deref().map(Place::decode).transpose()?;
        let mut tasks = asked.desk.queue(permit, asked.now, &context::budget(context)).await?;
        if let Some(reasons) = reasons {
            tasks.retain(|task| task.reasons.iter().any(|reason| reasons.contains(&EditorialReason::from(*reason))));
        }
        let total_count = tasks.len();
        if let Some(Place(weight, id)) = after {
            tasks.retain(|task| task.weight < weight || task.weight == weight && task.id > id);
        }
        let has_next_page = tasks.len() > first;
        tasks.truncate(first);
        let end_cursor = tasks.last().map(|task| Place(task.weight, task.id).encode());
        let nodes = tasks.into_iter().map(|task| EditorialTask::of(context, task)).collect();
        Ok(Some(EditorialTaskConnection { nodes, total_count, page_info: ForwardPageInfo { has_next_page, end_cursor } }))
    }

    /// What visitors say is wrong, the oldest first: in these cities, or in all whose drafts you may read; from 1 to 100.
    #[graphql(directive = Cost::apply(50), directive = Paged::apply(20, &["first"], &["nodes"]))]
    async fn suggestions(
        &self,
        context: &Context<'_>,
        cities: Option<Vec<String>>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<Option<EditSuggestionConnection>, Failure> {
        let permits = permits(context, &context::grants(context).await?, Operation::Suggestions, cities)?;
        let after = after.as_deref().map(Position::decode).transpose()?.map(|Position(at, id)| (at, id.0));
        let first = page(first)?;
        let mut found = context::of(context).desk.suggestions(&permits, after, first as u64 + 1).await?;
        let has_next_page = found.len() > first;
        found.truncate(first);
        let end_cursor = found.last().map(|last| Position(last.created_at, RecordId(last.id)).encode());
        let nodes = found.into_iter().map(|suggestion| EditSuggestion::of(context, suggestion)).collect::<Result<_, _>>()?;
        Ok(Some(EditSuggestionConnection { nodes, page_info: ForwardPageInfo { has_next_page, end_cursor } }))
    }
}
