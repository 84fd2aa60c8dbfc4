//! Images in a bucket of a server that speaks S3 and was written by others (moto).

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use chrono::TimeDelta;
use roteiro::identity::rights::Role;
use roteiro::media::storage::{BucketAccess, MediaStorage};
use roteiro::store::Store;

use super::pictures::jpeg;
use super::sending::{CITY, refused};
use crate::support::database::{Database, TestDatabase};
use crate::support::{TestServer, eventually, now};

/// The server, installed once.
fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto-1");
    let lock = std::fs::File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if folder.join("ready").exists() {
        return folder;
    }
    drop(std::fs::remove_dir_all(&folder));
    let pip = ["-m", "pip", "install", "--quiet", "-r", "tests/oracle/s3/requirements.txt", "--target"];
    let output = Command::new("python3").args(pip).arg(&folder).output().expect("moto needs `python3` with `pip`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::write(folder.join("ready"), "").unwrap();
    folder
}

/// A running server, which ends with the test.
struct Moto {
    process: Child,
    endpoint: String,
}

impl Moto {
    async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new("python3")
            .args(["-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", &port.to_string()])
            .env("PYTHONPATH", installed())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Self { process, endpoint: format!("http://127.0.0.1:{port}") };
        let bucket = format!("{}/photos", moto.endpoint);
        eventually("the bucket is there", async || {
            reqwest::Client::new().put(&bucket).send().await.is_ok_and(|made| made.status().is_success())
        })
        .await;
        moto
    }

    async fn listing(&self) -> String {
        reqwest::get(format!("{}/photos?list-type=2", self.endpoint)).await.unwrap().text().await.unwrap()
    }

    fn storage(&self, url: &str) -> MediaStorage {
        let access = BucketAccess {
            endpoint: Some(self.endpoint.clone()),
            region: Some("us-east-1".to_owned()),
            access_key_id: Some("name".to_owned()),
            secret_access_key: Some("key".to_owned()),
            session_token: None,
        };
        MediaStorage::bucket(url, access).unwrap()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[tokio::test]
async fn images_are_kept_in_a_bucket() {
    let moto = Moto::start().await;
    let database = TestDatabase::create(Database::Sqlite).await;
    let store = Store::open(&database.url).await.unwrap();
    store.migrate().await.unwrap();
    roteiro::ingest::demo::load_first_time(&store, true, now()).await.unwrap();
    let server = TestServer::with_media(database, store, Some(moto.storage("s3://photos/roteiro/media"))).await;
    let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
    let image = jpeg(700, 500);
    let sent = server.send_image(&editor, CITY, &image).await;
    // Twice is once.
    assert_eq!(server.send_image(&editor, CITY, &image).await, sent);
    let listing = moto.listing().await;
    assert_eq!(listing.matches("<Key>roteiro/media/").count(), 3, "{listing}");
    for (path, least) in [(&sent["url"], 5_000), (&sent["variants"][1]["url"], 1_000)] {
        let answer = server.client.get(server.url(path.as_str().unwrap())).bearer_auth(&editor).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        assert!(answer.bytes().await.unwrap().len() > least);
    }
    // What nobody uses goes from there too.
    server.database.by_hand("UPDATE media_asset SET published_at = uploaded_at").await;
    server.send_image(&editor, CITY, &jpeg(400, 300)).await;
    assert_eq!(moto.listing().await.matches("<Key>roteiro/media/").count(), 5);
    let swept = server.sweep().run(now() + TimeDelta::days(31)).await.unwrap();
    assert_eq!((swept.images.len(), swept.files), (1, 2));
    assert_eq!(moto.listing().await, listing);
    drop(moto);
    let away = server.client.get(server.url(sent["url"].as_str().unwrap())).bearer_auth(&editor).send().await.unwrap();
    assert_eq!(refused(away).await, (503, "UNAVAILABLE".to_owned()));
}

#[test]
fn an_address_that_is_none_is_refused() {
    for url in ["s3:photos", "s3://", "s3:///prefix", "https://photos"] {
        assert!(MediaStorage::bucket(url, BucketAccess::default()).is_err(), "{url}");
    }
}
