//! Images that nobody uses are removed, once, and no others.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use roteiro::identity::rights::Role;
use roteiro::media::sweep::Sweep;
use roteiro::store::Store;
use roteiro::supervise::Stop;
use serde_json::{Value, json};

use super::pictures::jpeg;
use super::sending::CITY;
use crate::drafts::{Team, place};
use crate::support::city_file::file;
use crate::support::database::BOTH;
use crate::support::program::{Served, roteiro};
use crate::support::{TestServer, eventually, now};

const LIST: &str = "query($city: String!) { mediaAssets(city: $city, first: 100) { nodes { url } } }";

impl TestServer {
    /// What the server does once a day.
    pub fn sweep(&self) -> Sweep {
        Sweep::new(self.store.clone(), self.storage.clone(), TimeDelta::days(30))
    }

    /// A month goes by. Tokens do not last so long.
    async fn a_month_later(&self, city: &str) -> (DateTime<Utc>, String) {
        self.clock.set(now() + TimeDelta::days(31));
        (self.clock.now(), self.account(Role::Editor, Some(city)).await.1)
    }

    async fn images(&self, token: &str, city: &str) -> BTreeSet<String> {
        let nodes = self.ask_as(token, LIST, json!({ "city": city })).await["mediaAssets"]["nodes"].take();
        nodes.as_array().unwrap().iter().map(|node| node["url"].as_str().unwrap().to_owned()).collect()
    }
}

fn url(sent: &Value) -> String {
    sent["url"].as_str().unwrap().to_owned()
}

/// The digest of an address, under which its bytes are.
fn digest(url: &str) -> &str {
    &url["/media/".len()..][..64]
}

fn image(url: &str) -> Value {
    json!([{ "url": url, "alternativeText": [{ "language": "pt-BR", "value": "O museu" }], "licence": "CC0-1.0", "credit": "S", "source": "S" }])
}

#[tokio::test]
async fn what_nobody_uses_goes_after_a_month_and_nothing_else_does() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let city = "cuiaba";
        let send = async |side: u32| url(&server.send_image(&team.token, city, &jpeg(side, 400)).await);
        let (unused, drafted, revised, published, imported) =
            (send(400).await, send(401).await, send(402).await, send(403).await, send(404).await);
        let (again, elsewhere, whole) = (send(405).await, send(406).await, send(407).await);
        // In a draft; in a revision that the draft has left behind; under its whole address, which is as good as its path here.
        let mut content = place("rascunho");
        content["images"] = image(&drafted);
        team.step("createDraft", json!({ "city": city, "content": { "pointOfInterest": content } })).await;
        // Its revisions may be cleared away one day.
        server.database.by_hand("DELETE FROM revision WHERE draft_id IN (SELECT id FROM draft WHERE slug = 'rascunho')").await;
        content = place("revisto");
        content["images"] = image(&revised);
        let draft = team.step("createDraft", json!({ "city": city, "content": { "pointOfInterest": content } })).await;
        team.on("updateDraft", &draft, json!({ "content": { "pointOfInterest": { "images": null } } })).await;
        content = place("inteiro");
        content["images"] = image(&format!("https://roteiro.example{whole}"));
        team.step("createDraft", json!({ "city": city, "content": { "pointOfInterest": content } })).await;
        // Published once, and not any more, by an editor and by an import, which leaves no revision.
        content = place("publicado");
        content["images"] = image(&published);
        let draft = team.publish(&team.step("createDraft", json!({ "city": city, "content": { "pointOfInterest": content } })).await).await;
        team.on("unpublish", &draft, json!({ "reason": "fechado" })).await;
        server.show(city, "mirante", &imported).await;
        server.import(&file(&format!("media-{city}"), city, &[], &[], &[])).await;
        server.database.by_hand("DELETE FROM media").await;
        // Another city has the same bytes, and names them in a draft.
        let (_, admin) = server.account(Role::Admin, None).await;
        let everywhere = Team { server: &server, token: admin };
        server.send_image(&everywhere.token, CITY, &jpeg(406, 400)).await;
        content = place("de-outra-cidade");
        content["images"] = image(&elsewhere);
        everywhere.step("createDraft", json!({ "city": CITY, "content": { "pointOfInterest": content } })).await;
        let all = server.images(&team.token, city).await;
        assert_eq!(all.len(), 8);

        server.clock.set(now() + TimeDelta::days(30));
        assert_eq!(server.sweep().run(server.clock.now()).await.unwrap().images, [], "a month is not over");
        let (later, editor) = server.a_month_later(city).await;
        assert_eq!(url(&server.send_image(&editor, city, &jpeg(405, 400)).await), again);
        let recent = url(&server.send_image(&editor, city, &jpeg(408, 400)).await);
        let would: Vec<String> = server.sweep().unused(later).await.unwrap().iter().map(|image| image.address().to_string()).collect();
        assert_eq!(would, std::slice::from_ref(&unused));
        assert!(server.files().contains(digest(&unused)), "asking removes nothing");
        let files = server.files().len();

        let swept = server.sweep().run(later).await.unwrap();
        // The original, and itself in the width of 320.
        assert_eq!((swept.images.len(), swept.files), (1, 2));
        assert_eq!(server.files().len(), files - 2);
        let mut left = all.clone();
        left.remove(&unused);
        left.insert(recent);
        assert_eq!(server.images(&editor, city).await, left);
        assert_eq!(server.status(&unused, Some(&editor)).await, 404);
        for url in &left {
            assert_eq!(server.get(url, Some(&editor)).await.bytes().await.unwrap().len(), server.length_of(url));
        }
        let nothing = server.sweep().run(later).await.unwrap();
        assert_eq!((nothing.images.len(), nothing.files), (0, 0));
        // What was removed may come again.
        assert_eq!(url(&server.send_image(&editor, city, &jpeg(400, 400)).await), unused);
        assert_eq!(server.status(&unused, Some(&editor)).await, 200);
    }
}

