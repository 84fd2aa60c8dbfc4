//! Questions of editors: drafts, and what their hours mean.

use async_graphql::{Context, ID, Object, SimpleObject};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use uuid::Uuid;

use super::inputs::{MAX_SLUGS, distinct};
use crate::domain::draft::{DraftFilter, DraftRecord};
use crate::domain::ids::{RecordId, RecordType};
use crate::graphql::context;
use crate::graphql::directives::{Cost, Paged};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::model::draft::{Draft, HoursPreview};
use crate::graphql::model::draft_enums::{DraftState, DraftType};
use crate::graphql::node::GlobalId;
use crate::identity::rights::{Denied, Grants, Operation, Permit};

/// Most drafts of one answer.
const MAX_DRAFTS: i32 = 100;

/// Questions of editors.
#[derive(Default)]
pub struct DraftsQuery;

/// A page of drafts (Relay).
#[derive(SimpleObject)]
pub struct DraftConnection {
    /// The drafts, each with its cursor.
    edges: Vec<DraftEdge>,
    /// The drafts.
    nodes: Vec<Draft>,
    /// Where the page stands in the list.
    page_info: ForwardPageInfo,
}

/// A draft in a list.
#[derive(SimpleObject)]
pub struct DraftEdge {
    /// The draft.
    node: Draft,
    /// Where it stands.
    cursor: String,
}

/// Where a page stands in a list that only goes forward.
#[derive(SimpleObject)]
pub struct ForwardPageInfo {
    /// Whether more follows this page.
    pub has_next_page: bool,
    /// Cursor of the last one; null for an empty page.
    pub end_cursor: Option<String>,
}

/// When a draft was changed last, and which it is: what the list is ordered by.
pub struct Position(pub DateTime<chrono::Utc>, pub RecordId);

impl Position {
    /// Reads a cursor of a list in this order.
    pub fn decode(cursor: &str) -> Result<Self, Failure> {
        let read = || {
            let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
            let (micros, id) = bytes.split_at(8);
            let at = DateTime::from_timestamp_micros(i64::from_be_bytes(micros.try_into().ok()?))?;
            Some(Self(at, RecordId(Uuid::from_slice(id).ok()?)))
        };
        read().ok_or_else(|| Failure::new(Code::BadCursor, "this is not a cursor of this list"))
    }

    /// The cursor.
    pub fn encode(&self) -> String {
        let mut bytes = self.0.timestamp_micros().to_be_bytes().to_vec();
        bytes.extend_from_slice(self.1.0.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// The record a global id of an editor's names; places, events and routes alone are edited.
pub fn record_of(id: &ID) -> Result<(RecordType, RecordId), Failure> {
    match GlobalId::decode(id)? {
        GlobalId::PointOfInterest(id) => Ok((RecordType::PointOfInterest, id)),
        GlobalId::Event(id) => Ok((RecordType::Event, id)),
        GlobalId::Route(id) => Ok((RecordType::Route, id)),
        other => Err(other.not_a("PointOfInterest, an Event or a Route")),
    }
}

/// The proofs that the operation may be used in the cities of these slugs; without slugs, in all in which it may.
pub fn permits(context: &Context<'_>, grants: &Grants, operation: Operation, slugs: Option<Vec<String>>) -> Result<Vec<Permit>, Failure> {
    let snapshot = &context::of(context).snapshot;
    let Some(slugs) = slugs else {
        let all: Vec<Permit> = snapshot.shards.iter().filter_map(|shard| grants.permit(operation, shard.city.id).ok()).collect();
        return if all.is_empty() { Err(Denied.into()) } else { Ok(all) };
    };
    if slugs.len() > MAX_SLUGS {
        return Err(Failure::new(Code::BadUserInput, format!("`cities` holds at most {MAX_SLUGS}")));
    }
    slugs.iter().map(|slug| Ok(grants.permit(operation, city_of(context, slug)?)?)).collect()
}

/// The city of a slug.
pub fn city_of(context: &Context<'_>, slug: &str) -> Result<RecordId, Failure> {
    let snapshot = &context::of(context).snapshot;
    let shard = snapshot.shard_by_slug(slug).and_then(|shard| snapshot.shards.get(shard));
    shard
        .map(|shard| shard.city.id)
        .ok_or_else(|| Failure::new(Code::UnknownCity, format!("there is no city `{}`", slug.chars().take(100).collect::<String>())))
}

#[Object]
impl DraftsQuery {
    /// A draft by the id of its record; null when nobody works on it. For those who may read drafts of its city.
    #[graphql(directive = Cost::apply(20))]
    async fn draft(&self, context: &Context<'_>, id: ID) -> Result<Option<Draft>, Failure> {
        let grants = context::grants(context).await?;
        let (_, id) = record_of(&id)?;
        Ok(context::of(context).desk.draft(&grants, id).await?.map(|(draft, reading)| Draft::of(draft, reading)))
    }

    /// Drafts, those changed last first: of these cities, or of all whose drafts you may read; from 1 to 100.
    #[graphql(directive = Cost::apply(50), directive = Paged::apply(20, &["first"], &["edges", "nodes"]))]
    async fn drafts(
        &self,
        context: &Context<'_>,
        cities: Option<Vec<String>>,
        states: Option<Vec<DraftState>>,
        types: Option<Vec<DraftType>>,
        #[graphql(default = 20)] first: i32,
        after: Option<String>,
    ) -> Result<Option<DraftConnection>, Failure> {
        let grants = context::grants(context).await?;
        let permits = permits(context, &grants, Operation::Drafts, cities)?;
        let filter = DraftFilter {
            cities: Vec::new(),
            states: distinct(states.unwrap_or_default()),
            types: distinct(types.unwrap_or_default()),
            before: after.as_deref().map(Position::decode).transpose()?.map(|Position(at, id)| (at, id)),
        };
        if !(1..=MAX_DRAFTS).contains(&first) {
            return Err(Failure::new(Code::BadPage, format!("`first` is from 1 to {MAX_DRAFTS}")));
        }
        let mut drafts = context::of(context).desk.drafts(&permits, filter, first as u64 + 1).await?;
        let has_next_page = drafts.len() > first as usize;
        drafts.truncate(first as usize);
        let cursor = |draft: &DraftRecord| Position(draft.updated_at, draft.id).encode();
        let end_cursor = drafts.last().map(cursor);
        let draft = |row: DraftRecord| Ok((cursor(&row), grants.reading(row.city).map(|reading| Draft::of(row, reading))?));
        let drafts: Vec<(String, Draft)> = drafts.into_iter().map(draft).collect::<Result<_, Denied>>()?;
        Ok(Some(DraftConnection {
            edges: drafts.iter().map(|(cursor, draft)| DraftEdge { node: draft.clone(), cursor: cursor.clone() }).collect(),
            nodes: drafts.into_iter().map(|(_, draft)| draft).collect(),
            page_info: ForwardPageInfo { has_next_page, end_cursor },
        }))
    }

    /// What opening hours would mean in a city, day by day in Portuguese, while they are being typed; null for an unknown city.
    #[graphql(directive = Cost::apply(100))]
    async fn hours_preview(&self, context: &Context<'_>, city: String, opening_hours: String) -> Result<Option<HoursPreview>, Failure> {
        HoursPreview::of(context, &opening_hours, (city_of(context, &city)?, None, None))
    }
}
