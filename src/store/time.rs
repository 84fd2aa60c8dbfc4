//! The time by the database's clock, which all its processes share.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::connect::{Store, StoreError};

impl Store {
    /// What PostgreSQL's clock shows at this moment; `None` from SQLite, which has no clock but the machine's.
    pub async fn time(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        if self.is_sqlite() {
            return Ok(None);
        }
        let question = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp() AS now");
        let row = self.connection.query_one_raw(question).await?;
        Ok(row.map(|row| row.try_get("", "now")).transpose()?)
    }
}
