//! A draft, its steps, and two sides of it that clash.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::city::City;
use super::draft_content::DraftContent;
use super::draft_enums::{DraftAction, DraftState, DraftType};
use super::draft_form::outside;
use super::editorial::{FestivalClash, PossibleDuplicate};
use super::enums::TextState;
use super::node::Node;
use crate::domain::draft::{DraftRecord, RevisionRecord};
use crate::domain::ids::{AccountId, RecordId, RecordType};
use crate::editorial::content::{FieldChange, differences};
use crate::editorial::duplicate::duplicates;
use crate::editorial::preview::preview;
use crate::editorial::step::Conflict;
use crate::editorial::translation::Translations;
use crate::graphql::context;
use crate::graphql::directives::{Cost, List, Sliced};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::node::{GlobalId, local_id};
use crate::graphql::query::node_or_successor;
use crate::graphql::scalars::{Date, Instant, Language};
use crate::graphql::user_error::UserError;
use crate::identity::rights::Reading;

/// Most steps of one answer.
const MAX_REVISIONS: i32 = 100;

/// Somebody who works on the catalogue.
#[derive(SimpleObject, Clone)]
pub struct Colleague {
    /// Id of the account, as in `Account.id`.
    id: ID,
    /// Name.
    name: String,
}

impl Colleague {
    /// The colleague of this identity; null when it was nobody, or nobody any more.
    async fn of(context: &Context<'_>, account: Option<AccountId>) -> Result<Option<Self>, Failure> {
        let Some(account) = account else { return Ok(None) };
        let name = context::of(context).accounts.name(account).await?;
        Ok(name.map(|name| Self { id: local_id(account.0), name }))
    }
}

/// The words of a draft in a language, and how far they are.
#[derive(SimpleObject)]
pub struct DraftTranslation {
    /// The language.
    language: Language,
    /// How far.
    state: TextState,
}

/// A day of opening hours in Portuguese.
#[derive(SimpleObject)]
pub struct HoursPreviewDay {
    /// The day.
    date: Date,
    /// What happens on it: `seg., 23/11: das 9h às 18h`.
    text: String,
}

/// Units of work of holding a draft against the rules of publishing.
const CHECK_EFFORT: u64 = 4_000;

/// What opening hours mean.
#[derive(SimpleObject)]
pub struct HoursPreview {
    /// The next 14 days in Portuguese; empty when the hours cannot be read.
    #[graphql(directive = List::apply(14))]
    days: Vec<HoursPreviewDay>,
    /// Why they cannot be read; null when they can.
    problem: Option<String>,
}

impl HoursPreview {
    /// Of a value, at a place.
    pub fn of(
        context: &Context<'_>,
        raw: &str,
        (city, position, municipality): (RecordId, Option<(f64, f64)>, Option<u32>),
    ) -> Result<Option<Self>, Failure> {
        let request = context::of(context);
        let snapshot = &request.snapshot;
        let Some(shard) = snapshot.shard_by_id(city).and_then(|shard| snapshot.shards.get(shard)) else { return Ok(None) };
        // Its rules are parsed, and asked for two weeks.
        context::budget(context).draw(CHECK_EFFORT + 16 * raw.len() as u64)?;
        let municipality = municipality.or(Some(shard.city.municipality.0));
        let holidays = snapshot.reference.holidays.for_municipality(municipality);
        Ok(Some(match preview(raw, shard.city.time_zone, holidays, position, request.now) {
            Ok(days) => {
                Self { days: days.into_iter().map(|day| HoursPreviewDay { date: Date(day.date), text: day.text }).collect(), problem: None }
            }
            Err(problem) => Self { days: Vec::new(), problem: Some(problem) },
        }))
    }
}

/// A field that is not the same before and after.
#[derive(SimpleObject)]
pub struct DraftFieldChange {
    /// Its path in the content, such as `["texts", "en", "name"]`.
    #[graphql(directive = List::apply(3))]
    field: Vec<String>,
    /// What it was, as JSON; null when it was not there.
    before: Option<String>,
    /// What it is, as JSON; null when it is gone.
    after: Option<String>,
}

impl From<FieldChange> for DraftFieldChange {
    fn from(change: FieldChange) -> Self {
        let json = |value: Option<serde_json::Value>| value.map(|value| value.to_string());
        Self { field: path(&change.field), before: json(change.before), after: json(change.after) }
    }
}

fn path(field: &str) -> Vec<String> {
    field.split('.').map(|part| outside(part).to_owned()).collect()
}

/// One step in the life of a record.
pub struct DraftRevision {
    record_type: RecordType,
    row: RevisionRecord,
    /// The step before; none for the first.
    before: Option<RevisionRecord>,
}

/// One step in the life of a record: what was done, by whom, and what changed.
#[Object]
impl DraftRevision {
    /// Its number, from 1: what `expectedVersion` and `revertTo` name.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When.
    async fn at(&self) -> Instant {
        Instant(self.row.at.into())
    }

    /// Who; null for the scheduler and for what a visitor suggested.
    #[graphql(directive = Cost::apply(5))]
    async fn author(&self, context: &Context<'_>) -> Result<Option<Colleague>, Failure> {
        Colleague::of(context, self.row.author).await
    }

