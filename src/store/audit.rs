//! The audit log: who did what, in the same transaction as the doing. It only grows; the database itself refuses to change or delete a
//! row (migration `m20261125_000005_accounts`).

use chrono::{DateTime, Utc};
use entity::audit;
use sea_orm::{ActiveValue, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::accounts::with_role_in;
use super::connect::{Store, StoreError};
use super::write::WriteTransaction;
use crate::domain::audit::AuditAction;
use crate::domain::ids::{AccountId, RecordId};

/// Something that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Who did it; absent for the command line, the scheduler, and sign-ins that failed.
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
    /// Who; absent for the command line, the scheduler, and sign-ins that failed.
    pub by: Option<AccountId>,
    /// What, as a word; a later version may know more words than this one.
    pub action: String,
    /// To whom or what.
    pub subject: Option<Uuid>,
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
    /// The log from its end: at most `limit` rows before the number `before`. Without a city, all. With one, what was done there, and
    /// what belongs to no city but was done by or to those who have a role there: how they sign in, not what they do elsewhere.
    pub async fn audit_rows(&self, city: Option<RecordId>, before: Option<i64>, limit: u64) -> Result<Vec<AuditRow>, StoreError> {
        let wanted = Condition::all()
            .add_option(city.map(|city| {
                let its_people = Condition::any()
                    .add(audit::Column::AccountId.in_subquery(with_role_in(city)))
                    .add(audit::Column::SubjectId.in_subquery(with_role_in(city)));
                let elsewhere = Condition::all().add(audit::Column::CityId.is_null()).add(its_people);
                Condition::any().add(audit::Column::CityId.eq(city.0)).add(elsewhere)
            }))
            .add_option(before.map(|before| audit::Column::Number.lt(before)));
        let rows = audit::Entity::find().filter(wanted).order_by_desc(audit::Column::Number).limit(limit).all(&self.connection).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