impl TestServer {
    /// How long the file of an original is.
    fn length_of(&self, url: &str) -> usize {
        let digest = digest(url);
        std::fs::metadata(self.media_folder.path().join(&digest[..2]).join(digest)).unwrap().len() as usize
    }
}

#[tokio::test]
async fn bytes_that_another_image_has_stay_while_one_is_in_use() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, here) = server.account(Role::Editor, Some(CITY)).await;
        let (_, there) = server.account(Role::Editor, Some("cuiaba")).await;
        let shared = jpeg(400, 300);
        let sent = server.send_image(&here, CITY, &shared).await;
        server.send_image(&there, "cuiaba", &shared).await;
        // Another original with the very same picture in it: its smaller ones are the same files.
        let [first, rest @ ..] = shared.as_slice() else { unreachable!() };
        let remark = [&[*first, rest[0]][..], b"\xFF\xE0\x00\x10JFIF\0\x01\x01\0\0\x02\0\x02\0\0", &rest[1..]].concat();
        let twin = server.send_image(&here, CITY, &remark).await;
        let variant = |sent: &Value| sent["variants"][0]["url"].as_str().unwrap().to_owned();
        let files = server.files();
        assert_eq!((files.len(), url(&sent) == url(&twin)), (3, false), "two originals, one smaller: {files:?}");
        let mut content = place("museu");
        content["images"] = image(&url(&sent));
        let team = Team::of(&server).await;
        team.step("createDraft", json!({ "city": "cuiaba", "content": { "pointOfInterest": content } })).await;
        // Named in one city, the picture stays in both; the twin goes alone.
        let (later, _) = server.a_month_later("cuiaba").await;
        let swept = server.sweep().run(later).await.unwrap();
        assert_eq!((swept.images.len(), swept.files), (1, 1));
        assert_eq!(swept.images[0].address().to_string(), url(&twin));
        server.database.by_hand("DELETE FROM revision; DELETE FROM draft; UPDATE media_asset SET published_at = uploaded_at WHERE city_id IN (SELECT id FROM city WHERE slug = 'cuiaba')").await;
        let swept = server.sweep().run(later).await.unwrap();
        assert_eq!((swept.images.len(), swept.files), (1, 0), "one city lets go, and the other has published it");
        let (_, editor) = server.account(Role::Editor, Some("cuiaba")).await;
        for url in [url(&sent), variant(&sent)] {
            assert_eq!(server.status(&url, Some(&editor)).await, 200);
        }
        server.database.by_hand("UPDATE media_asset SET published_at = NULL").await;
        let swept = server.sweep().run(later).await.unwrap();
        assert_eq!((swept.images.len(), swept.files), (1, 2));
        assert_eq!(server.files(), BTreeSet::new());
    }
}

#[tokio::test]
async fn a_process_that_died_between_the_row_and_the_bytes_leaves_them_to_the_next() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
        server.send_image(&editor, CITY, &jpeg(400, 300)).await;
        let (later, _) = server.a_month_later(CITY).await;
        let unused = server.sweep().unused(later).await.unwrap();
        assert_eq!(server.store.remove_unused_media(unused, later - TimeDelta::days(30), later).await.unwrap().len(), 1);
        assert_eq!(server.files().len(), 2, "here it died");
        assert_eq!(server.sweep().run(later + TimeDelta::days(1)).await.unwrap().files, 2);
        assert_eq!(server.files(), BTreeSet::new());
        // In a while it is forgotten that they ever were.
        server.sweep().run(later + TimeDelta::days(3)).await.unwrap();
        let store = Store::open(&server.database.url).await.unwrap();
        assert_eq!(store.media_removals().await.unwrap(), []);
    }
}

