//! Opening a store: which database, and what it may become.

use std::path::PathBuf;

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{ConnectionTrait, DbErr};

use super::connection::Pool as Readers;
use super::files::private_database;
use super::health::WriteHealth;
use super::pool::{self, Pool};
use super::turns::{BUSY, Connection};
use crate::domain::ids::RecordId;

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address is neither `sqlite:` nor `postgres:`.
    #[error("the database address must begin with sqlite: or postgres:")]
    Address,
    /// The address begins well and cannot be read; it is not told, for it may hold a password.
    #[error("the database address cannot be read: it must look like postgres://user@host:5432/name")]
    UnreadableAddress,
    /// The database cannot be opened.
    #[error("{name} cannot be opened")]
    Unreachable {
        /// Its address without a password.
        name: String,
        /// Why.
        source: DbErr,
    },
    /// There is no store where one should be read.
    #[error("there is no store at {name}; `roteiro migrate` makes an empty one, `roteiro serve` one with the demo")]
    Absent {
        /// Its address without a password.
        name: String,
    },
    /// The schema of a store that should be read is older than this program.
    #[error("the store at {name} is {steps} step(s) behind this program; `roteiro migrate` brings it up to date")]
    Behind {
        /// Its address without a password.
        name: String,
        /// Steps of the schema that are missing.
        steps: usize,
    },
    /// The schema of a store is newer than this program.
    #[error("the store at {name} was made by a newer version of this program")]
    Ahead {
        /// Its address without a password.
        name: String,
    },
    /// The database refused or did not answer.
    #[error("the database failed")]
    Database(#[source] DbErr),
    /// A commit failed, or could not be proved: nobody knows whether it was written.
    #[error("nobody knows whether the database committed")]
    Commit(#[source] DbErr),
    /// A statement failed before the commit, so nothing was written.
    #[error("a statement of the transaction had failed, and nothing was written")]
    Spoiled,
    /// A file of the store cannot be opened or written.
    #[error("{} cannot be opened", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Other users of the machine can read what they must not, and that cannot be changed.
    #[error("other users of this machine can read {}, and its mode cannot be changed", .path.display())]
    Exposed {
        /// Which file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A log of writes without its database.
    #[error("{} is there without {}: put the database back beside it, or move it away", .log.display(), .database.display())]
    Orphan {
        /// The database that is missing.
        database: PathBuf,
        /// The log that is there.
        log: PathBuf,
    },
    /// Too many wait for it, and the client that asked has the most of them.
    #[error("too much is asked of the database at once; ask again in a moment")]
    Busy,
    /// The trips of a visitor would take more bytes than they may; nothing was written.
    #[error("your trips take 20 MB: delete some first")]
    TooManyBytes,
    /// A thread that reads rows, or a task that writes them, died.
    #[error("the rows could not be read or written")]
    Thread,
    /// Two records of one type want the same slug.
    #[error("the slug `{slug}` already belongs to another record")]
    SlugTaken {
        /// The slug.
        slug: Box<str>,
        /// Who has it.
        owner: RecordId,
    },
}

impl StoreError {
    /// Whether what failed may have been written all the same.
    pub const fn is_outcome_unknown(&self) -> bool {
        matches!(self, Self::Commit(_))
    }

    /// Whether what is kept of a client takes as much as it may.
    pub const fn is_full(&self) -> bool {
        matches!(self, Self::TooManyBytes)
    }

    /// Whether it is the client's own share that is used up, and not the database that is away.
    pub const fn is_busy(&self) -> bool {
        matches!(self, Self::Busy)
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Custom(text) if text == BUSY => Self::Busy,
            other => Self::Database(other),
        }
    }
}

/// What may be done with a store that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is only read, and must be there.
    Read,
    /// It is read and written, and must be there.
    Write,
    /// The same; a file that is missing is made.
    Create,
}

/// An open database.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) connection: Connection,
    /// The same connections, for writing.
    pub(super) pool: Pool,
    pub(super) health: WriteHealth,
    name: String,
}

impl Store {
    /// Opens `sqlite:FILE` (made when missing) or `postgres://…`, without migrating.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_for(url, Access::Create).await
    }

    /// Opens `sqlite:FILE` or `postgres://…`, without migrating.
    pub async fn open_for(url: &str, access: Access) -> Result<Self, StoreError> {
        Self::open_at(Location::parse(url)?, access).await
    }

    pub(super) async fn open_at(location: Location, access: Access) -> Result<Self, StoreError> {
        let name = location.name();
        let address = match &location {
            Location::Sqlite(_) => None,
            Location::Postgres(options) => Some(PgConnectOptions::clone(options)),
        };
        let opened = match location {
            Location::Sqlite(options) => {
                let file = options.get_filename();
                if access == Access::Create {
                    private_database(file)?;
                } else if !file.is_file() {
                    return Err(StoreError::Absent { name });
                }
                Pool::sqlite(*options, access).await
            }
            Location::Postgres(options) => Pool::postgres(*options).await,
        };
        match opened {
            Ok(pool) => {
                let connection = match address {
                    Some(address) => Readers::of_postgres(pool.connection(), address),
                    None => Readers::of_sqlite(pool.connection()),
                };
                let connection = Connection::new(connection, pool::CONNECTIONS, pool::ACQUIRE_TIMEOUT);
                Ok(Self { connection, pool, health: WriteHealth::default(), name })
            }
            Err(source) => Err(StoreError::Unreachable { name, source }),
        }
    }

    /// Its address, without a password.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Folds SQLite's log of writes into its file, so that the file alone is whole; PostgreSQL has no such file. Whoever reads at the
    /// moment may hold up a part of it, which the next one does.
    pub async fn fold_log(&self) {
        if self.is_sqlite() {
            drop(self.connection.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await);
        }
    }

    /// Closes all connections. The last one folds SQLite's log of writes into the file.
    pub async fn close(self) {
        self.fold_log().await;
        // A pool that cannot be closed is dropped with the process; there is nobody to tell.
        let _ = self.connection.connections.clone().close().await;
    }

    pub(super) fn is_sqlite(&self) -> bool {
        matches!(self.pool, Pool::Sqlite(_))
    }
}

/// Where a database is.
pub(super) enum Location {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

impl Location {
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            let options = url.parse().map_err(|error: sea_orm::sqlx::Error| DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))?;
            Ok(Self::Sqlite(Box::new(options)))
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = url.parse().map_err(|_| StoreError::UnreadableAddress)?;
            Ok(Self::Postgres(Box::new(options)))
        } else {
            Err(StoreError::Address)
        }
    }

    /// The address for people: without a password.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Sqlite(options) => options.get_filename().display().to_string(),
            Self::Postgres(options) => {
                let server = options.get_socket().map_or_else(|| options.get_host().to_owned(), |socket| socket.display().to_string());
                let database = options.get_database().unwrap_or_else(|| options.get_username());
                format!("postgres://{}@{server}:{}/{database}", options.get_username(), options.get_port())
            }
        }
    }
}
