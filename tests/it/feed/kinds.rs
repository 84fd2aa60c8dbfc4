//! What is told of a change: that something came, changed, went, moved; of each record once, as it is now.

use serde_json::{Value, json};

use super::reader::Reader;
use crate::support::TestServer;
use crate::support::city_file::{event, file, place, route};
use crate::support::database::BOTH;

fn nobres(places: &[&str], word: &str) -> Value {
    let places: Vec<Value> = places.iter().map(|slug| place(slug, &format!("{word} {slug}"), -14.72, -56.33)).collect();
    file("um", "nobres", &places, &[], &[])
}

#[tokio::test]
async fn a_first_load_gives_everything_page_by_page_and_then_there_is_nothing_new() {
    for kind in BOTH {
        let server = TestServer::demo_on(kind).await;
        let mut reader = Reader::default();
        let (mut pages, mut numbers) = (0, Vec::new());
        loop {
            let page = reader.look(&server, 7).await;
            for change in page["entries"].as_array().unwrap() {
                assert_eq!(change["kind"], "CREATED", "{kind:?}: {change}");
                assert_ne!(change["node"], Value::Null, "{kind:?}: {change}");
                numbers.push(change["number"].as_str().unwrap().parse::<i64>().unwrap());
            }
            reader.take(&page);
            pages += 1;
            assert_eq!(page["resync"], Value::Null);
            if page["hasMore"] == json!(false) {
                break;
            }
            assert_eq!(page["entries"].as_array().unwrap().len(), 7, "{kind:?}: a page is full while more follow");
        }
        assert!(numbers.is_sorted(), "{kind:?}");
        let sizes = server.ask("{ catalogue { cities pointsOfInterest events routes } }", Value::Null).await;
        let there: u64 = sizes["catalogue"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!((reader.records.len() as u64, pages), (there, there.div_ceil(7)), "{kind:?}");
        let page = reader.look(&server, 500).await;
        assert_eq!((&page["entries"], &page["hasMore"], &page["cursor"]), (&json!([]), &json!(false), &json!(reader.cursor)), "{kind:?}");
    }
}

#[tokio::test]
async fn what_came_changed_and_went_is_told_once_as_it_is_now() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        server.import(&nobres(&["a", "b", "c"], "Lugar")).await;
        let (mut reader, mut away) = (Reader::default(), Reader::default());
        assert_eq!(reader.catch_up(&server).await, ["CREATED nobres", "CREATED a", "CREATED b", "CREATED c"], "{kind:?}");
        away.catch_up(&server).await;

        server.import(&nobres(&["a", "b", "c"], "Novo")).await;
        assert_eq!(reader.catch_up(&server).await, ["UPDATED a", "UPDATED b", "UPDATED c"], "{kind:?}");
        server.import(&nobres(&["a", "c", "d"], "Novo")).await;
        assert_eq!(reader.catch_up(&server).await, ["CREATED d", "DELETED POINT_OF_INTEREST"], "{kind:?}");
        server.import(&nobres(&["a", "b", "d"], "Novo")).await;
        assert_eq!(reader.catch_up(&server).await, ["CREATED b", "DELETED POINT_OF_INTEREST"], "{kind:?}: b is back");
        server.import(&nobres(&["a", "b", "d"], "Último")).await;
        assert_eq!(reader.catch_up(&server).await, ["UPDATED a", "UPDATED b", "UPDATED d"], "{kind:?}");

        // Who was away hears of each once, and in the end both have the same.
        let told = away.catch_up(&server).await;
        assert_eq!(told, ["DELETED POINT_OF_INTEREST", "UPDATED a", "CREATED b", "CREATED d"], "{kind:?}");
        assert_eq!(reader.records, away.records, "{kind:?}");
        // A new reader is not bothered with what is gone.
        let mut fresh = Reader::default();
        assert_eq!(fresh.catch_up(&server).await, ["CREATED nobres", "CREATED a", "CREATED b", "CREATED d"], "{kind:?}");
        assert_eq!(fresh.records, reader.records, "{kind:?}");
    }
}

#[tokio::test]
async fn what_goes_while_a_reader_loads_for_the_first_time_is_told_to_have_gone() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        server.import(&nobres(&["a", "b", "c", "d"], "Lugar")).await;
        server.import(&nobres(&["a", "b", "c"], "Lugar")).await;
        let mut reader = Reader::default();
        assert!(reader.read(&server, 2).await, "{kind:?}");
        assert!(reader.records.values().any(|record| record["slug"] == "a"), "{kind:?}");
        server.import(&nobres(&["b", "c"], "Lugar")).await;
        server.import(&nobres(&["b", "c"], "Novo")).await;
        assert_eq!(reader.catch_up(&server).await, ["DELETED POINT_OF_INTEREST", "CREATED b", "CREATED c"], "{kind:?}");
        assert_eq!(reader.records.len(), 3, "{kind:?}");
    }
}

