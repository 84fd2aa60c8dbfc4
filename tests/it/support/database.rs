//! Databases of a test's own: a SQLite file in a folder that goes with it, or a PostgreSQL database that is dropped at the end.

use sea_orm::{ConnectionTrait, Database as Connection, Statement};
use tempfile::TempDir;
use uuid::Uuid;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// Both.
pub const BOTH: [Database; 2] = [Database::Sqlite, Database::Postgres];

/// A database that nobody else uses.
pub struct TestDatabase {
    pub url: String,
    folder: Option<TempDir>,
    postgres: Option<(String, String)>,
}

impl TestDatabase {
    /// Makes one. A test that needs PostgreSQL fails when there is none.
    pub async fn create(database: Database) -> Self {
        match database {
            Database::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("roteiro.sqlite").display());
                Self { url, folder: Some(folder), postgres: None }
            }
            Database::Postgres => {
                let server = variable("ROTEIRO_TEST_POSTGRES_URL");
                let name = format!(
                    "roteiro_{}",
                    Uuid::new_v5(
                        &Uuid::NAMESPACE_OID,
                        format!("{:?}", (std::process::id(), std::thread::current().id(), std::time::Instant::now())).as_bytes()
                    )
                    .simple()
                );
                let admin = Connection::connect(&server).await.expect("PostgreSQL must answer at ROTEIRO_TEST_POSTGRES_URL");
                admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
                admin.close().await.unwrap();
                let base = server.rsplit_once('/').unwrap().0.to_owned();
                Self { url: format!("{base}/{name}"), folder: None, postgres: Some((server, name)) }
            }
        }
    }

    /// The same database again, which goes with the one that was made first.
    pub fn again(&self) -> Self {
        Self { url: self.url.clone(), folder: None, postgres: None }
    }

    /// Runs statements by hand, as nobody should.
    pub async fn by_hand(&self, statements: &str) {
        let connection = Connection::connect(&self.url).await.unwrap();
        connection.execute_unprepared(statements).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Whether a question by hand has an answer.
    pub async fn has(&self, question: &str) -> bool {
        let connection = Connection::connect(&self.url).await.unwrap();
        let answer = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), question)).await.unwrap();
        connection.close().await.unwrap();
        answer.is_some()
    }

    /// Folder of a SQLite database.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.as_ref().expect("only SQLite has a folder").path()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some((server, name)) = self.postgres.take() else { return };
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let admin = Connection::connect(&server).await.unwrap();
                admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
            });
        })
        .join()
        .ok();
    }
}

/// A variable that `./test` sets.
#[expect(clippy::disallowed_methods, reason = "tests learn from the environment where the servers are")]
pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests with ./test"))
}