    /// What was done.
    async fn action(&self) -> DraftAction {
        self.row.action.into()
    }

    /// The state after it.
    async fn state(&self) -> DraftState {
        self.row.state.into()
    }

    /// What was said with it.
    async fn comment(&self) -> Option<&str> {
        self.row.comment.as_deref()
    }

    /// The content after it; of a publish, what was published.
    async fn content(&self) -> Result<DraftContent, Failure> {
        DraftContent::of(self.record_type, &self.row.content)
    }

    /// What changed against the step before, field by field; of the first step everything.
    #[graphql(directive = Cost::apply(5), directive = List::apply(20))]
    async fn changes(&self) -> Vec<DraftFieldChange> {
        let nothing = serde_json::Value::Object(serde_json::Map::new());
        let before = self.before.as_ref().map_or(&nothing, |before| &before.content);
        differences(before, &self.row.content).into_iter().map(Into::into).collect()
    }
}

/// A record as editors work on it, with the proof that its reader may know what goes with it.
#[derive(Clone)]
pub struct Draft(Arc<DraftRecord>, Reading);

impl Draft {
    /// For a reader who may read it.
    pub fn of(row: DraftRecord, reading: Reading) -> Self {
        Self(Arc::new(row), reading)
    }

    fn local(instant: DateTime<Utc>) -> Instant {
        Instant(instant.into())
    }

    fn global(&self) -> GlobalId {
        match self.0.record_type {
            RecordType::Event => GlobalId::Event(self.0.id),
            RecordType::Route => GlobalId::Route(self.0.id),
            _ => GlobalId::PointOfInterest(self.0.id),
        }
    }

    /// What is published now of what editors published; none when nothing is.
    async fn published(&self, context: &Context<'_>) -> Result<Option<RevisionRecord>, Failure> {
        let Some(version) = self.0.published_version else { return Ok(None) };
        Ok(context::of(context).desk.revision(self.1, &self.0, version).await?)
    }
}

/// A record as editors work on it, beside what is published of it.
#[Object]
impl Draft {
    /// The id the record has, or will have, in the catalogue.
    async fn id(&self) -> ID {
        self.global().encode()
    }

    /// What kind of record.
    #[graphql(name = "type")]
    async fn draft_type(&self) -> Option<DraftType> {
        DraftType::of(self.0.record_type)
    }

    /// City whose editors work on it; null when the city is not in the catalogue any more.
    async fn city(&self, context: &Context<'_>) -> Option<City> {
        let snapshot = &context::of(context).snapshot;
        Some(City(Arc::clone(snapshot.shards.get(snapshot.shard_by_id(self.0.city)?)?)))
    }

    /// How far the work on it is.
    async fn state(&self) -> DraftState {
        self.0.state.into()
    }

    /// What can be done with it in this state.
    #[graphql(directive = List::apply(8))]
    async fn allowed_actions(&self) -> Vec<DraftAction> {
        self.0.state.actions(self.0.published_version.is_some()).map(Into::into).collect()
    }

    /// Number of its last step: give it back as `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Its Portuguese name; null while none is written.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// What is written.
    async fn content(&self) -> Result<DraftContent, Failure> {
        DraftContent::of(self.0.record_type, &self.0.content)
    }

    /// Each language that is written or should be, and how far it is.
    #[graphql(directive = List::apply(4))]
    async fn translations(&self) -> Vec<DraftTranslation> {
        let states = Translations::read(&self.0.translations).states(&self.0.content);
        let shown = |(language, state): (String, crate::domain::text::TextState)| {
            let language = crate::domain::language::LanguageTag::parse(&language).ok()?;
            Some(DraftTranslation { language: Language(language), state: state.into() })
        };
        states.into_iter().filter_map(shown).collect()
    }

    /// How much of what visitors ask for is written, in percent.
    async fn completeness(&self) -> i32 {
        self.0.completeness
    }

    /// What stands in the way of publishing it, by field.
    #[graphql(directive = Cost::apply(100), directive = List::apply(5))]
    async fn problems(&self, context: &Context<'_>) -> Result<Option<Vec<UserError>>, Failure> {
        context::budget(context).draw(CHECK_EFFORT)?;
        let problems = context::of(context).desk.problems(self.1, &self.0).await?;
        Ok(Some(problems.iter().map(UserError::of_content).collect()))
    }

    /// What its opening hours mean; null when there are none.
    #[graphql(directive = Cost::apply(100))]
    async fn hours_preview(&self, context: &Context<'_>) -> Result<Option<HoursPreview>, Failure> {
        use crate::editorial::content::{at, text};
        let written = &self.0.content;
        let position =
            at(written, "latitude").and_then(serde_json::Value::as_f64).zip(at(written, "longitude").and_then(serde_json::Value::as_f64));
        let Some(raw) = text(written, "openingHours.raw") else { return Ok(None) };
        HoursPreview::of(context, raw, (self.0.city, position, None))
    }

    /// The step whose content is published now; null when nothing is.
    async fn published_version(&self) -> Option<i32> {
        self.0.published_version
    }

