//! One time for all processes over a database: a machine whose clock is wrong decides nothing early, and says so.

use chrono::TimeDelta;
use roteiro::clock::Clock;
use roteiro::editorial::scheduler;
use roteiro::identity::session::Sessions;
use serde_json::{Value, json};

use crate::drafts::{Team, public_name};
use crate::support::database::{BOTH, Database};
use crate::support::{TestServer, vault};

/// A machine's clock that is so far ahead.
fn machine(ahead: TimeDelta) -> Clock {
    let clock = Clock::shared();
    clock.set(Clock::System.now() + ahead);
    clock
}

#[tokio::test]
async fn a_process_that_is_hours_fast_or_slow_publishes_nothing_early_and_nothing_late() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        server.clock.set(Clock::System.now());
        let team = Team::of(&server).await;
        for (number, ahead) in [TimeDelta::hours(2), TimeDelta::hours(-2)].into_iter().enumerate() {
            let right = Clock::System.now();
            server.clock.set(right);
            let mut drafts = Vec::new();
            for (name, due) in [("cedo", right + TimeDelta::hours(1)), ("agora", right + TimeDelta::seconds(2))] {
                let draft = team.begin(&format!("{name}-{number}")).await;
                let draft = team.on("submitForReview", &draft, json!({})).await;
                let draft = team.on("approve", &draft, json!({})).await;
                drafts.push(team.on("schedule", &draft, json!({ "at": due.to_rfc3339() })).await);
            }
            let clock = machine(ahead);
            if database == Database::Sqlite {
                // It has no clock to ask: the machine's is gone by.
                server.store.tell_time(&clock).await.unwrap();
                assert_eq!((clock.ahead(), clock.is_off()), (TimeDelta::zero(), false));
                continue;
            }
            assert!(!clock.is_off(), "nothing is known yet");
            server.store.tell_time(&clock).await.unwrap();
            assert!((clock.now() - Clock::System.now()).abs() < TimeDelta::minutes(1), "{ahead}");
            assert!(clock.is_off() && (clock.ahead() - ahead).abs() < TimeDelta::minutes(1), "{ahead}");
            crate::support::eventually("what is due is published", async || {
                scheduler::round(&server.desk, &clock).await.unwrap();
                server.catch_up().await;
                public_name(&server, &drafts[1]["id"]).await != Value::Null
            })
            .await;
            assert_eq!(public_name(&server, &drafts[0]["id"]).await, Value::Null, "{ahead}: an hour too early");
        }
    }
}

#[tokio::test]
async fn a_clock_that_is_set_forward_later_publishes_nothing_early() {
    let server = TestServer::demo_on(Database::Postgres).await;
    let right = Clock::System.now();
    server.clock.set(right);
    let team = Team::of(&server).await;
    let draft = team.begin("cedo").await;
    let draft = team.on("submitForReview", &draft, json!({})).await;
    let draft = team.on("approve", &draft, json!({})).await;
    let draft = team.on("schedule", &draft, json!({ "at": (right + TimeDelta::hours(1)).to_rfc3339() })).await;
    // It was not asked since: the scheduler asks before it publishes.
    let clock = machine(TimeDelta::hours(2));
    assert_eq!(scheduler::round(&server.desk, &clock).await.unwrap(), 0);
    server.catch_up().await;
    assert_eq!(public_name(&server, &draft["id"]).await, Value::Null);
}

#[tokio::test]
async fn a_token_of_a_process_whose_clock_is_wrong_holds_everywhere() {
    let server = TestServer::demo_on(Database::Postgres).await;
    server.clock.set(Clock::System.now());
    for ahead in [TimeDelta::hours(2), TimeDelta::hours(-2)] {
        let clock = machine(ahead);
        let elsewhere = Sessions::open(server.store.clone(), vault(&server.store).await, server.clock.now()).await.unwrap();
        server.store.tell_time(&clock).await.unwrap();
        let tokens = elsewhere.sign_in_anonymously(clock.now()).await.unwrap();
        assert_eq!(server.ask_as(&tokens.access, "{ trips { title } }", json!({})).await, json!({ "trips": [] }), "{ahead}");
    }
    // Were one made by a clock that nobody corrected, the reason is its own.
    let fast = server.sessions.sign_in_anonymously(server.clock.now() + TimeDelta::hours(2)).await.unwrap();
    let answer = server.answer_to(&fast.access, "{ trips { title } }", json!({})).await;
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("fast") && !message.contains("expired"), "{message}");
}

#[tokio::test]
async fn readiness_says_how_wrong_the_machine_is() {
    let clock = machine(TimeDelta::hours(2));
    let server = TestServer::with_clock(Database::Postgres, clock.clone()).await;
    server.store.tell_time(&clock).await.unwrap();
    let told: Value = server.client.get(server.url("/readyz")).send().await.unwrap().json().await.unwrap();
    assert_eq!((&told["status"], &told["clock"]), (&json!("ready"), &json!("off")), "{told:#}");
    assert!((told["clockAheadSeconds"].as_f64().unwrap() - 7_200.0).abs() < 60.0, "{told:#}");
    clock.set(Clock::System.now());
    let told: Value = server.client.get(server.url("/readyz")).send().await.unwrap().json().await.unwrap();
    assert_eq!(told["clock"], "ok", "{told:#}");
}
