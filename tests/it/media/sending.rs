//! Images sent to an address that was signed for them.

use std::collections::BTreeSet;

use reqwest::{Response, StatusCode};
use roteiro::domain::client::Client;
use roteiro::domain::ids::AccountId;
use roteiro::identity::rights::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::pictures::{POSITION, from_a_camera, jpeg, png, png_that_says};
use crate::support::database::{BOTH, Database};
use crate::support::{TestServer, now};

pub const CREATE: &str = "mutation($input: CreateMediaUploadInput!) { createMediaUpload(input: $input) {
  upload { uploadUrl expiresAt headers { name value } } userErrors { field code message } } }";

pub const CITY: &str = "caceres";

impl TestServer {
    /// An address for an image of this length.
    pub async fn address(&self, token: &str, city: &str, length: usize) -> String {
        let input = json!({ "city": city, "byteLength": length, "contentType": "image/jpeg" });
        let made = self.ask_as(token, CREATE, json!({ "input": input })).await["createMediaUpload"].take();
        assert_eq!(made["userErrors"], json!([]));
        assert_eq!(made["upload"]["headers"], json!([{ "name": "Content-Type", "value": "image/jpeg" }]));
        made["upload"]["uploadUrl"].as_str().unwrap().to_owned()
    }

    pub async fn put(&self, path: &str, bytes: &[u8]) -> Response {
        self.client.put(self.url(path)).header("Content-Type", "image/jpeg").body(bytes.to_vec()).send().await.unwrap()
    }

    /// Names of the files that images are kept in.
    pub fn files(&self) -> BTreeSet<String> {
        let folders = std::fs::read_dir(self.media_folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap());
        files.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// An image that was sent and taken.
    pub async fn send_image(&self, token: &str, city: &str, bytes: &[u8]) -> Value {
        let response = self.put(&self.address(token, city, bytes.len()).await, bytes).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }
}

pub async fn refused(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let answer: Value = response.json().await.unwrap();
    (status, answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned())
}

fn case(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn an_image_is_sent_and_is_the_city_s() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
        let image = from_a_camera(700, 400, 6);
        let address = server.address(&editor, CITY, image.len()).await;
        let told: Value = server.put(&address, &image).await.json().await.unwrap();
        assert_eq!((&told["width"], &told["height"]), (&json!(400), &json!(700)));
        assert_eq!(told["variants"][0]["width"], 320);
        let list = "query($city: String!) { mediaAssets(city: $city) {
          nodes { id url contentType width height byteLength thumbhash uploadedAt variants { url width height } } } }";
        let assets = server.ask_as(&editor, list, json!({ "city": CITY })).await;
        let asset = &assets["mediaAssets"]["nodes"][0];
        for field in ["id", "url", "width", "height", "thumbhash", "variants"] {
            assert_eq!(asset[field], told[field], "{field}");
        }
        assert_eq!((&asset["contentType"], &asset["uploadedAt"]), (&json!("image/jpeg"), &json!("2026-11-23T14:00:00Z")));
        // The answer may be lost: the same image again is the same, also at another address; another image is another.
        let again: Value = server.put(&address, &image).await.json().await.unwrap();
        assert_eq!(again, told);
        assert_eq!(server.send_image(&editor, CITY, &image).await, told);
        let mut other = image.clone();
        let end = other.len() - 40;
        other[end] ^= 1;
        let answer = server.put(&address, &other).await;
        assert!(matches!(answer.status().as_u16(), 410 | 422), "an address brings one image in: {}", answer.status());
        assert_eq!(server.ask_as(&editor, list, json!({ "city": CITY })).await["mediaAssets"]["nodes"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn an_address_brings_one_image_in() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
    // Two images of the same length: zeros behind the end are left out.
    let (mut one, mut other) = (jpeg(64, 48), jpeg(48, 64));
    let length = one.len().max(other.len());
    one.resize(length, 0);
    other.resize(length, 0);
    let address = server.address(&editor, CITY, length).await;
    assert_eq!(server.put(&address, &one).await.status(), StatusCode::OK);
    assert_eq!(refused(server.put(&address, &other).await).await, case(410, "GONE"));
    assert_eq!(server.put(&address, &one).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_is_no_image_of_ours_is_refused_and_nothing_of_it_is_kept() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
    let image = jpeg(64, 48);
    for (bytes, status, code) in [
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec(), 415, "UNSUPPORTED_IMAGE"),
        (b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), 415, "UNSUPPORTED_IMAGE"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), 415, "UNSUPPORTED_IMAGE"),
        (b"%PDF-1.7".to_vec(), 415, "UNSUPPORTED_IMAGE"),
        (b"<!DOCTYPE html><p>".to_vec(), 415, "UNSUPPORTED_IMAGE"),
        (png_that_says(50_000, 50_000), 422, "IMAGE_TOO_LARGE"),
        (image[..image.len() / 2].to_vec(), 422, "IMAGE_TRUNCATED"),
        ([&image[..], b"PK\x03\x04"].concat(), 422, "IMAGE_TRAILING_DATA"),
        ([&png(9, 9)[..60], &[0; 60]].concat(), 422, "IMAGE_TRUNCATED"),
    ] {
        let address = server.address(&editor, CITY, bytes.len()).await;
        let (found, word) = refused(server.put(&address, &bytes).await).await;
        assert!(found == status && word == code || word == "IMAGE_DAMAGED", "{code}: {found} {word}");
    }
    assert_eq!(std::fs::read_dir(server.media_folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn no_position_is_kept_anywhere() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
    let image = from_a_camera(700, 400, 1);
    server.send_image(&editor, CITY, &image).await;
    let mut files = Vec::new();
    for folder in [server.media_folder.path(), server.database.folder()] {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
    }
    // The original, two smaller ones, the database.
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        for secret in [&POSITION[..], b"GPSLatitude", b"remark-NOTE", b"Cuiaba-NOTE"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{}", file.display());
        }
    }
}

