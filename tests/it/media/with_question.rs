//! Images that come with the question for them (GraphQL multipart request specification).

use reqwest::RequestBuilder;
use roteiro::identity::rights::Role;
use roteiro::media::intake::MAX_BYTES;
use serde_json::{Value, json};

use super::pictures::{jpeg, webp};
use super::sending::{CITY, refused};
use crate::support::TestServer;
use crate::support::database::{BOTH, Database};

const UPLOAD: &str = "mutation($input: UploadMediaInput!) { uploadMedia(input: $input) {
  mediaAsset { id url width height thumbhash } userErrors { field code message } } }";

/// Parts with their names, as a body.
fn body(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let head = match *name {
            "operations" | "map" => format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n"),
            file => format!(
                "--limit\r\nContent-Disposition: form-data; name=\"{file}\"; filename=\"../../x.php\"\r\nContent-Type: text/html\r\n\r\n"
            ),
        };
        body.extend(head.bytes().chain(content.iter().copied()).chain(*b"\r\n"));
    }
    body.extend(b"--limit--\r\n");
    body
}

fn operations(query: &str) -> Vec<u8> {
    json!({ "query": query, "variables": { "input": { "city": CITY, "file": null } } }).to_string().into()
}

fn post(server: &TestServer, parts: &[(&str, &[u8])]) -> RequestBuilder {
    let request = server.client.post(server.url("/graphql")).header("Accept", "application/graphql-response+json");
    request.header("Content-Type", "multipart/form-data; boundary=limit").body(body(parts))
}

const MAP: &[u8] = br#"{"0": ["variables.input.file"]}"#;

/// Sends an image with the question for it, and gives the whole answer.
pub async fn upload(server: &TestServer, token: &str, image: &[u8]) -> Value {
    let request = post(server, &[("operations", &operations(UPLOAD)), ("map", MAP), ("0", image)]).bearer_auth(token);
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn an_image_comes_with_the_question() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
        let image = webp(400, 300);
        let request = post(&server, &[("operations", &operations(UPLOAD)), ("map", MAP), ("0", &image)]).bearer_auth(&editor);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let asset = &answer["data"]["uploadMedia"]["mediaAsset"];
        assert_eq!((&asset["width"], &answer["data"]["uploadMedia"]["userErrors"]), (&json!(400), &json!([])), "{answer}");
        assert_eq!(asset["url"].as_str().unwrap().rsplit_once('.').unwrap().1, "webp");
        // The same image is the same by whichever way it comes.
        assert_eq!(server.send_image(&editor, CITY, &image).await["id"], asset["id"]);
    }
}

#[tokio::test]
async fn what_is_no_image_of_ours_is_told_as_what_the_sender_can_mend() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
    let image = jpeg(64, 48);
    for (file, code) in [
        (&b"<svg><script>alert(1)</script></svg>"[..], "UNSUPPORTED_IMAGE"),
        (&image[..200], "IMAGE_TRUNCATED"),
        (&[&image[..], b"PK"].concat(), "IMAGE_TRAILING_DATA"),
    ] {
        let request = post(&server, &[("operations", &operations(UPLOAD)), ("map", MAP), ("0", file)]).bearer_auth(&editor);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let error = &answer["data"]["uploadMedia"]["userErrors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(["input", "file"])), "{answer}");
    }
}

