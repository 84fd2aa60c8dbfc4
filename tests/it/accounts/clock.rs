//! A clock that steps back or jumps ahead: nobody is signed out for good, and nothing that was given out by a wrong clock holds for long.

use chrono::{DateTime, TimeDelta, Utc};
use roteiro::clock::Clock;
use roteiro::identity::rights::Role;
use roteiro::store::Store;
use roteiro::store::sessions::NewSession;
use sea_orm::{ConnectionTrait, Database as Connection, Statement};
use serde_json::json;
use uuid::Uuid;

use super::{PASSWORD, REFRESH, VIEWER, newcomer, tokens};
use crate::support::database::BOTH;
use crate::support::program::Served;
use crate::support::{TestServer, eventually, now};

const EMAIL: &str = "maria@x.example";

/// So many hours after the beginning.
fn at(hours: i64) -> DateTime<Utc> {
    now() + TimeDelta::hours(hours)
}

fn day(days: i64) -> DateTime<Utc> {
    at(24 * days)
}

/// What the server does every hour, once a day.
async fn days_go_by(server: &TestServer, days: std::ops::RangeInclusive<i64>) {
    for number in days {
        server.clock.set(day(number));
        server.store.forget_ended_sessions(day(number)).await.unwrap();
    }
}

/// Others come in and sessions are forgotten, while the clock shows this.
async fn life_goes_on(server: &TestServer, shown: DateTime<Utc>) {
    server.clock.set(shown);
    for _ in 0..3 {
        server.sign_in().await;
        tokens(server, "other@x.example", PASSWORD).await;
        server.store.forget_ended_sessions(shown).await.unwrap();
    }
}

/// How many rows the sessions of visitors and of accounts have.
async fn kept(url: &str) -> (i64, i64) {
    let connection = Connection::connect(url).await.unwrap();
    let count = async |table: &str| {
        let query = Statement::from_string(connection.get_database_backend(), format!("SELECT COUNT(*) AS rows FROM {table}"));
        connection.query_one_raw(query).await.unwrap().unwrap().try_get::<i64>("", "rows").unwrap()
    };
    let counted = (count("session").await, count("account_session").await);
    connection.close().await.unwrap();
    counted
}

#[tokio::test]
async fn tokens_and_sessions_outlast_a_step_and_not_a_wrong_clock() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, "maria@x.example", Some((Role::Admin, None))).await;
        let who = async |token: &str| server.answer_to(token, VIEWER, json!({})).await["data"]["viewer"]["__typename"].take();
        // Ten minutes back: what was given out before goes on.
        server.clock.set(now() + TimeDelta::minutes(10));
        let ((account, refresh), (visitor, _)) = (tokens(&server, "maria@x.example", PASSWORD).await, server.sign_in().await);
        server.clock.set(now());
        assert_eq!([who(&account).await, who(&visitor).await], ["Account", "Visitor"], "{database:?}");
        server.ask(REFRESH, json!({ "token": refresh })).await;
        // A year back: an access token would hold for a year; the refresh token gives another.
        server.clock.set(now() + TimeDelta::days(365));
        let ((account, refresh), (visitor, visitor_refresh)) = (tokens(&server, "maria@x.example", PASSWORD).await, server.sign_in().await);
        server.clock.set(now());
        for token in [&account, &visitor] {
            assert_eq!(server.refusal_to(token, VIEWER, json!({})).await, "UNAUTHENTICATED", "{database:?}");
        }
        for token in [refresh, visitor_refresh] {
            let renewed = server.ask(REFRESH, json!({ "token": token })).await["refreshSession"]["accessToken"].take();
            assert!(who(renewed.as_str().unwrap()).await.is_string());
        }
    }
}

