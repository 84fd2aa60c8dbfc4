//! Cursors of the feed: whose they are, what is refused, and when a reader has to begin anew.

use chrono::TimeDelta;
use roteiro::domain::ids::RecordType;
use roteiro::store::write::{ChangeKind, NewChange};
use serde_json::{Value, json};

use super::reader::Reader;
use crate::support::city_file::{file, place};
use crate::support::database::BOTH;
use crate::support::{TestServer, now};

const ASKED: &str = "query($after: Cursor, $cities: [String!], $first: Int) {
    changes(after: $after, cities: $cities, first: $first) { cursor } }";

#[tokio::test]
async fn a_cursor_that_is_bent_or_of_other_cities_is_refused() {
    let server = TestServer::demo().await;
    let mut reader = Reader::of(&["nobres", "cuiaba"]);
    reader.read(&server, 3).await;
    let cursor = reader.cursor.clone().unwrap();
    // The cities may come in any order, and twice.
    server.ask(ASKED, json!({ "after": cursor, "cities": ["cuiaba", "nobres", "cuiaba"] })).await;
    for cities in [json!(null), json!([]), json!(["nobres"]), json!(["nobres", "caceres"])] {
        assert_eq!(server.refusal(ASKED, json!({ "after": cursor, "cities": cities })).await, "BAD_CURSOR", "{cities}");
    }
    for index in 0..cursor.len() {
        let other = if &cursor[index..=index] == "A" { "B" } else { "A" };
        let bent = format!("{}{other}{}", &cursor[..index], &cursor[index + 1..]);
        let asked = json!({ "after": bent, "cities": reader.cities });
        assert_eq!(server.refusal(ASKED, asked).await, "BAD_CURSOR", "letter {index}");
    }
    let list = server.ask("{ pointsOfInterest(first: 1) { pageInfo { endCursor } } }", Value::Null).await;
    for bad in [list["pointsOfInterest"]["pageInfo"]["endCursor"].clone(), json!(""), json!("x"), json!("A".repeat(5_000))] {
        assert_eq!(server.refusal(ASKED, json!({ "after": bad })).await, "BAD_CURSOR", "{bad}");
    }
}

#[tokio::test]
async fn pages_that_are_too_large_and_cities_that_do_not_exist_are_refused() {
    let server = TestServer::demo().await;
    for first in [0, -1, 501, i32::MAX] {
        assert_eq!(server.refusal(ASKED, json!({ "first": first })).await, "BAD_PAGE", "{first}");
    }
    server.ask(ASKED, json!({ "first": 500 })).await;
    assert_eq!(server.refusal(ASKED, json!({ "cities": ["nobres", "atlantis"] })).await, "UNKNOWN_CITY");
}

#[tokio::test]
async fn the_cursor_of_another_catalogue_makes_a_reader_begin_anew() {
    for kind in BOTH {
        let (server, other) = (TestServer::bare_on(kind).await, TestServer::bare_on(kind).await);
        server.import(&file("um", "nobres", &[place("a", "A", -14.72, -56.33)], &[], &[])).await;
        other.import(&file("um", "nobres", &[place("b", "B", -14.72, -56.33)], &[], &[])).await;
        // The logs of two catalogues did not begin at the same microsecond.
        other.database.by_hand("UPDATE change SET at = '2026-11-23 14:00:00.000001+00:00' WHERE number = 1").await;
        let other = TestServer::over(other.database.again(), other.store.clone()).await;
        let mut reader = Reader::default();
        reader.catch_up(&server).await;
        let page = reader.look(&other, 10).await;
        assert_eq!(page["resync"]["reason"], "CURSOR_OF_ANOTHER_CATALOGUE", "{kind:?}");
        assert_eq!((&page["entries"], &page["hasMore"]), (&json!([]), &json!(true)), "{kind:?}");
        reader.take(&page);
        assert_eq!(reader.catch_up(&other).await, ["CREATED nobres", "CREATED b"], "{kind:?}");
        assert_eq!(reader.records.len(), 2, "{kind:?}");
    }
}

#[tokio::test]
async fn a_process_that_lags_says_nothing_new_and_a_restored_backup_makes_a_reader_begin_anew() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        server.import(&file("um", "nobres", &[place("a", "A", -14.72, -56.33)], &[], &[])).await;
        let lagging = TestServer::over(server.database.again(), server.store.clone()).await;
        server.import(&file("um", "nobres", &[place("a", "Novo", -14.72, -56.33)], &[], &[])).await;
        let mut reader = Reader::default();
        reader.catch_up(&server).await;
        // Asked of the process that has not seen the last change: nothing, and the reader stays where it stands.
        let page = reader.look(&lagging, 10).await;
        let cursor = json!(reader.cursor);
        assert_eq!((&page["entries"], &page["hasMore"], &page["cursor"]), (&json!([]), &json!(false), &cursor), "{kind:?}");
        assert_eq!(page["resync"], Value::Null, "{kind:?}");
        // Now the backup, which does not know that change, has been looked at long after the cursor was given out.
        lagging.clock.set(now() + TimeDelta::minutes(5));
        assert_eq!(reader.look(&lagging, 10).await["resync"], Value::Null, "{kind:?}: it was not looked at since");
        lagging.holder.seen(now() + TimeDelta::minutes(5));
        let page = reader.look(&lagging, 10).await;
        assert_eq!(page["resync"]["reason"], "CURSOR_AHEAD", "{kind:?}");
        reader.take(&page);
        assert_eq!(reader.catch_up(&lagging).await, ["CREATED nobres", "CREATED a"], "{kind:?}");
        // Who lagged and has caught up goes on as if nothing had been.
        let mut reader = Reader { cursor: Some(cursor.as_str().unwrap().to_owned()), ..Reader::default() };
        lagging.catch_up().await;
        assert_eq!(reader.catch_up(&lagging).await, Vec::<String>::new(), "{kind:?}");
    }
}

#[tokio::test]
async fn changes_of_a_type_nobody_knows_are_passed_over() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let mut reader = Reader::default();
        reader.catch_up(&server).await;
        let mut transaction = server.store.begin(now()).await.unwrap();
        transaction.note(NewChange { city: None, record_type: RecordType::Category, record: None, kind: ChangeKind::Upsert });
        let number = transaction.commit().await.unwrap();
        server.database.by_hand(&format!("UPDATE change SET record_type = 'FUTURE', kind = 'BENT' WHERE number = {number}")).await;
        server.catch_up().await;
        assert_eq!(server.holder.current().version, number, "{kind:?}");
        assert_eq!(reader.catch_up(&server).await, Vec::<String>::new(), "{kind:?}");
    }
}
