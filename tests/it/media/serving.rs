//! Images as they are shown: to everybody what a published record shows, to those who may read a city's drafts the others.

use reqwest::{Response, StatusCode};
use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use super::pictures::{jpeg, profile};
use super::sending::CITY;
use crate::drafts::{self, Team};
use crate::support::TestServer;
use crate::support::city_file::{event, file, place, route};
use crate::support::database::{BOTH, Database};

impl TestServer {
    pub async fn get(&self, path: &str, token: Option<&str>) -> Response {
        let request = self.client.get(self.url(path));
        token.map_or(request.try_clone().unwrap(), |token| request.bearer_auth(token)).send().await.unwrap()
    }

    pub async fn status(&self, path: &str, token: Option<&str>) -> u16 {
        self.get(path, token).await.status().as_u16()
    }

    /// Publishes a place of the city that shows the image.
    pub async fn show(&self, city: &str, slug: &str, url: &str) {
        let mut shown = place(slug, "Mirante", -16.07, -57.68);
        shown["images"] = json!([{
            "url": url, "alternativeText": { "pt-BR": "O rio" }, "licence": "CC0-1.0", "credit": "Prefeitura", "source": "made up in a test",
        }]);
        self.import(&file(&format!("media-{city}"), city, &[shown], &[], &[])).await;
    }
}

#[tokio::test]
async fn an_image_is_for_everybody_while_a_published_record_of_its_city_shows_it() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
        let (_, other) = server.account(Role::CityAdmin, Some("cuiaba")).await;
        let (_, reviewer) = server.account(Role::Reviewer, Some(CITY)).await;
        let (visitor, _) = server.sign_in().await;
        let sent = server.send_image(&editor, CITY, &jpeg(700, 500)).await;
        let url = sent["url"].as_str().unwrap();
        let variant = sent["variants"][0]["url"].as_str().unwrap();
        for path in [url, variant] {
            for token in [None, Some(visitor.as_str()), Some(other.as_str())] {
                assert_eq!(server.status(path, token).await, 404);
            }
            for token in [&editor, &reviewer] {
                let answer = server.get(path, Some(token)).await;
                assert_eq!((answer.status(), &answer.headers()["cache-control"]), (StatusCode::OK, &"private, no-store".parse().unwrap()));
            }
            assert_eq!(server.status(path, Some("x")).await, 401);
        }
        // Another city cannot show it by naming it.
        server.show("cuiaba", "mirante-alheio", url).await;
        assert_eq!(server.status(url, None).await, 404);
        server.show(CITY, "mirante-do-rio", url).await;
        for (path, kind) in [(url, "image/jpeg"), (variant, "image/webp")] {
            let answer = server.get(path, None).await;
            assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (200, kind));
            assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable");
        }
        let query =
            "{ pointOfInterest(by: { slug: \"mirante-do-rio\" }) { images { url width height thumbhash variants { url width height } } } }";
        let image = server.ask(query, json!({})).await["pointOfInterest"]["images"][0].take();
        for field in ["url", "width", "height", "thumbhash", "variants"] {
            assert_eq!(image[field], sent[field], "{field}");
        }
        let theirs = "{ pointOfInterest(by: { slug: \"mirante-alheio\" }) { images { url thumbhash variants { url } } } }";
        let image = server.ask(theirs, json!({})).await["pointOfInterest"]["images"][0].take();
        assert_eq!((&image["thumbhash"], &image["variants"]), (&Value::Null, &json!([])));
        // What is published is shown while the database is away; what is no longer, is not.
        server.database.by_hand("ALTER TABLE media_asset RENAME TO gone").await;
        assert_eq!(server.status(url, None).await, 200);
        assert_eq!(server.status(url, Some(&other)).await, 200);
        server.database.by_hand("ALTER TABLE gone RENAME TO media_asset").await;
        server.import(&file(&format!("media-{CITY}"), CITY, &[], &[], &[])).await;
        assert_eq!(server.status(url, None).await, 404);
        assert_eq!(server.status(url, Some(&editor)).await, 200);
    }
}