#[tokio::test]
async fn an_address_is_for_one_length_one_while_and_one_purpose() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
    let image = jpeg(64, 48);
    let address = server.address(&editor, CITY, image.len()).await;
    assert_eq!(refused(server.put(&address, &image[1..]).await).await, case(400, "BAD_REQUEST"));
    assert_eq!(refused(server.put(&address, &[&image[..], &[0]].concat()).await).await, case(413, "PAYLOAD_TOO_LARGE"));
    let token = address.rsplit('/').next().unwrap();
    for forged in ["x", "a.b.c", &editor, &token[..token.len() - 3], &token.replace('.', "")] {
        assert_eq!(refused(server.put(&format!("/media/uploads/{forged}"), &image).await).await, case(404, "NOT_FOUND"));
    }
    assert_eq!(server.refusal_to(token, "{ trips { id } }", json!({})).await, "UNAUTHENTICATED");
    let compressed = server.client.put(server.url(&address)).header("Content-Encoding", "gzip").body(image.clone());
    assert_eq!(refused(compressed.send().await.unwrap()).await, case(415, "UNSUPPORTED_MEDIA_TYPE"));
    assert_eq!(refused(server.client.get(server.url(&address)).send().await.unwrap()).await, case(405, "METHOD_NOT_ALLOWED"));
    server.clock.set(now() + chrono::Duration::minutes(15));
    assert_eq!(refused(server.put(&address, &image).await).await, case(410, "GONE"));
    server.clock.set(now() + chrono::Duration::minutes(14));
    assert_eq!(server.put(&address, &image).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn who_may_not_write_in_the_city_sends_nothing() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let image = jpeg(64, 48);
        let input = json!({ "input": { "city": CITY, "byteLength": image.len(), "contentType": "image/jpeg" } });
        assert_eq!(server.refusal(CREATE, input.clone()).await, "UNAUTHENTICATED");
        let (visitor, _) = server.sign_in().await;
        assert_eq!(server.refusal_to(&visitor, CREATE, input.clone()).await, "FORBIDDEN");
        for (role, city) in [(Role::Editor, "cuiaba"), (Role::Reviewer, CITY), (Role::Publisher, CITY)] {
            let (_, token) = server.account(role, Some(city)).await;
            assert_eq!(server.refusal_to(&token, CREATE, input.clone()).await, "FORBIDDEN", "{role:?} of {city}");
        }
        let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
        let address = server.address(&editor, CITY, image.len()).await;
        // A role that was taken away is gone, whatever address was given out before.
        server.database.by_hand("DELETE FROM account_grant").await;
        assert_eq!(refused(server.put(&address, &image).await).await, case(403, "FORBIDDEN"));
        let (_, closed) = server.account(Role::Admin, None).await;
        let address = server.address(&closed, CITY, image.len()).await;
        server.database.by_hand("UPDATE account SET disabled_at = created_at").await;
        assert_eq!(refused(server.put(&address, &image).await).await, case(401, "UNAUTHENTICATED"));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_wish_is_told_before_anything_is_sent() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, editor) = server.account(Role::Admin, None).await;
    for (city, length, kind, field, code) in [
        ("atlantis", 1, "image/jpeg", "city", "UNKNOWN_CITY"),
        (CITY, 0, "image/jpeg", "byteLength", "BAD_USER_INPUT"),
        (CITY, 20 * 1024 * 1024 + 1, "image/jpeg", "byteLength", "IMAGE_TOO_LARGE"),
        (CITY, 1, "image/svg+xml", "contentType", "BAD_USER_INPUT"),
    ] {
        let input = json!({ "city": city, "byteLength": length, "contentType": kind });
        let made = server.ask_as(&editor, CREATE, json!({ "input": input })).await;
        let error = &made["createMediaUpload"]["userErrors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!(["input", field]), &json!(code)));
        assert_eq!(made["createMediaUpload"]["upload"], Value::Null);
    }
}

