//! Cursors of the feed: whose they are, what is refused, and when a reader has to begin anew.

use chrono::TimeDelta;
use roteiro::catalogue::reference::Tables;
use roteiro::catalogue::snapshot::Snapshot;
use roteiro::domain::ids::RecordType;
use roteiro::store::write::{ChangeKind, NewChange};
use serde_json::{Value, json};

use super::reader::Reader;
use crate::support::city_file::{file, import_at, place};
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

/// A backup of the database under a server that goes on, and is written to before anybody looks: numbers are given out anew, and
/// neither the server nor a reader may take the new changes for the old ones.
#[tokio::test]
async fn a_restored_log_that_went_on_is_taken_for_another_by_the_server_and_by_readers() {
    const NAMES: &str = "{ pointsOfInterest(first: 10) { edges { node { name { value } } } } }";
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        server.import(&file("um", "nobres", &[place("a", "A", -14.72, -56.33)], &[], &[])).await;
        let saved = server.holder.current().version;
        let mut early = Reader::default();
        early.catch_up(&server).await;
        server.import(&file("dois", "nobres", &[place("b", "B", -14.73, -56.33)], &[], &[])).await;
        let (mut late, mut begun) = (Reader::default(), Reader::default());
        late.catch_up(&server).await;
        // One page of a first load: it stands within what the backup has, but began after it.
        assert!(begun.read(&server, 1).await, "{kind:?}");
        let lost = server.holder.current().version;
        assert!(lost > saved, "{kind:?}");
        let back = format!(
            "DELETE FROM change WHERE number > {saved}; UPDATE change_counter SET last = {saved}; \
             DELETE FROM point_of_interest_text WHERE name = 'B'; DELETE FROM point_of_interest WHERE slug = 'b'"
        );
        for statement in back.split("; ") {
            server.database.by_hand(statement).await;
        }
        // It goes on, past the last number the server knows.
        for number in 0..=(lost - saved) {
            let dataset = format!("tres-{number}");
            let other = file(&dataset, "nobres", &[place(&format!("c-{number}"), "C", -14.74, -56.33)], &[], &[]);
            import_at(&server.store, &other, now() + TimeDelta::hours(1)).await.unwrap();
        }
        server.catch_up().await;
        let current = server.holder.current();
        assert!(current.version > lost, "{kind:?}");
        let fresh = Snapshot::load(&server.store, &Tables::bundled().unwrap()).await.unwrap();
        assert_eq!((&current.feed, current.version), (&fresh.feed, fresh.version), "{kind:?}");
        let names = server.ask(NAMES, Value::Null).await.to_string();
        assert!(!names.contains("\"B\"") && names.contains("\"C\""), "{kind:?}: {names}");
        // Who knows what was lost begins anew; who had looked before the backup goes on.
        for reader in [&mut late, &mut begun] {
            assert_eq!(reader.look(&server, 10).await["resync"]["reason"], "CURSOR_AHEAD", "{kind:?}");
            reader.catch_up(&server).await;
        }
        assert_eq!(early.look(&server, 10).await["resync"], Value::Null, "{kind:?}");
        early.catch_up(&server).await;
        assert_eq!((&late.records, &begun.records), (&early.records, &early.records), "{kind:?}");
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
