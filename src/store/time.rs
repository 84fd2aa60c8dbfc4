//! The time by the database's clock, which all its processes share.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::connect::{Store, StoreError};
use crate::causes;
use crate::clock::Clock;
use crate::supervise::Stop;

/// How often the database is asked.
const ASK_EVERY: Duration = Duration::from_mins(1);

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

    /// Tells a shared clock what time it is; nothing changes where the database has no clock.
    pub async fn tell_time(&self, clock: &Clock) -> Result<(), StoreError> {
        if !matches!(clock, Clock::Shared(_)) {
            return Ok(());
        }
        let asked = Instant::now();
        if let Some(at) = self.time().await? {
            clock.learn(at, asked);
        }
        Ok(())
    }

    /// Does so again and again until it is asked to stop, and says when the machine's clock goes wrong and when it is right again.
    pub async fn follow_time(&self, clock: &Clock, stop: Stop) {
        let mut was_off = false;
        loop {
            let (is_off, ahead_seconds) = (clock.is_off(), clock.ahead().as_seconds_f64());
            if is_off && !was_off {
                tracing::warn!(ahead_seconds, "this machine's clock is wrong; the database's is gone by");
            } else if was_off && !is_off {
                tracing::info!(ahead_seconds, "this machine's clock is right again");
            }
            was_off = is_off;
            if !stop.pause(ASK_EVERY).await {
                return;
            }
            if let Err(error) = self.tell_time(clock).await {
                tracing::debug!(cause = causes::chain(&error), "the database does not tell the time; going on from its last answer");
            }
        }
    }
}
