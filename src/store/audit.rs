//! The audit log: who did what, in the same transaction as the doing. It only grows; the database itself refuses to change or delete a
//! row (migration `m20261125_000005_accounts`).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{audit, draft};
use sea_orm::{ActiveValue, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::accounts::{with_role_elsewhere, with_role_in};
use super::connect::{Store, StoreError};
use super::write::WriteTransaction;
use crate::domain::audit::{AuditAction, AuditSubject};
use crate::domain::ids::{AccountId, RecordId, RecordType};

/// Something that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Who did it; absent for the command line, the scheduler, and whoever did not prove who they are.
    pub by: Option<AccountId>,
    /// What.
    pub action: AuditAction,
    /// To whom or what: an account, a record, a key.
    pub subject: Option<Uuid>,
    /// Where; absent when it concerns no city in particular.
    pub city: Option<RecordId>,
    /// What else is worth knowing, a JSON object: no secret, no address, no name. `{}` when nothing is.
    pub detail: Value,
}

impl AuditEntry {
    /// Something done, without more to tell.
    pub fn new(by: Option<AccountId>, action: AuditAction, subject: Option<Uuid>) -> Self {
        Self { by, action, subject, city: None, detail: Value::Object(serde_json::Map::new()) }
    }

    /// The same in a city.
    #[must_use]
    pub fn in_city(self, city: Option<RecordId>) -> Self {
        Self { city, ..self }
    }

    /// The same with more to tell.
    #[must_use]
    pub fn with(self, detail: Value) -> Self {
        Self { detail, ..self }
    }
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    /// Its number; a later one is greater.
    pub number: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; absent for the command line, the scheduler, and whoever did not prove who they are.
    pub by: Option<AccountId>,
    /// What, as a word; a later version may know more words than this one.
    pub action: String,
    /// To whom or what.
    pub subject: Option<Uuid>,
    /// Which type of record the subject is, when it is one.
    pub record_type: Option<RecordType>,
    /// Where.
    pub city: Option<RecordId>,
    /// What else is worth knowing.
    pub detail: Value,
}

impl From<audit::Model> for AuditRow {
    fn from(row: audit::Model) -> Self {
        Self {
            number: row.number,
            at: row.at,
            by: row.account_id.map(AccountId),
            action: row.action,
            subject: row.subject_id,
            record_type: None,
            city: row.city_id.map(RecordId),
            detail: row.detail,
        }
    }
}

impl WriteTransaction {
    /// Notes what this transaction does; it is kept when the transaction is committed, and only then.
    pub async fn note_audit(&self, entry: AuditEntry) -> Result<(), StoreError> {
        let row = audit::ActiveModel {
            number: ActiveValue::NotSet,
            at: ActiveValue::Set(self.at()),
            account_id: ActiveValue::Set(entry.by.map(|by| by.0)),
            action: ActiveValue::Set(entry.action.as_str().to_owned()),
            subject_id: ActiveValue::Set(entry.subject),
            city_id: ActiveValue::Set(entry.city.map(|city| city.0)),
            detail: ActiveValue::Set(entry.detail),
        };
        audit::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}

impl Store {
    /// The log from its end: at most `limit` rows before the number `before`. Without a city, all. With one, what was done there, and of
    /// what belongs to no city that which [`AuditAction::is_read_in_cities`] and was done by or to those who have roles there and nowhere
    /// else: how they sign in.
    pub async fn audit_rows(&self, city: Option<RecordId>, before: Option<i64>, limit: u64) -> Result<Vec<AuditRow>, StoreError> {
        let wanted = Condition::all()
            .add_option(city.map(|city| Condition::any().add(audit::Column::CityId.eq(city.0)).add(of_its_people(city))))
            .add_option(before.map(|before| audit::Column::Number.lt(before)));
        let rows = audit::Entity::find().filter(wanted).order_by_desc(audit::Column::Number).limit(limit).all(&self.connection).await?;
        let mut rows: Vec<AuditRow> = rows.into_iter().map(Into::into).collect();
        let subjects = rows.iter().filter(|row| is_of_a_record(row)).filter_map(|row| row.subject);
        let drafts = draft::Entity::find().filter(draft::Column::Id.is_in(subjects)).all(&self.connection).await?;
        let types: HashMap<Uuid, RecordType> =
            drafts.into_iter().filter_map(|draft| Some((draft.id, RecordType::parse(&draft.record_type)?))).collect();
        for row in &mut rows {
            row.record_type = row.subject.filter(|_| is_of_a_record(row)).and_then(|subject| types.get(&subject).copied());
        }
        Ok(rows)
    }

    /// What was noted with the record's last entry of this action.
    pub async fn last_audit_detail(&self, action: AuditAction, record: RecordId) -> Result<Option<Value>, StoreError> {
        let found = audit::Entity::find()
            .filter(audit::Column::SubjectId.eq(record.0))
            .filter(audit::Column::Action.eq(action.as_str()))
            .order_by_desc(audit::Column::Number)
            .one(&self.connection)
            .await?;
        Ok(found.map(|row| row.detail))
    }
}

fn is_of_a_record(row: &AuditRow) -> bool {
    AuditAction::parse(&row.action).is_some_and(|action| action.subject() == AuditSubject::Record)
}

/// What was done by or to those who work for the city alone, and belongs to no city.
fn of_its_people(city: RecordId) -> Condition {
    let words = AuditAction::ALL.iter().filter(|action| action.is_read_in_cities()).map(|action| action.as_str());
    let alone = |column: audit::Column| {
        Condition::all().add(column.in_subquery(with_role_in(city))).add(column.not_in_subquery(with_role_elsewhere(city)))
    };
    Condition::all()
        .add(audit::Column::CityId.is_null())
        .add(audit::Column::Action.is_in(words))
        .add(Condition::any().add(alone(audit::Column::AccountId)).add(alone(audit::Column::SubjectId)))
}
