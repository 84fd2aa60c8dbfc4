//! How many bytes the trips of a visitor may take, all kept versions together.

use sea_orm::{ConnectionTrait, Statement};

use super::connect::StoreError;
use super::write::WriteTransaction;
use crate::domain::ids::TripId;

/// Most bytes of a visitor's trips; one of 14 full days takes about 60,000.
pub const MAX_BYTES: i64 = 20 * 1024 * 1024;

/// Bytes of all kept versions of the trips of whoever this trip belongs to.
const BYTES: &str =
    "SELECT CAST(COALESCE(SUM(octet_length(CAST(content AS text)) + octet_length(CAST(plan AS text))), 0) AS bigint) AS bytes
    FROM trip_version WHERE trip_id IN (SELECT id FROM trip WHERE visitor_id = (SELECT visitor_id FROM trip WHERE id = $1))";

impl WriteTransaction {
    /// Fails when the trips of the visitor to whom this one belongs take more bytes than they may, with what was written so far.
    pub(super) async fn check_trip_bytes(&self, trip: TripId) -> Result<(), StoreError> {
        let connection = self.connection();
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), BYTES, [trip.0.into()]);
        let row = connection.query_one_raw(statement).await?;
        let bytes: i64 = row.map(|row| row.try_get("", "bytes")).transpose()?.unwrap_or(0);
        if bytes > MAX_BYTES { Err(StoreError::TooManyBytes) } else { Ok(()) }
    }
}