#[tokio::test]
async fn a_request_with_a_file_has_one_form() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
    let (image, asked) = (jpeg(64, 48), operations(UPLOAD));
    let (image, asked) = (image.as_slice(), asked.as_slice());
    let batch = [b"[", asked, b"]"].concat();
    let filled = json!({ "query": UPLOAD, "variables": { "input": { "city": CITY, "file": 0 } } }).to_string();
    let large = vec![0; MAX_BYTES + 1];
    for (what, parts, status, code) in [
        ("the map first", vec![("map", MAP), ("operations", asked), ("0", image)], 400, "BAD_REQUEST"),
        ("the file first", vec![("0", image), ("operations", asked), ("map", MAP)], 400, "BAD_REQUEST"),
        ("no file", vec![("operations", asked), ("map", MAP)], 400, "BAD_REQUEST"),
        ("two files", vec![("operations", asked), ("map", MAP), ("0", image), ("1", image)], 400, "BAD_REQUEST"),
        ("a file nobody named", vec![("operations", asked), ("map", MAP), ("1", image)], 400, "BAD_REQUEST"),
        ("a map of nothing", vec![("operations", asked), ("map", b"{}"), ("0", image)], 400, "BAD_REQUEST"),
        (
            "a map of two",
            vec![("operations", asked), ("map", br#"{"0":["variables.a"],"1":["variables.b"]}"#), ("0", image)],
            400,
            "BAD_REQUEST",
        ),
        (
            "a map to two places",
            vec![("operations", asked), ("map", br#"{"0":["variables.input.file","variables.x"]}"#), ("0", image)],
            400,
            "BAD_REQUEST",
        ),
        ("a map to nowhere", vec![("operations", asked), ("map", br#"{"0":["variables.input.other"]}"#), ("0", image)], 400, "BAD_REQUEST"),
        (
            "a map to what is there",
            vec![("operations", asked), ("map", br#"{"0":["variables.input.city"]}"#), ("0", image)],
            400,
            "BAD_REQUEST",
        ),
        ("a map to the query", vec![("operations", asked), ("map", br#"{"0":["query"]}"#), ("0", image)], 400, "BAD_REQUEST"),
        ("a place that is not null", vec![("operations", filled.as_bytes()), ("map", MAP), ("0", image)], 400, "BAD_REQUEST"),
        ("a batch", vec![("operations", &batch), ("map", MAP), ("0", image)], 400, "BATCH_NOT_SUPPORTED"),
        ("no JSON", vec![("operations", b"{"), ("map", MAP), ("0", image)], 400, "BAD_REQUEST"),
        ("a file that is too large", vec![("operations", asked), ("map", MAP), ("0", &large)], 413, "PAYLOAD_TOO_LARGE"),
    ] {
        let answer = post(&server, &parts).bearer_auth(&editor).send().await.unwrap();
        assert_eq!(refused(answer).await, (status, code.to_owned()), "{what}");
    }
    let cut = body(&[("operations", asked), ("map", MAP), ("0", image)]);
    let request = server.client.post(server.url("/graphql")).bearer_auth(&editor).header("Accept", "application/graphql-response+json");
    let half = request.header("Content-Type", "multipart/form-data; boundary=limit").body(cut[..cut.len() - 100].to_vec());
    assert_eq!(refused(half.send().await.unwrap()).await, (400, "BAD_REQUEST".to_owned()));
    // A number without a file is no file.
    let plain = server.answer_to(&editor, UPLOAD, json!({ "input": { "city": CITY, "file": 0 } })).await;
    assert_eq!(plain["data"]["uploadMedia"]["userErrors"][0]["field"], json!(["input", "file"]), "{plain}");
    assert_eq!(server.refusal_to(&editor, UPLOAD, json!({ "input": { "city": CITY, "file": "x" } })).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_file_is_read_for_those_alone_who_may_have_one_to_send() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (image, asked) = (jpeg(64, 48), operations(UPLOAD));
    let parts: [(&str, &[u8]); 3] = [("operations", &asked), ("map", MAP), ("0", &image)];
    assert_eq!(refused(post(&server, &parts).send().await.unwrap()).await, (401, "UNAUTHENTICATED".to_owned()));
    assert_eq!(refused(post(&server, &parts).bearer_auth("x").send().await.unwrap()).await, (401, "UNAUTHENTICATED".to_owned()));
    let (visitor, _) = server.sign_in().await;
    assert_eq!(refused(post(&server, &parts).bearer_auth(&visitor).send().await.unwrap()).await, (403, "FORBIDDEN".to_owned()));
    let (_, other) = server.account(Role::CityAdmin, Some("cuiaba")).await;
    let answer = post(&server, &parts).bearer_auth(&other).send().await.unwrap();
    assert_eq!(refused(answer).await.1, "FORBIDDEN");
    assert_eq!(std::fs::read_dir(server.media_folder.path()).unwrap().count(), 0);
}