#[tokio::test]
async fn a_clock_that_is_a_day_ahead_for_a_while_ends_no_session_for_good() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, EMAIL, None).await;
        newcomer(&server, "other@x.example", None).await;
        let ((_, account), (_, visitor)) = (tokens(&server, EMAIL, PASSWORD).await, server.sign_in().await);
        // An account's session ends after 30 days, a visitor's after 400; half a day before, the clock jumps.
        for (token, last) in [(&account, 29), (&visitor, 399)] {
            days_go_by(&server, last - 29..=last).await;
            life_goes_on(&server, at(24 * last + 36)).await;
            assert_eq!(server.refusal(REFRESH, json!({ "token": token })).await, "UNAUTHENTICATED", "by this clock it has ended");
            life_goes_on(&server, at(24 * last + 12)).await;
            server.ask(REFRESH, json!({ "token": token })).await;
        }
    }
}

#[tokio::test]
async fn a_clock_that_is_years_ahead_for_a_minute_ends_no_session_for_good() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, EMAIL, None).await;
        newcomer(&server, "other@x.example", None).await;
        let ((_, account), (_, visitor)) = (tokens(&server, EMAIL, PASSWORD).await, server.sign_in().await);
        days_go_by(&server, 0..=20).await;
        for minutes in [0, 1] {
            life_goes_on(&server, day(2_000) + TimeDelta::minutes(minutes)).await;
        }
        for token in [&account, &visitor] {
            assert_eq!(server.refusal(REFRESH, json!({ "token": token })).await, "UNAUTHENTICATED", "{database:?}");
        }
        // Even when nobody sets it right for days.
        days_go_by(&server, 2_001..=2_006).await;
        life_goes_on(&server, day(20)).await;
        for token in [account, visitor] {
            server.ask(REFRESH, json!({ "token": token })).await;
        }
    }
}

#[tokio::test]
async fn sessions_are_forgotten_a_week_after_their_end() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, EMAIL, None).await;
        let ((_, account), (_, visitor)) = (tokens(&server, EMAIL, PASSWORD).await, server.sign_in().await);
        days_go_by(&server, 0..=37).await;
        assert_eq!(kept(&server.database.url).await, (1, 1), "{database:?}: an account's ended on day 30");
        assert_eq!(server.refusal(REFRESH, json!({ "token": account })).await, "UNAUTHENTICATED", "it opens nothing for all that");
        days_go_by(&server, 38..=38).await;
        assert_eq!(kept(&server.database.url).await, (1, 0), "{database:?}");
        days_go_by(&server, 39..=407).await;
        assert_eq!(kept(&server.database.url).await, (1, 0), "a visitor's ended on day 400");
        assert_eq!(server.refusal(REFRESH, json!({ "token": visitor })).await, "UNAUTHENTICATED");
        days_go_by(&server, 408..=408).await;
        assert_eq!(kept(&server.database.url).await, (0, 0), "{database:?}");

        // Nobody looked for a year, so it may as well be the clock: a week later it is believed.
        server.sign_in().await;
        days_go_by(&server, 1_000..=1_006).await;
        assert_eq!(kept(&server.database.url).await, (1, 0), "{database:?}");
        days_go_by(&server, 1_007..=1_007).await;
        assert_eq!(kept(&server.database.url).await, (0, 0), "{database:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_forgets_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("roteiro.sqlite").display());
    let (store, today) = (Store::open(&url).await.unwrap(), Clock::System.now());
    store.migrate().await.unwrap();
    for (number, days) in [(1, 8), (2, 6)] {
        let (id, ended) = (Uuid::from_u128(number), today - TimeDelta::days(days));
        let begun = NewSession { id, visitor: roteiro::domain::ids::VisitorId(id), mark: "x".to_owned(), at: ended, expires_at: ended };
        store.begin_session(begun).await.unwrap();
    }
    // The clock has gone on without a jump; two days ago, when it was looked at last, neither had ended more than a week before.
    for days in (2..=10).rev() {
        store.forget_ended_sessions(today - TimeDelta::days(days)).await.unwrap();
    }
    assert_eq!(kept(&url).await, (2, 0));
    let _served = Served::start(folder.path(), &["--no-demo"]);
    eventually("the one that ended more than a week ago is forgotten", async || kept(&url).await.0 == 1).await;
    assert_eq!(store.visitor_rows(roteiro::domain::ids::VisitorId(Uuid::from_u128(2))).await.unwrap().sessions.len(), 1);
}
