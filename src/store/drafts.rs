//! Drafts and their revisions: what editors work on, beside what is published.

use chrono::{DateTime, Utc};
use entity::{draft, point_of_interest, redirect, revision};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{ColumnTrait, Condition, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::connect::{Store, StoreError};
use super::write::WriteTransaction;
use crate::domain::draft::{DraftAction, DraftFilter, DraftRecord, DraftState, RevisionRecord};
use crate::domain::ids::{AccountId, RecordId, RecordType};

/// A word that is stored and that no version of this program writes.
fn unknown(what: &str, word: &str) -> StoreError {
    StoreError::Database(DbErr::Custom(format!("`{word}` is no {what}")))
}

impl TryFrom<draft::Model> for DraftRecord {
    type Error = StoreError;

    fn try_from(row: draft::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: RecordId(row.id),
            record_type: RecordType::parse(&row.record_type).ok_or_else(|| unknown("record type", &row.record_type))?,
            city: RecordId(row.city_id),
            slug: row.slug,
            name: row.name,
            state: DraftState::parse(&row.state).ok_or_else(|| unknown("state", &row.state))?,
            version: row.version,
            content: row.content,
            translations: row.translations,
            published_version: row.published_version,
            completeness: row.completeness.unwrap_or(0),
            publish_at: row.publish_at,
            created_at: row.created_at,
            created_by: row.created_by.map(AccountId),
            updated_at: row.updated_at,
            updated_by: row.updated_by.map(AccountId),
        })
    }
}

impl From<DraftRecord> for draft::Model {
    fn from(row: DraftRecord) -> Self {
        Self {
            id: row.id.0,
            record_type: row.record_type.as_str().to_owned(),
            city_id: row.city.0,
            slug: row.slug,
            name: row.name,
            state: row.state.as_str().to_owned(),
            version: row.version,
            content: row.content,
            translations: row.translations,
            published_version: row.published_version,
            completeness: Some(row.completeness),
            publish_at: row.publish_at,
            created_at: row.created_at,
            created_by: row.created_by.map(|by| by.0),
            updated_at: row.updated_at,
            updated_by: row.updated_by.map(|by| by.0),
        }
    }
}

impl TryFrom<revision::Model> for RevisionRecord {
    type Error = StoreError;

    fn try_from(row: revision::Model) -> Result<Self, StoreError> {
        Ok(Self {
            draft: RecordId(row.draft_id),
            version: row.version,
            at: row.at,
            author: row.author_id.map(AccountId),
            action: DraftAction::parse(&row.action).ok_or_else(|| unknown("action", &row.action))?,
            state: DraftState::parse(&row.state).ok_or_else(|| unknown("state", &row.state))?,
            content: row.content,
            translations: row.translations,
            comment: row.comment,
        })
    }
}

impl From<RevisionRecord> for revision::Model {
    fn from(row: RevisionRecord) -> Self {
        Self {
            draft_id: row.draft.0,
            version: row.version,
            at: row.at,
            author_id: row.author.map(|author| author.0),
            action: row.action.as_str().to_owned(),
            state: row.state.as_str().to_owned(),
            content: row.content,
            translations: row.translations,
            comment: row.comment,
        }
    }
}

impl Store {
    /// A draft; `None` when there is none of this id.
    pub async fn draft(&self, id: RecordId) -> Result<Option<DraftRecord>, StoreError> {
        draft::Entity::find_by_id(id.0).one(&self.connection).await?.map(TryInto::try_into).transpose()
    }

