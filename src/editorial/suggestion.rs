//! Visitors' corrections: kept until an editor takes one into a draft, or dismisses it.

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use serde_json::Value;
use uuid::Uuid;

use super::desk::{Desk, city_of};
use super::error::{EditorialError, Problem, ProblemKind};
use super::step::{Done, Request, Step, Taken};
use super::walk::check_size;
use crate::domain::addresses::{self, WrongAddress};
use crate::domain::ids::{RecordId, RecordType, VisitorId};
use crate::domain::suggestion::{Suggestion, SuggestionState};
use crate::identity::rights::{Grants, Operation, Permit};
use crate::identity::secret;

/// Most suggestions of one visitor in a day, in each process.
const MOST_OF_A_VISITOR: u32 = 20;
/// Most open suggestions of a city: beyond that nobody reads them.
const MOST_OF_A_CITY: u64 = 2_000;
/// Most bytes of a suggestion.
const MOST_BYTES: usize = 10_000;
/// Most characters of a comment.
pub const MAX_COMMENT: usize = 1_000;

/// How many suggestions each visitor made lately; kept in memory alone, for nothing of visitors is stored with what they say.
pub(super) type Counts = Cache<VisitorId, u32>;

/// Counts that are forgotten after a day.
pub(super) fn counts() -> Counts {
    Cache::builder().max_capacity(100_000).time_to_live(std::time::Duration::from_hours(24)).build()
}

impl Desk {
    /// Keeps what a visitor says about a published record.
    pub async fn suggest(
        &self,
        visitor: VisitorId,
        (record_type, record): (RecordType, RecordId),
        changes: Value,
        comment: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Suggestion, EditorialError> {
        let city = self.published_city(record_type, record).ok_or(EditorialError::NotPublished)?;
        let comment = comment.map(|comment| comment.trim().to_owned()).filter(|comment| !comment.is_empty());
        let says_nothing = comment.is_none() && changes.as_object().is_none_or(serde_json::Map::is_empty);
        if says_nothing || comment.as_ref().is_some_and(|comment| comment.chars().count() > MAX_COMMENT) {
            return Err(EditorialError::Comment { max: MAX_COMMENT });
        }
        check_size(&changes, MOST_BYTES)?;
        let wrong = addresses::check_record(&changes).into_iter();
        let problem =
            |wrong: WrongAddress| Problem { field: wrong.path.join("."), kind: ProblemKind::Invalid, message: wrong.error.to_string() };
        let problems: Vec<Problem> = wrong.map(problem).collect();
        if !problems.is_empty() {
            return Err(EditorialError::Problems(problems));
        }
        let made = self.suggested_by(visitor);
        if made >= MOST_OF_A_VISITOR {
            return Err(EditorialError::TooManySuggestions);
        }
        let id = secret::id()?;
        let new = Suggestion { id, record_type, record, city, changes, comment, state: SuggestionState::Open, created_at: now };
        if !self.store().add_suggestion(new.clone(), MOST_OF_A_CITY).await? {
            return Err(EditorialError::TooManySuggestions);
        }
        self.counts().insert(visitor, made + 1);
        Ok(new)
    }

    fn suggested_by(&self, visitor: VisitorId) -> u32 {
        self.counts().get(&visitor).unwrap_or(0)
    }

    /// Open suggestions of the cities of the permits, the oldest first.
    pub async fn suggestions(
        &self,
        permits: &[Permit],
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: u64,
    ) -> Result<Vec<Suggestion>, EditorialError> {
        let cities: Vec<RecordId> = permits.iter().map(|permit| city_of(*permit, Operation::Suggestions)).collect::<Result<_, _>>()?;
        Ok(self.store().open_suggestions(&cities, after, limit).await?)
    }

    /// Takes a suggestion into the draft of its record, which begins when there is none yet.
    pub async fn take_suggestion(&self, grants: &Grants, id: Uuid, now: DateTime<Utc>) -> Result<Done, EditorialError> {
        let suggestion = self.open_suggestion(id).await?;
        let city = suggestion.city;
        grants.permit(Operation::TakeSuggestion, city)?;
        let permit = grants.permit(Operation::CreateDraft, city)?;
        let draft = match self.begin_from(permit, suggestion.record_type, suggestion.record, now).await {
            Ok(draft) => draft,
            Err(EditorialError::DraftExists(id)) => self.draft(grants, id).await?.ok_or(EditorialError::NotFound)?.0,
            Err(error) => return Err(error),
        };
        let step = Step::Update { patch: suggestion.changes, checked: Vec::new(), by_machine: Vec::new() };
        let comment = Some("from a visitor's suggestion".to_owned());
        let request = Request { draft: draft.id, expected_version: draft.version, step, comment };
        let done = self.take(grants.permit(Operation::UpdateDraft, city)?, request, now).await?;
        if !matches!(done.taken, Taken::Conflict(_)) {
            self.store().settle_suggestion(id, SuggestionState::Taken, grants.account(), now).await?;
        }
        Ok(done)
    }

    /// Dismisses a suggestion.
    pub async fn dismiss_suggestion(&self, grants: &Grants, id: Uuid, now: DateTime<Utc>) -> Result<(), EditorialError> {
        let suggestion = self.open_suggestion(id).await?;
        grants.permit(Operation::DismissSuggestion, suggestion.city)?;
        self.store().settle_suggestion(id, SuggestionState::Dismissed, grants.account(), now).await?;
        Ok(())
    }

    async fn open_suggestion(&self, id: Uuid) -> Result<Suggestion, EditorialError> {
        let found = self.store().suggestion(id).await?;
        found.filter(|suggestion| suggestion.state == SuggestionState::Open).ok_or(EditorialError::NotFound)
    }
}
