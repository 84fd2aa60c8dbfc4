//! Taking trips along to another phone by a code.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures::future::join_all;
use roteiro::trips::transfer::CODE_LIFE;
use serde_json::{Value, json};

use super::data::{all_rows, stands_in};
use super::{MINE, REFRESH};
use crate::support::database::{BOTH, Database};
use crate::support::{TestServer, now};
use crate::trips::saved::{SAVE, a_day, save};

const CREATE: &str = "mutation { createTransferCode { code expiresAt } }";
const REDEEM: &str = "mutation($code: String!) { redeemTransferCode(input: { code: $code }) { movedTrips userErrors { field code } } }";
const SHARE: &str = "mutation($id: ID!) { shareTrip(input: { id: $id }) { share { token } } }";

async fn code(server: &TestServer, access: &str) -> String {
    server.ask_as(access, CREATE, json!({})).await["createTransferCode"]["code"].as_str().unwrap().to_owned()
}

async fn redeem(server: &TestServer, access: &str, code: &str) -> Value {
    server.ask_as(access, REDEEM, json!({ "code": code })).await["redeemTransferCode"].take()
}

async fn titles(server: &TestServer, access: &str) -> BTreeSet<String> {
    let trips = server.ask_as(access, "{ trips(first: 100) { title } }", json!({})).await["trips"].take();
    trips.as_array().unwrap().iter().map(|trip| trip["title"].as_str().unwrap().to_owned()).collect()
}

fn refused(code: &str) -> Value {
    json!({ "movedTrips": null, "userErrors": [{ "field": ["input", "code"], "code": code }] })
}

/// So many more trips, as rows: planning each would take long.
async fn fill(server: &TestServer, trip: &Value, count: usize) {
    let id = roteiro::graphql::node::GlobalId::decode(&trip.as_str().unwrap().into()).ok().unwrap();
    let roteiro::graphql::node::GlobalId::Trip(id) = id else { panic!("{trip}") };
    let (of_sqlite, one) = (server.database.url.starts_with("sqlite:"), id.0.simple());
    let id = if of_sqlite { format!("x'{one}'") } else { format!("'{one}'") };
    for number in 0..count {
        let new = format!("{number:032x}");
        let new = if of_sqlite { format!("x'{new}'") } else { format!("'{new}'") };
        let rows = format!(
            "INSERT INTO trip (id, visitor_id, version, created_at) SELECT {new}, visitor_id, 1, created_at FROM trip WHERE id = {id};
             INSERT INTO trip_version (trip_id, version, content, plan, at)
                SELECT {new}, 1, content, plan, at FROM trip_version WHERE trip_id = {id}"
        );
        server.database.by_hand(&rows).await;
    }
}

