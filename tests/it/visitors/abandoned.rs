//! Trips of visitors whose session ended: nobody can revoke their links, so they go as sessions go.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::refreshing::used;
use crate::support::database::BOTH;
use crate::support::{TestServer, now};
use crate::trips::saved::{a_day, save};

const SHARE: &str = "mutation($id: ID!) { shareTrip(input: { id: $id }) { share { token } } }";
const SHARED: &str = "query($token: String!) { trip(by: { shareToken: $token }) { title } }";

/// A visitor with a shared trip: refresh token and token of the link.
async fn with_link(server: &TestServer, title: &str) -> (String, Value) {
    let (access, refresh) = server.sign_in().await;
    let trip = save(server, &access, title, &a_day()).await;
    let link = server.ask_as(&access, SHARE, json!({ "id": trip })).await["shareTrip"]["share"]["token"].take();
    (refresh, link)
}

/// Somebody else comes back with a token whose successor was used.
async fn stolen(server: &TestServer, first: &str) {
    let second = used(server, first).await.unwrap();
    used(server, &second).await.unwrap();
    assert!(used(server, first).await.unwrap_err().contains("used before"));
}

#[tokio::test]
async fn trips_go_a_week_after_the_last_session_of_their_visitor() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let opens = async |link: &Value| server.ask(SHARED, json!({ "token": link })).await["trip"].is_object();
        // What the server does every hour, once a day.
        let day = async |days: i64| {
            let at = now() + TimeDelta::days(days);
            server.clock.set(at);
            server.store.forget_ended_sessions(at).await.unwrap()
        };
        let ((refresh, link), (living, stays)) = (with_link(&server, "Perdido").await, with_link(&server, "Fica").await);
        for number in 0..=20 {
            day(number).await;
        }
        stolen(&server, &refresh).await;
        // The clock is years ahead for a while: nothing goes.
        assert_eq!(day(2_000).await, None);
        for number in 20..=26 {
            day(number).await;
            assert!(opens(&link).await && opens(&stays).await, "{database:?}: day {number}");
        }
        assert_eq!(day(27).await.unwrap().trips, 0, "a week to the day");
        let forgotten = day(28).await.unwrap();
        assert_eq!((forgotten.sessions, forgotten.trips), (1, 1), "{database:?}");
        assert!(!opens(&link).await && opens(&stays).await);
        for table in ["trip", "trip_version", "trip_share"] {
            let more_than_one = format!("SELECT 1 FROM (SELECT COUNT(*) AS rows_there FROM {table}) AS counted WHERE rows_there > 1");
            assert!(!server.database.has(&more_than_one).await, "{database:?}: {table} keeps what was abandoned");
        }

        // A session that nobody used ends after 400 days, and a week later its trips are gone.
        used(&server, &living).await.unwrap();
        for number in 29..=435 {
            assert_eq!(day(number).await.unwrap().trips, 0, "day {number}");
        }
        assert!(opens(&stays).await);
        assert_eq!(day(436).await.unwrap().trips, 1, "{database:?}");
        assert!(!opens(&stays).await);
    }
}

#[tokio::test]
async fn trips_whose_session_is_gone_already_go_too() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, link) = with_link(&server, "Sem dono").await;
        server.database.by_hand("DELETE FROM session").await;
        let mut forgotten = None;
        for days in 0..=7 {
            assert_eq!(forgotten, None);
            forgotten = server.store.forget_ended_sessions(now() + TimeDelta::days(days)).await.unwrap();
        }
        assert_eq!(forgotten.unwrap().trips, 1, "{database:?}");
        assert_eq!(server.ask(SHARED, json!({ "token": link })).await["trip"], Value::Null);
    }
}
