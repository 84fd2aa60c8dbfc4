//! How much one account may send in a day, by whichever way.

use chrono::TimeDelta;
use roteiro::cli::authority;
use roteiro::identity::accounts::Authority;
use roteiro::identity::rights::Role;
use roteiro::store::media::DayBound;
use serde_json::{Value, json};

use super::pictures::{jpeg, png};
use super::sending::{CITY, CREATE};
use super::with_question::upload;
use crate::support::database::{BOTH, Database};
use crate::support::{TestServer, now};

/// What a refusal says: code, seconds to wait, message.
fn told(answer: &Value) -> (&str, u64, &str) {
    let error = &answer["errors"][0];
    let seconds = error["extensions"]["retryAfter"].as_u64().unwrap_or_else(|| panic!("{answer:#}"));
    (error["extensions"]["code"].as_str().unwrap(), seconds, error["message"].as_str().unwrap())
}

fn wish(length: usize) -> Value {
    json!({ "input": { "city": CITY, "byteLength": length, "contentType": "image/jpeg" } })
}

#[tokio::test]
async fn an_account_sends_so_many_images_a_day_by_every_way_and_goes_on_when_it_is_told() {
    for database in BOTH {
        let server = TestServer::demo_bounded(database, DayBound { images: 3, bytes: 1_000_000 }).await;
        let (account, editor) = server.account(Role::Editor, Some(CITY)).await;
        let spare = jpeg(60, 40);
        let address = server.address(&editor, CITY, spare.len()).await;
        server.send_image(&editor, CITY, &jpeg(50, 40)).await;
        server.clock.set(now() + TimeDelta::minutes(4));
        server.send_image(&editor, CITY, &jpeg(51, 40)).await;
        let first_address = server.address(&editor, CITY, jpeg(52, 40).len()).await;
        assert_eq!(server.put(&first_address, &jpeg(52, 40)).await.status().as_u16(), 200);
        let kept = server.files();
        // Three are there. Whichever way the fourth comes, it is refused, leaves nothing, and may come when the first is a day old.
        let wait = 24 * 3_600 - 4 * 60;
        let answer = server.put(&address, &spare).await;
        assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (429, wait.to_string().as_str()));
        let by_address: Value = answer.json().await.unwrap();
        let asked = server.answer_to(&editor, CREATE, wish(spare.len())).await;
        let with_question = upload(&server, &editor, &spare).await;
        for answer in [&by_address, &asked, &with_question] {
            let (code, seconds, message) = told(answer);
            assert_eq!((code, seconds), ("TOO_MANY_IMAGES", wait));
            assert!(message.ends_with("go on at 2026-11-24T14:00:00Z"), "{message}");
        }
        assert_eq!(server.files(), kept);
        // What is there already costs nothing: an answer may be lost, and the same image be sent by another way.
        assert_eq!(server.put(&first_address, &jpeg(52, 40)).await.status().as_u16(), 200);
        let again = upload(&server, &editor, &jpeg(50, 40)).await;
        assert_eq!(again["data"]["uploadMedia"]["userErrors"], json!([]), "{again}");
        // Somebody else is not bound by it, and does not sit it out in another city either.
        let (_, colleague) = server.account(Role::Editor, Some(CITY)).await;
        server.send_image(&colleague, CITY, &spare).await;
        let city = server.city("cuiaba");
        let email = server.store.account(account).await.unwrap().unwrap().email;
        let by = Authority::CommandLine(authority());
        server.accounts.give(by, &email, (Role::Editor, Some(city)), now()).await.unwrap();
        let elsewhere = json!({ "input": { "city": "cuiaba", "byteLength": 100, "contentType": "image/jpeg" } });
        assert_eq!(server.refusal_to(&editor, CREATE, elsewhere).await, "TOO_MANY_IMAGES");
        let go_on = now() + TimeDelta::seconds(24 * 3_600);
        server.clock.set(go_on - TimeDelta::seconds(1));
        let token = async || server.anew(&editor);
        assert_eq!(server.refusal_to(&token().await, CREATE, wish(100)).await, "TOO_MANY_IMAGES");
        server.clock.set(go_on);
        server.send_image(&token().await, CITY, &jpeg(70, 40)).await;
        assert_eq!(server.refusal_to(&token().await, CREATE, wish(100)).await, "TOO_MANY_IMAGES");
    }
}