    /// The record as the public sees it, which is its successor once it was merged into another; null when it does not.
    #[graphql(directive = Cost::apply(5))]
    async fn published_node(&self, context: &Context<'_>) -> Result<Option<Node>, Failure> {
        node_or_successor(&self.global(), context::of(context))
    }

    /// What would change for the public, field by field, if this were published; everything, when nothing is published.
    #[graphql(directive = Cost::apply(20), directive = List::apply(20))]
    async fn unpublished_changes(&self, context: &Context<'_>) -> Result<Vec<DraftFieldChange>, Failure> {
        let nothing = serde_json::Value::Object(serde_json::Map::new());
        let published = self.published(context).await?;
        let before = published.as_ref().map_or(&nothing, |revision| &revision.content);
        Ok(differences(before, &self.0.content).into_iter().map(Into::into).collect())
    }

    /// When it is to be published; only in state SCHEDULED.
    async fn publish_at(&self) -> Option<Instant> {
        self.0.publish_at.map(Self::local)
    }

    /// When work on it began.
    async fn created_at(&self) -> Instant {
        Self::local(self.0.created_at)
    }

    /// Who began; null when a visitor suggested it.
    #[graphql(directive = Cost::apply(5))]
    async fn created_by(&self, context: &Context<'_>) -> Result<Option<Colleague>, Failure> {
        Colleague::of(context, self.0.created_by).await
    }

    /// When it was changed last.
    async fn updated_at(&self) -> Instant {
        Self::local(self.0.updated_at)
    }

    /// Who changed it last; null for the scheduler.
    #[graphql(directive = Cost::apply(5))]
    async fn updated_by(&self, context: &Context<'_>) -> Result<Option<Colleague>, Failure> {
        Colleague::of(context, self.0.updated_by).await
    }

    /// Published records that may be the same thing, the likeliest first; at most 5.
    #[graphql(directive = Cost::apply(500), directive = List::apply(5))]
    async fn possible_duplicates(&self, context: &Context<'_>) -> Result<Option<Vec<PossibleDuplicate>>, Failure> {
        let request = context::of(context);
        let draft = (self.0.record_type, self.0.id);
        let found = duplicates(draft, &self.0.content, &request.snapshot, &context::budget(context))?;
        Ok(Some(found.into_iter().filter_map(|found| PossibleDuplicate::of(context, self.0.record_type, &found)).collect()))
    }

    /// Festivals that other cities have published for the weekends of this one, in order of time; at most 10.
    #[graphql(directive = Cost::apply(500), directive = List::apply(3))]
    async fn festival_clashes(&self, context: &Context<'_>) -> Result<Option<Vec<FestivalClash>>, Failure> {
        let request = context::of(context);
        let found = request.desk.clashes(self.1, &self.0, request.now, &context::budget(context)).await?;
        Ok(Some(found.into_iter().filter_map(|clash| FestivalClash::of(context, clash)).collect()))
    }

    /// Its steps, the latest first: from 1 to 100 of them, those before the version `before`.
    #[graphql(directive = Cost::apply(50), directive = Sliced::apply(20, &["first"]))]
    async fn revisions(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20)] first: i32,
        before: Option<i32>,
    ) -> Result<Vec<DraftRevision>, Failure> {
        if !(1..=MAX_REVISIONS).contains(&first) {
            return Err(Failure::new(Code::BadPage, format!("`first` is from 1 to {MAX_REVISIONS}")));
        }
        // One more, so that the last one shown can be compared with the one before.
        let rows = context::of(context).desk.revisions(self.1, &self.0, before, first as u64 + 1).await?;
        let mut by_version: HashMap<i32, RevisionRecord> = rows.iter().cloned().map(|row| (row.version, row)).collect();
        let revision = |row: RevisionRecord| {
            let before = by_version.remove(&(row.version - 1));
            DraftRevision { record_type: self.0.record_type, row, before }
        };
        Ok(rows.into_iter().take(first as usize).map(revision).collect())
    }
}

/// Two sides of a draft that cannot both be.
pub struct DraftConflict {
    record_type: RecordType,
    fields: Vec<String>,
    mine: serde_json::Value,
    theirs: Draft,
}

impl DraftConflict {
    /// For a reader who may read the draft.
    pub fn of(conflict: Conflict, reading: Reading) -> Self {
        let Conflict { fields, mine, theirs } = conflict;
        Self { record_type: theirs.record_type, fields, mine, theirs: Draft::of(theirs, reading) }
    }
}

/// Two sides of a draft that cannot both be: nothing was written.
#[Object]
impl DraftConflict {
    /// The fields that clash, as paths in the content; when you decided on the whole draft, those that changed since you saw it.
    #[graphql(directive = List::apply(5))]
    async fn fields(&self) -> Vec<Vec<String>> {
        self.fields.iter().map(|field| path(field)).collect()
    }

    /// The content as you would have it, or as you saw it.
    async fn mine(&self) -> Result<DraftContent, Failure> {
        DraftContent::of(self.record_type, &self.mine)
    }

    /// The draft as it is.
    async fn theirs(&self) -> Draft {
        self.theirs.clone()
    }
}
