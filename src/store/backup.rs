//! A store of SQLite as one file, and back. The file is whole whatever is written meanwhile, and is looked at before anybody relies on
//! it. PostgreSQL has its own tools.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sea_orm::sqlx::{query, query_scalar};
use sea_orm::{DbErr, RuntimeErr};

use super::connect::{Access, Location, Store, StoreError};
use super::files::{beside, private_file};
use super::pool::Pool;

/// Why a store cannot be backed up or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store is in PostgreSQL.
    #[error("{name} is PostgreSQL: back it up with pg_dump --format=custom, restore it with pg_restore")]
    Postgres {
        /// Its address without a password.
        name: String,
    },
    /// Something is there already, and nothing is overwritten.
    #[error("{} is there already: move it away first", .0.display())]
    Exists(PathBuf),
    /// There is no backup where one should be read.
    #[error("there is no backup at {}", .0.display())]
    Missing(PathBuf),
    /// The name of a file is no text.
    #[error("{} has a name that SQLite cannot take", .0.display())]
    Name(PathBuf),
    /// A file is no database, or a damaged one.
    #[error("{} is damaged or no database of SQLite: {finding}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite found.
        finding: String,
    },
    /// A database is not ours.
    #[error("{} holds no store of Roteiro; was it copied without its -wal file?", .0.display())]
    Foreign(PathBuf),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file could not be brought to the disk.
    #[error("{} could not be brought to the disk", .path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Store {
    /// Writes the whole store of this moment into a new file that its owner alone may read.
    pub async fn back_up(&self, file: &Path) -> Result<(), BackupError> {
        let Pool::Sqlite(pool) = &self.pool else { return Err(BackupError::Postgres { name: self.name().to_owned() }) };
        copy_whole(pool, file).await
    }
}

/// Makes the store at `url`, a file of SQLite that must not be there yet, from a backup.
pub async fn restore(backup: &Path, url: &str) -> Result<(), BackupError> {
    let target = match Location::parse(url)? {
        Location::Sqlite(options) => options.get_filename().to_owned(),
        location @ Location::Postgres(_) => return Err(BackupError::Postgres { name: location.name() }),
    };
    // A process that starts now waits until the store is whole.
    let lock = private_file(&beside(&target, ".lock"), false)?;
    lock.lock().map_err(|source| StoreError::File { path: target.clone(), source })?;
    // A log of other writes would be taken for the restored store's.
    for taken in [target.clone(), beside(&target, "-wal"), beside(&target, "-shm")] {
        if taken.exists() {
            return Err(BackupError::Exists(taken));
        }
    }
    if !backup.is_file() {
        return Err(BackupError::Missing(backup.to_owned()));
    }
    verify(backup).await?;
    let source = open(backup).await?;
    let Pool::Sqlite(pool) = &source.pool else { return Err(BackupError::Foreign(backup.to_owned())) };
    let copied = copy_whole(pool, &target).await;
    source.close().await;
    copied
}

/// Copies by `VACUUM INTO`, which reads one moment of the database (<https://www.sqlite.org/lang_vacuum.html#vacuuminto>), and looks at
/// the copy.
async fn copy_whole(pool: &SqlitePool, file: &Path) -> Result<(), BackupError> {
    let name = file.to_str().ok_or_else(|| BackupError::Name(file.to_owned()))?;
    match private_file(file, true) {
        Ok(_) => {}
        Err(StoreError::File { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {
            return Err(BackupError::Exists(file.to_owned()));
        }
        Err(error) => return Err(error.into()),
    }
    let written = query("VACUUM INTO ?").bind(name).execute(pool).await.map_err(failed);
    let outcome = match written {
        Ok(_) => match verify(file).await {
            Ok(()) => to_disk(file).map_err(|source| BackupError::Disk { path: file.to_owned(), source }),
            Err(error) => Err(error),
        },
        Err(error) => Err(error.into()),
    };
    if outcome.is_err() {
        // Half a backup is none; when it cannot be removed either, the error tells enough.
        drop(std::fs::remove_file(file));
    }
    outcome
}

/// Fails unless the file is a sound database that holds a store this program knows, of whatever earlier version.
async fn verify(file: &Path) -> Result<(), BackupError> {
    let damaged = |finding: String| BackupError::Damaged { path: file.to_owned(), finding };
    let store = open(file).await?;
    let Pool::Sqlite(pool) = &store.pool else { return Err(BackupError::Foreign(file.to_owned())) };
    let findings = query_scalar::<_, String>("PRAGMA integrity_check").fetch_all(pool).await;
    let findings = findings.map_err(|error| damaged(error.to_string()))?;
    if findings != ["ok"] {
        return Err(damaged(findings.join("; ")));
    }
    let known = store.missing_steps().await;
    store.close().await;
    match known {
        Ok(_) => Ok(()),
        Err(StoreError::Absent { .. }) => Err(BackupError::Foreign(file.to_owned())),
        Err(error) => Err(error.into()),
    }
}

async fn open(file: &Path) -> Result<Store, BackupError> {
    let options = SqliteConnectOptions::new().filename(file);
    Store::open_at(Location::Sqlite(Box::new(options)), Access::Read).await.map_err(|error| match error {
        StoreError::Unreachable { source, .. } => BackupError::Damaged { path: file.to_owned(), finding: source.to_string() },
        other => other.into(),
    })
}

/// Waits until the file and its name are on the disk: `VACUUM INTO` does not.
fn to_disk(file: &Path) -> std::io::Result<()> {
    File::open(file)?.sync_all()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn failed(error: sea_orm::sqlx::Error) -> StoreError {
    StoreError::Database(DbErr::Exec(RuntimeErr::SqlxError(error.into())))
}
