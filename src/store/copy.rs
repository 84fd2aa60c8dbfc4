//! A whole store from one database into another, of either kind, row by row, and the proof that both hold the same.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use entity::change_counter;
use futures::TryStreamExt;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, Iterable, ModelTrait, QuerySelect, StreamTrait, Value,
};
use sha2::{Digest, Sha256};

use super::connect::{Store, StoreError};
use super::write::{ROWS_PER_STATEMENT, WriteTransaction};

/// Why a store cannot be copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Rows are there already, and nothing is overwritten.
    #[error("the target holds rows already, in the table {0}: copy into an empty database")]
    NotEmpty(&'static str),
    /// A table cannot be copied.
    #[error("the table {table} cannot be copied")]
    Table {
        /// Which.
        table: &'static str,
        /// Why.
        source: StoreError,
    },
    /// Both were read again, and they differ.
    #[error("the table {0} is not the same in both: do not use the target")]
    Differs(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Rows of all tables.
    pub rows: usize,
    /// SHA-256 over the rows of all tables, the same for both databases, in hexadecimal.
    pub digest: String,
}

/// Runs `$work` for each table of the store, as the entity `Table`, with its name.
macro_rules! for_each_table {
    ($($table:ident)+) => {
        /// The tables of a store, all of them.
        pub const TABLES: &[&str] = &[$(stringify!($table)),+];

        async fn fail_unless_empty(target: &Store) -> Result<(), CopyError> {
            $(
                let is_empty = entity::$table::Entity::find().limit(1).all(&target.connection).await.map_err(StoreError::from)?.is_empty();
                // The counter is there from the beginning.
                if !is_empty && stringify!($table) != "change_counter" {
                    return Err(CopyError::NotEmpty(stringify!($table)));
                }
            )+
            Ok(())
        }

        async fn copy_tables<S: ConnectionTrait + StreamTrait>(source: &S, target: &WriteTransaction) -> Result<(), CopyError> {
            $(copy_table::<entity::$table::Entity, S>(source, target).await.map_err(|source| CopyError::Table { table: stringify!($table), source })?;)+
            Ok(())
        }

        /// The digests of the tables, in their order.
        async fn digests<S: ConnectionTrait + StreamTrait>(store: &S) -> Result<Vec<TableDigest>, CopyError> {
            let mut digests = Vec::new();
            $(digests.push(digest_of::<entity::$table::Entity, S>(store).await.map_err(|source| CopyError::Table { table: stringify!($table), source })?);)+
            Ok(digests)
        }
    };
}

for_each_table! {
    account account_grant account_identity account_session api_key audit category category_text change change_counter city city_text
    clock_watch draft event event_text invitation job link media media_asset media_removal municipality pending_sign_in point_of_interest
    point_of_interest_text redirect revision route route_stop route_text sealing server_secret session sign_in_attempt signing_key suggestion transfer_code trip
    trip_share trip_version
}

/// Number of rows, and SHA-256 over them.
type TableDigest = (usize, [u8; 32]);

/// Copies all rows of one moment of `source` into `target`, which is up to date and empty, and reads both again. Nobody else prepares
/// or fills the target meanwhile.
pub async fn copy(source: &Store, target: &Store, at: DateTime<Utc>) -> Result<Copied, CopyError> {
    source.must_be_current().await?;
    target.must_be_current().await?;
    let lock = target.hold_for_preparation().await?;
    let copied = copy_held(source, target, at).await;
    lock.release().await;
    copied
}

async fn copy_held(source: &Store, target: &Store, at: DateTime<Utc>) -> Result<Copied, CopyError> {
    fail_unless_empty(target).await?;
    let moment = source.moment().await?;
    let transaction = target.begin(at).await?;
    change_counter::Entity::delete_many().exec(transaction.connection()).await.map_err(StoreError::from)?;
    copy_tables(&moment, &transaction).await?;
    transaction.go_on_numbering().await?;
    transaction.commit_unlogged().await?;
    let here = digests(&moment).await?;
    let copy = target.moment().await?;
    let there = digests(&copy).await?;
    let mut whole = Sha256::new();
    let mut rows = 0;
    for ((table, here), there) in TABLES.iter().copied().zip(here).zip(there) {
        if here != there {
            return Err(CopyError::Differs(table));
        }
        rows += here.0;
        whole.update(here.1);
    }
    let digest = whole.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    Ok(Copied { rows, digest })
}

async fn copy_table<E, S>(source: &S, target: &WriteTransaction) -> Result<(), StoreError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
    S: ConnectionTrait + StreamTrait,
{
    let mut rows = E::find().stream(source).await?;
    let mut batch = Vec::with_capacity(ROWS_PER_STATEMENT);
    while let Some(row) = rows.try_next().await? {
        batch.push(row);
        if batch.len() == ROWS_PER_STATEMENT {
            target.insert::<E, _>(std::mem::take(&mut batch)).await?;
        }
    }
    target.insert::<E, _>(batch).await
}

/// The same for the same rows, in whatever order and from whichever database.
async fn digest_of<E: EntityTrait, S: ConnectionTrait + StreamTrait>(source: &S) -> Result<TableDigest, StoreError> {
    let mut stream = E::find().stream(source).await?;
    let mut rows: Vec<[u8; 32]> = Vec::new();
    while let Some(row) = stream.try_next().await? {
        let mut digest = Sha256::new();
        for column in E::Column::iter() {
            let text = written(row.get(column));
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        }
        rows.push(digest.finalize().into());
    }
    rows.sort_unstable();
    let mut digest = Sha256::new();
    for row in &rows {
        digest.update(row);
    }
    Ok((rows.len(), digest.finalize().into()))
}

/// A value in a form that is the same from both databases: instants to the microsecond, which is all that PostgreSQL keeps; members of
/// JSON objects in order, for it keeps none.
fn written(value: Value) -> String {
    match value {
        Value::ChronoDateTimeUtc(Some(instant)) => instant.timestamp_micros().to_string(),
        Value::Json(Some(json)) => sorted(&json),
        other => format!("{other:?}"),
    }
}

fn sorted(json: &serde_json::Value) -> String {
    match json {
        serde_json::Value::Array(items) => format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(",")),
        serde_json::Value::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|(name, value)| format!("{name:?}:{}", sorted(value))).collect();
            members.sort_unstable();
            format!("{{{}}}", members.join(","))
        }
        // PostgreSQL knows no negative zero.
        serde_json::Value::Number(number) if number.as_f64() == Some(0.0) => "0".to_owned(),
        other => other.to_string(),
    }
}

impl WriteTransaction {
    /// Lets PostgreSQL go on after the numbers that were copied; SQLite does by itself.
    async fn go_on_numbering(&self) -> Result<(), StoreError> {
        if ConnectionTrait::get_database_backend(self.connection()) == DbBackend::Postgres {
            let next = "SELECT setval(pg_get_serial_sequence('audit', 'number'), GREATEST((SELECT MAX(number) FROM audit), 1))";
            self.connection().execute_unprepared(next).await?;
        }
        Ok(())
    }
}