#[tokio::test]
async fn trips_links_and_keys_go_along_and_work_as_before() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let ((old, old_refresh), (new, _), (other, _)) = (server.sign_in().await, server.sign_in().await, server.sign_in().await);
        let keyed = |title: &str, key: &str| json!({ "input": { "title": title, "idempotencyKey": key, "request": a_day() } });
        let mine = server.ask_as(&old, SAVE, keyed("Velho", "k1")).await["saveTrip"]["trip"]["id"].take();
        save(&server, &old, "Velho também", &a_day()).await;
        server.ask_as(&old, SAVE, keyed("Mesma chave, telefone velho", "k2")).await;
        server.ask_as(&new, SAVE, keyed("Mesma chave, telefone novo", "k2")).await;
        let link = server.ask_as(&old, SHARE, json!({ "id": mine })).await["shareTrip"]["share"]["token"].take();
        let shown = code(&server, &old).await;
        assert_eq!((shown.len(), shown.split('-').count()), (14, 3), "{shown}");
        assert!(!stands_in(&all_rows(&server).await, &shown.replace('-', "")), "only its mark is kept");

        for wrong in ["", "AAAA-AAAA-AAAA", &shown[..13]] {
            assert_eq!(redeem(&server, &other, wrong).await, refused("NOT_FOUND"), "{wrong}");
        }
        assert_eq!(redeem(&server, &old, &shown).await, refused("BAD_USER_INPUT"), "one's own");
        let moved = redeem(&server, &new, &shown.to_lowercase().replace('-', " ")).await;
        assert_eq!(moved, json!({ "movedTrips": 3, "userErrors": [] }));
        for again in [&new, &other, &old] {
            assert_eq!(redeem(&server, again, &shown).await, refused("NOT_FOUND"), "it was used");
        }

        let all = ["Velho", "Velho também", "Mesma chave, telefone velho", "Mesma chave, telefone novo"].map(str::to_owned);
        assert_eq!(titles(&server, &new).await, BTreeSet::from(all));
        assert_eq!(server.ask_as(&old, MINE, json!({})).await, json!({ "trips": [] }));
        // Links go on working, and are the new owner's to close; keys too.
        let shared =
            async || server.ask("query($token: String!) { trip(by: { shareToken: $token }) { title } }", json!({ "token": link })).await;
        assert_eq!(shared().await["trip"]["title"], "Velho");
        let again = server.ask_as(&new, SAVE, keyed("Outra vez", "k1")).await["saveTrip"]["trip"]["id"].take();
        assert_eq!(again, mine, "the key is known");
        let kept = server.ask_as(&new, SAVE, keyed("Outra vez", "k2")).await["saveTrip"]["trip"].take();
        assert_eq!(kept["title"], "Mesma chave, telefone novo", "where both used a key it stays with the trip of who goes on");
        // The old phone changes nothing any more, and is signed in as before.
        let update = "mutation($id: ID!) { updateTrip(input: { id: $id, expectedVersion: 1, title: \"?\" }) { userErrors { code } } }";
        let revoke = "mutation($token: String!) { revokeShare(input: { token: $token }) { trip { title } userErrors { code } } }";
        assert_eq!(server.ask_as(&old, update, json!({ "id": mine })).await["updateTrip"]["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!(server.ask_as(&old, revoke, json!({ "token": link })).await["revokeShare"]["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!(server.ask_as(&new, revoke, json!({ "token": link })).await["revokeShare"]["trip"]["title"], "Velho");
        assert_eq!(shared().await["trip"], Value::Null);
        server.ask(REFRESH, json!({ "token": old_refresh })).await;
        // Erasing the old visitor takes nothing from the new one.
        let erased = server.ask_as(&old, "mutation { eraseMe { erasedTrips } }", json!({})).await;
        assert_eq!((&erased["eraseMe"]["erasedTrips"], titles(&server, &new).await.len()), (&json!(0), 4));
    }
}

#[tokio::test]
async fn past_a_hundred_trips_nothing_moves() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let ((old, _), (new, _)) = (server.sign_in().await, server.sign_in().await);
        let first = save(&server, &old, "Velho", &a_day()).await;
        fill(&server, &first, 97).await;
        for title in ["Um", "Dois", "Três"] {
            save(&server, &new, title, &a_day()).await;
        }
        let shown = code(&server, &old).await;
        assert_eq!(redeem(&server, &new, &shown).await, refused("LIMIT_REACHED"));
        assert_eq!(titles(&server, &new).await.len(), 3, "refused whole");
        let listed = async |access: &str| server.ask_as(access, "{ trips(first: 100) { id } }", json!({})).await["trips"].take();
        assert_eq!(listed(&old).await.as_array().unwrap().len(), 98);
        // Room is made, and the same code holds.
        let delete = "mutation($id: ID!) { deleteTrip(input: { id: $id }) { deletedTripId } }";
        server.ask_as(&new, delete, json!({ "id": listed(&new).await[0]["id"] })).await;
        assert_eq!(redeem(&server, &new, &shown).await, json!({ "movedTrips": 98, "userErrors": [] }));
        assert_eq!(listed(&new).await.as_array().unwrap().len(), 100);
    }
}

