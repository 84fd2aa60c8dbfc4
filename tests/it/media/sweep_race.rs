//! Images that come, or are published, while what nobody uses is removed. A gate before the storage stops one side in the middle of its
//! work, on purpose, so that each race has one outcome.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::TimeDelta;
use futures::StreamExt;
use futures::stream::BoxStream;
use migration::async_trait::async_trait;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, Result,
};
use roteiro::identity::rights::Role;
use roteiro::media::storage::MediaStorage;
use roteiro::store::Store;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Semaphore;

use super::pictures::jpeg;
use super::sending::CITY;
use crate::drafts::{Team, place};
use crate::support::database::{BOTH, Database, TestDatabase};
use crate::support::{TestServer, eventually, now};

/// A folder before which whoever has looked for a certain number of files, or is about to remove one, is stopped.
#[derive(Debug)]
struct Gate {
    folder: Arc<LocalFileSystem>,
    bar: Arc<Bar>,
}

#[derive(Debug)]
struct Bar {
    looks: AtomicUsize,
    /// The look after which one is stopped.
    stop_at_look: AtomicUsize,
    stop_removals: AtomicBool,
    stopped: AtomicUsize,
    go: Semaphore,
}

impl Bar {
    async fn stop(&self) {
        self.stopped.fetch_add(1, Ordering::SeqCst);
        self.go.acquire().await.unwrap().forget();
    }

    async fn somebody_stands(&self) {
        eventually("somebody stands before the gate", async || self.stopped.load(Ordering::SeqCst) == 1).await;
    }

    /// From now on nobody is stopped, and whoever was goes on.
    fn open(&self) {
        self.stop_removals.store(false, Ordering::SeqCst);
        self.go.add_permits(1);
    }

    /// Stops who has looked for so many files more.
    fn stop_after_looks(&self, looks: usize) {
        self.stop_at_look.store(self.looks.load(Ordering::SeqCst) + looks, Ordering::SeqCst);
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("gate")
    }
}

#[async_trait]
impl ObjectStore for Gate {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.folder.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(&self, location: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.folder.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let is_look = options.head;
        let found = self.folder.get_opts(location, options).await;
        if is_look && self.bar.looks.fetch_add(1, Ordering::SeqCst) + 1 == self.bar.stop_at_look.load(Ordering::SeqCst) {
            self.bar.stop().await;
        }
        found
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let bar = Arc::clone(&self.bar);
        let stopped = locations.then(move |location| {
            let bar = Arc::clone(&bar);
            async move {
                if bar.stop_removals.load(Ordering::SeqCst) {
                    bar.stop().await;
                }
                location
            }
        });
        self.folder.delete_stream(stopped.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.folder.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.folder.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.folder.copy_opts(from, to, options).await
    }
}

/// A server whose images are behind a gate, one of which nobody has used for a month; and what it looked like.
struct Scene {
    server: TestServer,
    bar: Arc<Bar>,
    image: Vec<u8>,
    sent: Value,
    editor: String,
    folder: TempDir,
}

impl Scene {
    async fn on(database: Database) -> Self {
        let database = TestDatabase::create(database).await;
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        roteiro::ingest::demo::load_first_time(&store, true, now()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let bar = Arc::new(Bar {
            looks: AtomicUsize::new(0),
            stop_at_look: AtomicUsize::new(usize::MAX),
            stop_removals: AtomicBool::new(false),
            stopped: AtomicUsize::new(0),
            go: Semaphore::new(0),
        });
        let gate = Gate { folder: Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap()), bar: Arc::clone(&bar) };
        let server = TestServer::with_media(database, store, Some(MediaStorage::over(Arc::new(gate)))).await;
        let (_, before) = server.account(Role::Editor, Some(CITY)).await;
        let image = jpeg(700, 500);
        let sent = server.send_image(&before, CITY, &image).await;
        server.clock.set(now() + TimeDelta::days(31));
        let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
        Self { server, bar, image, sent, editor, folder }
    }