#[tokio::test]
async fn one_of_the_processes_sweeps_once_a_day() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let mut sweeps = Vec::new();
        for _ in 0..3 {
            let store = Store::open(&server.database.url).await.unwrap();
            sweeps.push(Sweep::new(store, server.storage.clone(), TimeDelta::days(30)));
        }
        let turns = async || {
            let (clock, stop) = (&server.clock, &Stop::never());
            let when_due = |sweep: usize| sweeps[sweep].when_due(clock, stop);
            let (one, two, three) = tokio::join!(when_due(0), when_due(1), when_due(2));
            [one, two, three].into_iter().filter(|swept| swept.as_ref().unwrap().is_some()).count()
        };
        for (hours, expected) in [(0, 1), (1, 0), (23, 0), (24, 1), (25, 0), (49, 1)] {
            server.clock.set(now() + TimeDelta::hours(hours));
            assert_eq!(Box::pin(turns()).await, expected, "after {hours} hours");
        }
        // Whoever began and died is replaced within the day; a clock that was set far back stops nobody for ever.
        server.database.by_hand("UPDATE job SET done_at = NULL").await;
        for (minutes, expected) in [(49 * 60 + 59, 0), (50 * 60, 1), (50 * 60 + 59, 0), (0, 1)] {
            server.clock.set(now() + TimeDelta::minutes(minutes));
            assert_eq!(Box::pin(turns()).await, expected, "after {minutes} minutes");
        }
    }
}

#[tokio::test]
async fn the_server_sweeps_when_it_runs_and_the_command_whenever_it_is_told() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
        let (old, older) =
            (url(&server.send_image(&editor, CITY, &jpeg(40, 30)).await), url(&server.send_image(&editor, CITY, &jpeg(41, 30)).await));
        let age = async |url: &str, days: i64| {
            let at = (roteiro::clock::Clock::System.now() - TimeDelta::days(days)).to_rfc3339();
            server.database.by_hand(&format!("UPDATE media_asset SET uploaded_at = '{at}' WHERE sha256 = '{}'", digest(url))).await;
        };
        age(&old, 20).await;
        age(&older, 29).await;
        let folder = server.media_folder.path().to_str().unwrap();
        let sweep = |more: &[&str]| {
            let output =
                roteiro(&["media", "sweep", "--database-url", &server.database.url, "--media-url", folder]).args(more).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        assert_eq!(sweep(&[]), "0 images were removed\n");
        let would = sweep(&["--dry-run", "--media-unused-days", "25"]);
        assert!(would.starts_with(&format!("{older} of ")) && would.ends_with("bytes\n1 images would be removed\n"), "{would}");
        assert_eq!(server.files().len(), 2);
        assert!(sweep(&["--media-unused-days", "25"]).ends_with("1 images were removed\n"));
        assert_eq!(server.files(), BTreeSet::from([digest(&old).to_owned()]));
        // Thirty days unless somebody says otherwise. A process that starts is the one whose turn it is.
        age(&old, 31).await;
        let data = tempfile::tempdir().unwrap();
        let _process = Served::start(data.path(), &["--database-url", &server.database.url, "--media-url", folder]);
        eventually("the image is gone", async || server.files().is_empty()).await;
        assert_eq!(server.images(&editor, CITY).await, BTreeSet::new());
    }
}

#[tokio::test]
async fn images_that_were_published_before_anybody_noted_it_stay() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
        let (shown, unused) =
            (url(&server.send_image(&editor, CITY, &jpeg(40, 30)).await), url(&server.send_image(&editor, CITY, &jpeg(41, 30)).await));
        server.show(CITY, "mirante", &shown).await;
        // The store as the version before had it, brought up to date.
        let down =
            "DROP TABLE job; DROP TABLE media_removal; DROP INDEX media_asset_account; ALTER TABLE media_asset DROP COLUMN published_at;
            ALTER TABLE media_asset DROP COLUMN sent_again_at; DELETE FROM seaql_migrations WHERE version = 'm20261125_000012_images'";
        server.database.by_hand(down).await;
        // A connection that was open before may still believe the old schema.
        Store::open(&server.database.url).await.unwrap().migrate().await.unwrap();
        server.import(&file(&format!("media-{CITY}"), CITY, &[], &[], &[])).await;
        server.database.by_hand("DELETE FROM media").await;
        let (later, _) = server.a_month_later(CITY).await;
        let swept = server.sweep().run(later).await.unwrap();
        assert_eq!(swept.images.iter().map(|image| image.address().to_string()).collect::<Vec<_>>(), [unused]);
    }
}