#[tokio::test]
async fn what_moves_is_gone_from_one_city_and_there_in_the_other() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let of = |city: &str, slugs: &[&str]| {
            let places: Vec<Value> = slugs.iter().map(|slug| place(slug, "Gruta", -14.9, -56.3)).collect();
            file("um", city, &places, &[], &[])
        };
        server.import(&of("nobres", &["fica", "vai"])).await;
        server.import(&of("cuiaba", &[])).await;
        let (mut from, mut to) = (Reader::of(&["nobres"]), Reader::of(&["cuiaba"]));
        let (mut both, mut all) = (Reader::of(&["nobres", "cuiaba"]), Reader::default());
        for reader in [&mut from, &mut to, &mut both, &mut all] {
            reader.catch_up(&server).await;
        }
        server.import(&of("cuiaba", &["vai"])).await;
        assert_eq!(from.catch_up(&server).await, ["DELETED POINT_OF_INTEREST"], "{kind:?}");
        assert_eq!(to.catch_up(&server).await, ["CREATED vai"], "{kind:?}");
        assert_eq!(both.catch_up(&server).await, ["CREATED vai"], "{kind:?}");
        assert_eq!(all.catch_up(&server).await, ["CREATED vai"], "{kind:?}");
        assert!(all.records.values().any(|record| record["slug"] == "vai" && record["city"]["slug"] == "cuiaba"), "{kind:?}");
        // And back again.
        server.import(&of("nobres", &["fica", "vai"])).await;
        assert_eq!(from.catch_up(&server).await, ["CREATED vai"], "{kind:?}");
        assert_eq!(to.catch_up(&server).await, ["DELETED POINT_OF_INTEREST"], "{kind:?}");
        both.catch_up(&server).await;
        all.catch_up(&server).await;
        assert_eq!((&all.records, all.records.len()), (&both.records, 4), "{kind:?}");
    }
}

#[tokio::test]
async fn events_routes_and_cities_are_told_like_places_and_lists_as_a_whole() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let day = |day: &str, summary: &str| {
            let places = [place("a", "A", -14.72, -56.33), place("b", "B", -14.73, -56.33)];
            let (events, routes) = ([event("festa", "Festa", "a", day)], [route("rota", "Rota", &["a", "b"])]);
            let mut file = file("um", "nobres", &places, &events, &routes);
            file["city"]["texts"]["pt-BR"]["summary"] = json!(summary);
            file
        };
        server.import(&day("2026-12-05", "Um.")).await;
        let mut reader = Reader::of(&["nobres"]);
        let told = reader.catch_up(&server).await;
        assert_eq!(told, ["CREATED nobres", "CREATED a", "CREATED b", "CREATED festa", "CREATED rota"], "{kind:?}");
        server.import(&day("2026-12-06", "Um.")).await;
        assert_eq!(reader.catch_up(&server).await, ["UPDATED festa"], "{kind:?}");
        // The dataset that brought the city owns it.
        let demo_owns = server.import(&day("2026-12-06", "Dois.")).await;
        let told = reader.catch_up(&server).await;
        assert_eq!(told, vec!["UPDATED nobres"; demo_owns.written.max(1)], "{kind:?}");

        let mut transaction = server.store.begin(crate::support::now()).await.unwrap();
        for record_type in [roteiro::domain::ids::RecordType::Category, roteiro::domain::ids::RecordType::Municipality] {
            let kind = roteiro::store::write::ChangeKind::Upsert;
            transaction.note(roteiro::store::write::NewChange { city: None, record_type, record: None, kind });
        }
        transaction.commit().await.unwrap();
        server.catch_up().await;
        let page = reader.look(&server, 10).await;
        let changes = page["entries"].as_array().unwrap();
        assert_eq!(reader.catch_up(&server).await, ["UPDATED CATEGORY", "UPDATED MUNICIPALITY"], "{kind:?}");
        for change in changes {
            assert_eq!((&change["node"], &change["city"], &change["at"]), (&Value::Null, &Value::Null, &json!("2026-11-23T14:00:00Z")));
            let found = server.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": change["id"] })).await;
            assert_eq!(found["node"], Value::Null, "{kind:?}");
        }
        assert_ne!(changes[0]["id"], changes[1]["id"], "{kind:?}");
    }
}

#[tokio::test]
async fn records_that_only_came_among_many_are_told_at_the_number_of_that_change() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        roteiro::ingest::synth::fill(&server.store, 40, 7, crate::support::now()).await.unwrap();
        server.catch_up().await;
        let mut reader = Reader::default();
        while reader.read(&server, 9).await {}
        let places = reader.records.values().filter(|record| record["__typename"] == "PointOfInterest").count();
        assert_eq!((places, reader.records.len()), (40, 50), "{kind:?}");
        // One of them alone, then many again.
        let city = server.city("cuiaba");
        let record = server.holder.current().shards[server.holder.current().shard_by_slug("cuiaba").unwrap()].places[0].id;
        for record in [Some(record), None] {
            let mut transaction = server.store.begin(crate::support::now()).await.unwrap();
            transaction.note(roteiro::store::write::NewChange {
                city: Some(city),
                record_type: roteiro::domain::ids::RecordType::PointOfInterest,
                record,
                kind: roteiro::store::write::ChangeKind::Upsert,
            });
            transaction.commit().await.unwrap();
            server.catch_up().await;
            let of_cuiaba = reader.records.values().filter(|record| record["city"]["slug"] == "cuiaba").count();
            let told = reader.catch_up(&server).await;
            assert_eq!(told.len(), if record.is_some() { 1 } else { of_cuiaba }, "{kind:?}: {told:?}");
        }
    }
}