#[tokio::test]
async fn of_many_who_redeem_a_code_at_once_one_gets_the_trips() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let other = TestServer::over(server.database.again(), server.store.clone()).await;
        let (old, _) = server.sign_in().await;
        for title in ["Um", "Dois"] {
            save(&server, &old, title, &a_day()).await;
        }
        let takers: Vec<(String, String)> = join_all((0..8).map(|_| server.sign_in())).await;
        let shown = code(&server, &old).await;
        let all = takers.iter().enumerate().map(|(number, (access, _))| {
            let server = if number % 2 == 0 { &server } else { &other };
            redeem(server, access, &shown)
        });
        let all = join_all(all).await;
        let won: Vec<usize> = (0..all.len()).filter(|number| all[*number]["movedTrips"] == 2).collect();
        assert_eq!(won.len(), 1, "{database:?}: {all:?}");
        for (number, (access, _)) in takers.iter().enumerate() {
            assert_eq!(titles(&server, access).await.len(), if number == won[0] { 2 } else { 0 });
        }
        // Two who redeem each other's codes at once: both go through, one after the other, and no trip is lost.
        let (one, two) = (&takers[won[0]].0, &old);
        save(&server, two, "Três", &a_day()).await;
        let (first, second) = (code(&server, one).await, code(&server, two).await);
        let both = join_all([redeem(&server, two, &first), redeem(&other, one, &second)]).await;
        assert!(both.iter().all(|payload| payload["userErrors"] == json!([])), "{both:?}");
        let (one, two) = (titles(&server, one).await, titles(&server, two).await);
        assert_eq!((one.len() + two.len(), one.union(&two).count()), (3, 3));
    }
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes_by_another_and_with_its_visitor() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let ((old, _), (new, _)) = (server.sign_in().await, server.sign_in().await);
        save(&server, &old, "Um", &a_day()).await;
        let (before, late) = (code(&server, &old).await, code(&server, &old).await);
        assert_eq!(redeem(&server, &new, &before).await, refused("NOT_FOUND"), "another was made");
        server.clock.set(now() + CODE_LIFE);
        assert_eq!(redeem(&server, &new, &late).await, refused("NOT_FOUND"), "{database:?}: it has ended");
        let lost = code(&server, &old).await;
        // Made while the clock was ahead, it would hold for as long.
        server.clock.set(now() - TimeDelta::days(1));
        let (wanderer, _) = server.sign_in().await;
        assert_eq!(redeem(&server, &wanderer, &lost).await, refused("NOT_FOUND"));
        server.clock.set(now() + CODE_LIFE);
        let exported = server.store.visitor_rows(visitor_of(&server, &old).await).await.unwrap();
        assert_eq!(exported.codes.len(), 1, "what is handed over tells of the code");
        server.ask_as(&old, "mutation { eraseMe { erasedTrips } }", json!({})).await;
        assert_eq!(redeem(&server, &new, &lost).await, refused("NOT_FOUND"), "it went with its visitor");
        assert!(!server.database.has("SELECT 1 FROM transfer_code").await);
        // Who was erased makes and redeems none, while the access token holds.
        assert_eq!(server.refusal_to(&old, CREATE, json!({})).await, "UNAUTHENTICATED");
        save(&server, &new, "Um", &a_day()).await;
        let theirs = code(&server, &new).await;
        assert_eq!(server.refusal_to(&old, REDEEM, json!({ "code": theirs })).await, "UNAUTHENTICATED");
        assert_eq!(titles(&server, &new).await.len(), 1);
    }
}

/// The visitor of an access token.
async fn visitor_of(server: &TestServer, access: &str) -> roteiro::domain::ids::VisitorId {
    let shown = roteiro::identity::session::Credentials { authorization: Some(&format!("Bearer {access}")), api_key: None };
    match server.sessions.asking(shown, server.clock.now()).actor {
        roteiro::identity::actor::Actor::Visitor(visitor) => visitor,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn tries_of_codes_are_counted() {
    let server = TestServer::bare_on(Database::Postgres).await;
    let (guesser, _) = server.sign_in().await;
    for _ in 0..10 {
        assert_eq!(redeem(&server, &guesser, "AAAA-AAAA-AAAA").await, refused("NOT_FOUND"));
    }
    let answer = server.answer_to(&guesser, REDEEM, json!({ "code": "AAAA-AAAA-AAAA" })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TOO_MANY_ATTEMPTS", "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["retryAfter"], 901);
    // A new visitor each time does not help for long.
    let mut tried = 10;
    loop {
        let (guesser, _) = server.sign_in().await;
        let answers = join_all((0..10).map(|_| server.answer_to(&guesser, REDEEM, json!({ "code": "BBBB-BBBB-BBBB" })))).await;
        let refused = answers.iter().filter(|answer| answer["errors"][0]["extensions"]["code"] == "TOO_MANY_ATTEMPTS").count();
        tried += 10 - refused;
        if refused > 0 {
            break;
        }
    }
    assert_eq!(tried, 100);
}
