//! What the change log says of each record when it is read from nothing: its last change, and the one it came with. And which
//! records were merged into which.

use chrono::{DateTime, Utc};
use entity::{change, redirect};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement};
use uuid::Uuid;

use super::connect::{Store, StoreError};
use crate::domain::ids::{RecordId, RecordType};

/// The last change of each record in each city, up to a number. A record came with its first change after it was last taken
/// out. The rows without a record are the changes of many together.
const LAST_CHANGES: &str = "\
WITH gone AS (
    SELECT city_id, record_id, MAX(number) AS number FROM change
    WHERE number <= $1 AND kind = 'WITHDRAW' GROUP BY city_id, record_id
), last AS (
    SELECT change.city_id, change.record_type, change.record_id, MAX(change.number) AS number,
        MIN(CASE WHEN change.number > COALESCE(gone.number, 0) THEN change.number END) AS came
    FROM change LEFT JOIN gone ON gone.record_id = change.record_id AND gone.city_id = change.city_id
    WHERE change.number <= $1 GROUP BY change.city_id, change.record_type, change.record_id
)
SELECT last.city_id, last.record_type, last.record_id, last.number, last.came, change.at
FROM last JOIN change ON change.number = last.number ORDER BY last.number";

/// The last change of a record in a city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastChange {
    /// Its number.
    pub number: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The city; absent for what belongs to none.
    pub city: Option<RecordId>,
    /// What changed.
    pub record_type: RecordType,
    /// The record; absent when many of the type changed together.
    pub record: Option<RecordId>,
    /// The number of the change with which it came; absent when it was taken out.
    pub came: Option<i64>,
}

/// A record that was merged into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// What both are.
    pub record_type: RecordType,
    /// The record that is no more.
    pub from: RecordId,
    /// Its slug.
    pub slug: Box<str>,
    /// The record it was merged into, which may have been merged itself.
    pub to: RecordId,
}

#[derive(FromQueryResult)]
struct Row {
    city_id: Option<Uuid>,
    record_type: String,
    record_id: Option<Uuid>,
    number: i64,
    came: Option<i64>,
    at: DateTime<Utc>,
}

impl Store {
    /// The last change of each record in each city up to `number`, ascending. One walk over the log.
    pub async fn last_changes(&self, number: i64) -> Result<Vec<LastChange>, StoreError> {
        let statement = Statement::from_sql_and_values(self.connection.get_database_backend(), LAST_CHANGES, [number.into()]);
        let rows = Row::find_by_statement(statement).all(&self.connection).await?;
        let read = rows.into_iter().filter_map(|row| {
            Some(LastChange {
                number: row.number,
                at: row.at,
                city: row.city_id.map(RecordId),
                record_type: RecordType::parse(&row.record_type)?,
                record: row.record_id.map(RecordId),
                came: row.came,
            })
        });
        Ok(read.collect())
    }

    /// When each change up to `number` was written, ascending.
    pub async fn change_moments(&self, number: i64) -> Result<Vec<(i64, DateTime<Utc>)>, StoreError> {
        let rows = change::Entity::find().select_only().columns([change::Column::Number, change::Column::At]);
        let rows = rows.filter(change::Column::Number.lte(number)).order_by_asc(change::Column::Number);
        Ok(rows.into_tuple().all(&self.connection).await?)
    }

    /// Every record that was merged into another.
    pub async fn redirects(&self) -> Result<Vec<Redirect>, StoreError> {
        let rows = redirect::Entity::find().order_by_asc(redirect::Column::FromId).all(&self.connection).await?;
        let read = rows.into_iter().filter_map(|row| {
            Some(Redirect {
                record_type: RecordType::parse(&row.record_type)?,
                from: RecordId(row.from_id),
                slug: row.from_slug.into(),
                to: RecordId(row.to_id),
            })
        });
        Ok(read.collect())
    }
}
