//! Plans: however many one client asks for, another gets its own in its turn.

use std::sync::atomic::{AtomicUsize, Ordering};

use roteiro::fair::admission::Admission;
use serde_json::{Value, json};

use super::caller::{Caller, code};
use crate::support::TestServer;
use crate::support::database::Database;

const PLAN: &str = "query($request: TripPlanRequest!) { tripPlan(request: $request) { score } }";

fn days(seed: usize, days: u32) -> Value {
    let start = json!({ "location": { "latitude": -15.596, "longitude": -56.097 } });
    json!({ "request": {
        "cities": ["cuiaba", "chapada-dos-guimaraes", "nobres", "pocone", "caceres"], "seed": seed,
        "days": (12..12 + days).map(|day| json!({ "date": format!("2026-12-{day}"), "start": start })).collect::<Vec<_>>(),
    } })
}

#[tokio::test(flavor = "multi_thread")]
async fn ninety_plans_of_one_client_keep_nobody_else_from_theirs() {
    let (database, store) = TestServer::filled(Database::Sqlite, true).await;
    let server = TestServer::sharing(database, store, |_| Admission::default(), None).await;
    let (answered, greedy) = (AtomicUsize::new(0), Caller::at(&server, "192.0.2.1"));
    let flood = futures::future::join_all((0..90).map(|seed| {
        let (greedy, answered) = (greedy.clone(), &answered);
        async move {
            let answer = greedy.ask(PLAN, days(1_000 + seed, 14)).await;
            answered.fetch_add(1, Ordering::SeqCst);
            code(&answer)
        }
    }));
    let honest = async {
        // The queue is full once the first are told so.
        while answered.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let mut before = Vec::new();
        for number in 0..5 {
            let other = Caller::at(&server, &format!("192.0.2.{}", 2 + number));
            let plan = other.ask(PLAN, days(5_000 + number, 1)).await;
            assert!(plan["data"]["tripPlan"]["score"].as_f64().is_some_and(|score| score > 0.0), "{plan}");
            before.push(answered.load(Ordering::SeqCst));
        }
        before
    };
    let (codes, before) = tokio::join!(flood, honest);
    assert!(before[0] < 90, "the first waited for all of the flood");
    let busy = codes.iter().flatten().filter(|code| *code == "BUSY").count();
    assert!(codes.iter().flatten().all(|code| code == "BUSY"), "{codes:?}");
    // 64 have room, of which a few gave way.
    assert!((26..=36).contains(&busy), "{busy} were told to come back");
}