#[tokio::test]
async fn an_account_sends_so_many_bytes_a_day() {
    for database in BOTH {
        let (first, second) = (png(300, 200), png(310, 200));
        let day = DayBound { images: 100, bytes: (first.len() + second.len() - 1) as u64 };
        let server = TestServer::demo_bounded(database, day).await;
        let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
        let sent = server.send_image(&editor, CITY, &first).await;
        let list = "{ mediaAssets(city: \"caceres\") { nodes { id byteLength } } }";
        let kept = server.ask_as(&editor, list, json!({})).await["mediaAssets"]["nodes"].take();
        assert_eq!(kept, json!([{ "id": sent["id"], "byteLength": first.len() }]), "a PNG without anything beside it stays as it is");
        assert_eq!(told(&server.answer_to(&editor, CREATE, wish(second.len())).await).1, 24 * 3_600);
        assert_eq!(told(&upload(&server, &editor, &second).await).0, "TOO_MANY_IMAGES");
        // A smaller one has room.
        server.send_image(&editor, CITY, &jpeg(40, 30)).await;
        server.clock.set(now() + TimeDelta::days(1));
        let token = server.anew(&editor);
        server.send_image(&token, CITY, &second).await;
    }
}

#[tokio::test]
async fn images_sent_at_once_do_not_slip_past_the_bound_together() {
    for database in BOTH {
        let server = TestServer::demo_bounded(database, DayBound { images: 2, bytes: 1_000_000 }).await;
        let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
        let mut addresses = Vec::new();
        for side in 30..36 {
            let image = jpeg(side, 30);
            addresses.push((server.address(&editor, CITY, image.len()).await, image));
        }
        let answers = futures::future::join_all(addresses.iter().map(|(address, image)| server.put(address, image))).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status().as_u16()).collect();
        statuses.sort_unstable();
        // Four of an account are taken at a time; those beyond are told to come back, and would be too many then.
        assert_eq!(statuses[..2], [200, 200]);
        assert!(statuses[2..].iter().all(|status| [429, 503].contains(status)), "{statuses:?}");
    }
}

#[tokio::test]
async fn the_bounds_of_the_readme_are_those_in_force() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, editor) = server.account(Role::Editor, Some(CITY)).await;
    server.send_image(&editor, CITY, &jpeg(50, 40)).await;
    let columns = "city_id, media_type, width, height, thumbhash, variants, uploaded_by, uploaded_at";
    // 500 images with the one that was sent, of a byte each; 430 images of 5 MB, which are more than 2 GiB, and 429 are not.
    for (count, length) in [(499, 1), (429, 5_000_000)] {
        let copies = format!(
            "INSERT INTO media_asset (id, sha256, byte_length, {columns})
             WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
             SELECT randomblob(16), 'copy-' || n, {length}, {columns} FROM numbers, (SELECT * FROM media_asset LIMIT 1)"
        );
        server.database.by_hand(&copies).await;
        assert_eq!(server.refusal_to(&editor, CREATE, wish(3_000_000)).await, "TOO_MANY_IMAGES", "{count} of {length} bytes");
        server.database.by_hand("DELETE FROM media_asset WHERE sha256 = 'copy-1'").await;
        assert!(server.answer_to(&editor, CREATE, wish(2_000_000)).await["errors"].is_null(), "{count} of {length} bytes");
        server.database.by_hand("DELETE FROM media_asset WHERE sha256 LIKE 'copy-%'").await;
    }
}