#[tokio::test]
async fn an_image_of_a_draft_is_for_everybody_from_publishing_to_withdrawing() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let sent = server.send_image(&team.token, "cuiaba", &jpeg(700, 500)).await;
        let url = sent["url"].as_str().unwrap();
        let begin = async |slug: &str| {
            let mut content = drafts::place(slug);
            content["images"] = json!([{
                "url": url, "alternativeText": [{ "language": "pt-BR", "value": "O museu" }], "licence": "CC0-1.0",
                "credit": "Secretaria", "source": "Secretaria",
            }]);
            team.step("createDraft", json!({ "city": "cuiaba", "content": { "pointOfInterest": content } })).await
        };
        let (one, other) = (begin("museu-um").await, begin("museu-outro").await);
        assert_eq!(server.status(url, None).await, 404);
        let one = team.publish(&one).await;
        assert_eq!(server.status(url, None).await, 200);
        let other = team.publish(&other).await;
        // Two show it: while one of them does, it is for everybody.
        let withdraw = async |draft: &Value| {
            team.on("unpublish", draft, json!({ "reason": "fechado" })).await;
            server.catch_up().await;
        };
        withdraw(&one).await;
        assert_eq!(server.status(url, None).await, 200);
        withdraw(&other).await;
        assert_eq!(server.status(url, None).await, 404);
        assert_eq!(server.status(url, Some(&team.token)).await, 200);
    }
}

#[tokio::test]
async fn events_and_routes_show_images_too() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
    let (one, other) = (server.send_image(&editor, CITY, &jpeg(330, 200)).await, server.send_image(&editor, CITY, &jpeg(340, 200)).await);
    let image = |sent: &Value| json!([{ "url": sent["url"], "alternativeText": { "pt-BR": "O rio" }, "licence": "CC0-1.0", "credit": "Prefeitura", "source": "made up" }]);
    let places = [place("porto", "Porto", -16.07, -57.68), place("praia", "Praia", -16.08, -57.69)];
    let (mut feast, mut way) = (event("festa", "Festa", "porto", "2026-12-05"), route("passeio", "Passeio", &["porto", "praia"]));
    (feast["images"], way["images"]) = (image(&one), image(&other));
    server.import(&file("media-test", CITY, &places, &[feast], &[way])).await;
    for sent in [one, other] {
        assert_eq!(server.status(sent["url"].as_str().unwrap(), None).await, 200);
    }
}

#[tokio::test]
async fn an_image_is_served_so_that_no_browser_takes_it_for_anything_else() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
    let sent = server.send_image(&editor, CITY, &super::pictures::from_a_camera(700, 500, 1)).await;
    let (url, variant) = (sent["url"].as_str().unwrap(), sent["variants"][0]["url"].as_str().unwrap());
    server.show(CITY, "mirante-do-rio", url).await;
    let answer = server.get(variant, None).await;
    for (name, value) in [
        ("content-type", "image/webp"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("content-disposition", "inline"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(answer.headers()[name], value, "{name}");
    }
    let tag = answer.headers()["etag"].clone();
    let length: usize = answer.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(bytes.len(), length);
    assert!(bytes.windows(132).any(|window| window == profile()), "it has the colours of the original");
    let again = server.client.get(server.url(variant)).header("If-None-Match", tag).send().await.unwrap();
    assert_eq!((again.status().as_u16(), again.bytes().await.unwrap().len()), (304, 0));
    let head = server.client.head(server.url(variant)).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.headers()["content-length"].to_str().unwrap()), (200, length.to_string().as_str()));
    let digest = &url["/media/".len()..url.len() - ".jpg".len()];
    for path in [
        format!("/media/{digest}.png"),
        format!("/media/{digest}.webp"),
        format!("/media/{digest}"),
        format!("/media/{digest}/321.webp"),
        format!("/media/{digest}/1920.webp"),
        format!("/media/{}.jpg", "0".repeat(64)),
        format!("/media/{}/{digest}", &digest[..2]),
        "/media/../roteiro.sqlite".to_owned(),
        "/media/".to_owned(),
    ] {
        let answer = server.get(&path, Some(&editor)).await;
        assert_eq!(answer.status().as_u16(), 404, "{path}");
    }
    let post = server.client.post(server.url(url)).send().await.unwrap();
    assert_eq!((post.status().as_u16(), post.headers().contains_key("allow")), (405, true));
}

#[tokio::test]
async fn an_image_of_two_cities_is_each_city_s_own() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, here) = server.account(Role::Editor, Some(CITY)).await;
        let (_, there) = server.account(Role::Editor, Some("cuiaba")).await;
        let image = jpeg(330, 200);
        let (mine, theirs) = (server.send_image(&here, CITY, &image).await, server.send_image(&there, "cuiaba", &image).await);
        assert_eq!(mine["url"], theirs["url"]);
        assert_ne!(mine["id"], theirs["id"]);
        let url = mine["url"].as_str().unwrap();
        for token in [&here, &there] {
            assert_eq!(server.status(url, Some(token)).await, 200);
        }
        server.show("cuiaba", "mirante-alheio", url).await;
        assert_eq!(server.status(url, None).await, 200, "it is theirs too");
    }
}