#[tokio::test]
async fn more_images_than_there_are_places_for_are_told_to_come_again() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
    let image = jpeg(64, 48);
    let address = server.address(&editor, CITY, image.len()).await;
    let mut places = Vec::new();
    for account in 0..8 {
        places.push(server.media.place(Client::Account(AccountId(Uuid::from_u128(account)))).unwrap());
    }
    assert_eq!(refused(server.put(&address, &image).await).await, case(503, "BUSY"));
    places.pop();
    assert_eq!(server.put(&address, &image).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_page_of_another_origin_may_send_images_with_an_address() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let asked = server
        .client
        .request(reqwest::Method::OPTIONS, server.url("/media/uploads/x"))
        .header("Origin", "https://editors.example")
        .header("Access-Control-Request-Method", "PUT")
        .header("Access-Control-Request-Headers", "content-type");
    let answer = asked.send().await.unwrap();
    assert!(answer.headers()["access-control-allow-methods"].to_str().unwrap().contains("PUT"));
}

#[tokio::test]
async fn images_are_listed_a_page_at_a_time_the_latest_first() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
        let mut sent = Vec::new();
        for (number, minutes) in [(0, 0), (1, 1), (2, 1), (3, 2), (4, 2)] {
            server.clock.set(now() + chrono::Duration::minutes(minutes));
            sent.push((minutes, server.send_image(&editor, CITY, &jpeg(40 + number, 30)).await["id"].take()));
        }
        let query = "query($city: String!, $after: String) { mediaAssets(city: $city, first: 2, after: $after) {
          edges { cursor node { id uploadedAt } } pageInfo { hasNextPage hasPreviousPage endCursor } } }";
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = server.ask_as(&editor, query, json!({ "city": CITY, "after": after })).await["mediaAssets"].take();
            assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(!after.is_null()));
            seen.extend(page["edges"].as_array().unwrap().iter().map(|edge| edge["node"].clone()));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        let instants: Vec<&str> = seen.iter().map(|node| node["uploadedAt"].as_str().unwrap()).collect();
        assert!(instants.is_sorted_by(|one, other| one >= other), "{instants:?}");
        let mut ids: Vec<String> = seen.iter().map(|node| node["id"].to_string()).collect();
        let mut wanted: Vec<String> = sent.iter().map(|(_, id)| id.to_string()).collect();
        ids.sort();
        wanted.sort();
        assert_eq!(ids, wanted);
        let other = json!({ "city": "cuiaba", "after": after });
        assert_eq!(server.refusal_to(&editor, query, json!({ "city": "cuiaba" })).await, "FORBIDDEN");
        let (_, admin) = server.account(Role::Admin, None).await;
        assert_eq!(server.refusal_to(&admin, query, other).await, "BAD_CURSOR");
        assert_eq!(server.refusal(query, json!({ "city": CITY })).await, "UNAUTHENTICATED");
    }
}