    /// The image is the city's, and every file of it is there.
    async fn is_whole(&self, sent: &Value) {
        let mut addresses = vec![sent["url"].as_str().unwrap()];
        addresses.extend(sent["variants"].as_array().unwrap().iter().map(|variant| variant["url"].as_str().unwrap()));
        assert_eq!(addresses.len(), 3);
        for address in addresses {
            let answer = self.server.get(address, Some(&self.editor)).await;
            assert_eq!(answer.status().as_u16(), 200, "{address}");
            assert!(answer.bytes().await.unwrap().len() > 100);
        }
    }
}

#[tokio::test]
async fn an_image_that_comes_while_it_is_removed_is_kept() {
    for database in BOTH {
        let scene = Scene::on(database).await;
        let server = &scene.server;
        let address = server.address(&scene.editor, CITY, scene.image.len()).await;
        // Whoever sends it finds all three files there; then they are removed, with the row; then the sender goes on.
        scene.bar.stop_after_looks(3);
        let sending = server.put(&address, &scene.image);
        let sweeping = async {
            scene.bar.somebody_stands().await;
            let swept = server.sweep().run(server.clock.now()).await.unwrap();
            assert_eq!((swept.images.len(), swept.files), (1, 3));
            assert!(
                std::fs::read_dir(scene.folder.path())
                    .unwrap()
                    .all(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count() == 0)
            );
            scene.bar.open();
        };
        let (answer, ()) = tokio::join!(sending, sweeping);
        assert_eq!(answer.status().as_u16(), 200);
        let again: Value = answer.json().await.unwrap();
        assert_eq!(again["url"], scene.sent["url"]);
        assert_ne!(again["id"], scene.sent["id"]);
        scene.is_whole(&again).await;
        // It stays: somebody has it now.
        assert_eq!(server.sweep().run(server.clock.now()).await.unwrap().files, 0);
        scene.is_whole(&again).await;
    }
}

#[tokio::test]
async fn an_image_that_comes_while_a_file_of_it_is_being_removed_is_kept() {
    for database in BOTH {
        let scene = Scene::on(database).await;
        let server = &scene.server;
        let address = server.address(&scene.editor, CITY, scene.image.len()).await;
        // The row is gone, and the first file is about to go when the sender finds everything there.
        scene.bar.stop_removals.store(true, Ordering::SeqCst);
        let looks = scene.bar.looks.load(Ordering::SeqCst);
        let sweeper = server.sweep();
        let sweeping = sweeper.run(server.clock.now());
        let sending = async {
            scene.bar.somebody_stands().await;
            server.put(&address, &scene.image).await
        };
        let opening = async {
            eventually("the sender has looked", async || scene.bar.looks.load(Ordering::SeqCst) == looks + 3).await;
            scene.bar.open();
        };
        let (swept, answer, ()) = tokio::join!(sweeping, sending, opening);
        assert_eq!((swept.unwrap().images.len(), answer.status().as_u16()), (1, 200));
        let again: Value = answer.json().await.unwrap();
        server.sweep().run(server.clock.now()).await.unwrap();
        scene.is_whole(&again).await;
    }
}

#[tokio::test]
async fn what_is_used_after_it_was_looked_at_stays() {
    for database in BOTH {
        for way in ["sent again", "named in a draft", "published"] {
            let scene = Scene::on(database).await;
            let (server, url) = (&scene.server, scene.sent["url"].as_str().unwrap());
            let now = server.clock.now();
            let unused = server.sweep().unused(now).await.unwrap();
            assert_eq!(unused.len(), 1);
            match way {
                "sent again" => assert_eq!(server.send_image(&scene.editor, CITY, &scene.image).await, scene.sent),
                "named in a draft" => {
                    let mut content = place("museu");
                    content["images"] = json!([{
                        "url": url, "alternativeText": [{ "language": "pt-BR", "value": "x" }], "licence": "CC0-1.0", "credit": "x", "source": "x",
                    }]);
                    let team = Team { server, token: scene.editor.clone() };
                    team.step("createDraft", json!({ "city": CITY, "content": { "pointOfInterest": content } })).await;
                }
                _ => server.show(CITY, "mirante", url).await,
            }
            let removed = server.store.remove_unused_media(unused, now - TimeDelta::days(30), now).await.unwrap();
            assert_eq!(removed, [], "{way}");
            scene.is_whole(&scene.sent).await;
        }
    }
}

#[tokio::test]
async fn what_is_published_while_it_is_removed_is_published_whole_or_without_the_image() {
    // SQLite has one writer at a time.
    let scene = Scene::on(Database::Postgres).await;
    let (server, url) = (&scene.server, scene.sent["url"].as_str().unwrap());
    // The sweep has looked at everything and is about to delete the row, which somebody holds.
    let connection = sea_orm::Database::connect(&server.database.url).await.unwrap();
    let holding = connection.begin().await.unwrap();
    holding.execute_unprepared("SELECT id FROM media_asset FOR UPDATE").await.unwrap();
    let sweeper = server.sweep();
    let waiting = async |count: usize| {
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let rows = connection.query_all_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, waiting)).await.unwrap();
        rows.len() == count
    };
    let releasing = async {
        eventually("both wait", async || waiting(2).await).await;
        holding.rollback().await.unwrap();
    };
    let publishing = async {
        eventually("the sweep waits", async || waiting(1).await).await;
        server.show(CITY, "mirante", url).await;
    };
    let (swept, (), ()) = tokio::join!(sweeper.run(server.clock.now()), publishing, releasing);
    assert_eq!(swept.unwrap().images.len(), 1);
    let query = "{ pointOfInterest(by: { slug: \"mirante\" }) { images { url thumbhash } } }";
    let shown = server.ask(query, json!({})).await["pointOfInterest"]["images"].take();
    assert_eq!(shown, json!([{ "url": url, "thumbhash": null }]), "it is a mere reference, as to what was never there");
    assert_eq!(server.status(url, None).await, 404);
}