    /// Drafts, those changed last first; at most `limit`. Index `draft_city`.
    pub async fn drafts(&self, filter: DraftFilter, limit: u64) -> Result<Vec<DraftRecord>, StoreError> {
        let mut wanted = Condition::all().add(draft::Column::CityId.is_in(filter.cities.iter().map(|city| city.0)));
        if !filter.states.is_empty() {
            wanted = wanted.add(draft::Column::State.is_in(filter.states.iter().map(|state| state.as_str())));
        }
        if !filter.types.is_empty() {
            wanted = wanted.add(draft::Column::RecordType.is_in(filter.types.iter().map(|known| known.as_str())));
        }
        if let Some((at, id)) = filter.before {
            let same = Condition::all().add(draft::Column::UpdatedAt.eq(at)).add(draft::Column::Id.lt(id.0));
            wanted = wanted.add(Condition::any().add(draft::Column::UpdatedAt.lt(at)).add(same));
        }
        let rows = draft::Entity::find()
            .filter(wanted)
            .order_by_desc(draft::Column::UpdatedAt)
            .order_by_desc(draft::Column::Id)
            .limit(limit)
            .all(&self.connection)
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Identities of the records of a city that editors work on: no import touches them.
    pub async fn drafted(&self, city: RecordId) -> Result<Vec<RecordId>, StoreError> {
        let ids = draft::Entity::find().select_only().column(draft::Column::Id).filter(draft::Column::CityId.eq(city.0));
        Ok(ids.into_tuple::<Uuid>().all(&self.connection).await?.into_iter().map(RecordId).collect())
    }

    /// What is to be published by now, the longest due first. Index `draft_due`.
    pub async fn due_drafts(&self, now: DateTime<Utc>, limit: u64) -> Result<Vec<RecordId>, StoreError> {
        let ids = draft::Entity::find()
            .select_only()
            .column(draft::Column::Id)
            .filter(draft::Column::State.eq(DraftState::Scheduled.as_str()))
            .filter(draft::Column::PublishAt.lte(now))
            .order_by_asc(draft::Column::PublishAt)
            .order_by_asc(draft::Column::Id)
            .limit(limit);
        Ok(ids.into_tuple::<Uuid>().all(&self.connection).await?.into_iter().map(RecordId).collect())
    }

    /// Steps of a draft, the latest first; those before `before`, at most `limit`.
    pub async fn revisions(&self, draft: RecordId, before: Option<i32>, limit: u64) -> Result<Vec<RevisionRecord>, StoreError> {
        let mut wanted = Condition::all().add(revision::Column::DraftId.eq(draft.0));
        if let Some(before) = before {
            wanted = wanted.add(revision::Column::Version.lt(before));
        }
        let rows =
            revision::Entity::find().filter(wanted).order_by_desc(revision::Column::Version).limit(limit).all(&self.connection).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One step of a draft.
    pub async fn revision(&self, draft: RecordId, version: i32) -> Result<Option<RevisionRecord>, StoreError> {
        revision::Entity::find_by_id((draft.0, version)).one(&self.connection).await?.map(TryInto::try_into).transpose()
    }
}

impl WriteTransaction {
    /// A draft, held for this transaction: whoever else wants to change it waits until this one is over, and then sees what it did.
    pub async fn draft(&self, id: RecordId) -> Result<Option<DraftRecord>, StoreError> {
        let mut row = draft::Entity::find_by_id(id.0);
        // SQLite has one writer at a time anyway, and no such lock.
        if self.connection().get_database_backend() == DbBackend::Postgres {
            row = row.lock(LockType::Update);
        }
        row.one(self.connection()).await?.map(TryInto::try_into).transpose()
    }

    /// One step of a draft.
    pub async fn revision(&self, draft: RecordId, version: i32) -> Result<Option<RevisionRecord>, StoreError> {
        revision::Entity::find_by_id((draft.0, version)).one(self.connection()).await?.map(TryInto::try_into).transpose()
    }

    /// Writes a draft with the step that made it so.
    pub async fn save_draft(&self, row: DraftRecord, step: RevisionRecord) -> Result<(), StoreError> {
        let columns = [
            draft::Column::Slug,
            draft::Column::Name,
            draft::Column::State,
            draft::Column::Version,
            draft::Column::Content,
            draft::Column::Translations,
            draft::Column::PublishedVersion,
            draft::Column::Completeness,
            draft::Column::PublishAt,
            draft::Column::UpdatedAt,
            draft::Column::UpdatedBy,
        ];
        let again = OnConflict::column(draft::Column::Id).update_columns(columns).to_owned();
        let row: draft::Model = row.into();
        draft::Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(self.connection()).await?;
        let step: revision::Model = step.into();
        revision::Entity::insert(step.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Identities of the published places that have these slugs.
    pub async fn places_of_slugs(&self, slugs: Vec<String>) -> Result<Vec<(String, RecordId)>, StoreError> {
        if slugs.is_empty() {
            return Ok(Vec::new());
        }
        let rows = point_of_interest::Entity::find()
            .select_only()
            .columns([point_of_interest::Column::Slug, point_of_interest::Column::Id])
            .filter(point_of_interest::Column::Slug.is_in(slugs))
            .filter(point_of_interest::Column::WithdrawnAt.is_null())
            .into_tuple::<(String, Uuid)>()
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(|(slug, id)| (slug, RecordId(id))).collect())
    }

    /// Leaves a redirect from a record that is no more to the one it was merged into.
    pub async fn redirect(&self, (record_type, from, from_slug): (RecordType, RecordId, String), to: RecordId) -> Result<(), StoreError> {
        let row = redirect::Model { from_id: from.0, record_type: record_type.as_str().to_owned(), from_slug, to_id: to.0, at: self.at() };
        redirect::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// What a record was merged into; `None` when it was not.
    pub async fn redirect_of(&self, from: RecordId) -> Result<Option<RecordId>, StoreError> {
        Ok(redirect::Entity::find_by_id(from.0).one(self.connection()).await?.map(|row| RecordId(row.to_id)))
    }
}
