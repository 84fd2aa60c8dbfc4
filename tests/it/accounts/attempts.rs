//! Ten thousand tries to sign in: bounded work, and an owner who comes in all the same.

use std::net::{IpAddr, Ipv4Addr};

use chrono::TimeDelta;
use roteiro::identity::attempts::{FROM_PLACE, OF_NAME, OF_NAME_FROM_PLACE};
use roteiro::identity::sign_in::{Shown, SignInError};
use serde_json::json;

use super::{PASSWORD, SIGN_IN, newcomer};
use crate::support::database::{BOTH, Database};
use crate::support::{TestServer, now};

const EMAIL: &str = "maria@x.example";
const TRIES: u32 = 10_000;

fn place(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number))
}

const DESK: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)));

/// Tries; true when somebody came in, false when it was wrong, an error when nothing was looked at.
async fn tried(server: &TestServer, email: &str, password: &str, place: Option<IpAddr>) -> Result<bool, u32> {
    let shown = Shown { email, password, code: None, place };
    match server.accounts.sign_in(shown, server.clock.now()).await {
        Ok(_) => Ok(true),
        Err(SignInError::Wrong) => Ok(false),
        Err(SignInError::TooMany(seconds)) => Err(seconds),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn ten_thousand_places_try_a_name_and_its_owner_comes_in_at_the_desk() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    newcomer(&server, EMAIL, None).await;
    assert_eq!(tried(&server, EMAIL, PASSWORD, DESK).await, Ok(true));
    let before = server.accounts.hashed();
    for number in 0..TRIES {
        assert_ne!(tried(&server, EMAIL, "errada errada", Some(place(number))).await, Ok(true));
    }
    assert_eq!(server.accounts.hashed() - before, OF_NAME as u64);
    assert_eq!(tried(&server, EMAIL, PASSWORD, DESK).await, Ok(true), "where they came in before");
    let wait = tried(&server, EMAIL, PASSWORD, Some(place(TRIES))).await.unwrap_err();
    assert!((1..=901).contains(&wait), "{wait}");
    server.clock.set(now() + TimeDelta::seconds(i64::from(wait)));
    assert_eq!(tried(&server, EMAIL, PASSWORD, Some(place(TRIES))).await, Ok(true), "elsewhere once the window is over");
}

#[tokio::test]
async fn one_place_tries_ten_thousand_names() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let before = server.accounts.hashed();
    for number in 0..TRIES {
        tried(&server, &format!("{number}@x.example"), "errada errada", DESK).await.ok();
    }
    assert_eq!(server.accounts.hashed() - before, FROM_PLACE as u64);
}

#[tokio::test]
async fn tries_are_counted_for_all_processes_and_good_ones_are_not() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let other = TestServer::over(server.database.again(), server.store.clone()).await;
        newcomer(&server, EMAIL, None).await;
        for number in 0..OF_NAME_FROM_PLACE {
            let process = if number % 2 == 0 { &server } else { &other };
            assert_eq!(tried(process, EMAIL, "errada errada", DESK).await, Ok(false));
        }
        for process in [&server, &other] {
            assert_eq!(tried(process, EMAIL, PASSWORD, DESK).await, Err(901), "{database:?}");
            assert_eq!(tried(process, EMAIL, PASSWORD, Some(place(1))).await, Ok(true), "another place is not shut out");
        }
        server.clock.set(now() + TimeDelta::minutes(15));
        for _ in 0..3 * OF_NAME_FROM_PLACE {
            assert_eq!(tried(&server, EMAIL, PASSWORD, DESK).await, Ok(true));
        }
    }
}

#[tokio::test]
async fn many_at_once_do_not_pass_the_bound() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, EMAIL, None).await;
        let before = server.accounts.hashed();
        let tries = (0..40).map(|_| tried(&server, EMAIL, "errada errada", DESK));
        let outcomes = futures::future::join_all(tries).await;
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Ok(false)).count(), OF_NAME_FROM_PLACE as usize, "{database:?}");
        assert_eq!(server.accounts.hashed() - before, OF_NAME_FROM_PLACE as u64);
    }
}

#[tokio::test]
async fn a_client_is_told_when_to_come_back_and_no_address_is_kept() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, EMAIL, None).await;
        let input = json!({ "input": { "email": EMAIL, "password": "errada errada" } });
        for _ in 0..OF_NAME_FROM_PLACE {
            server.ask(SIGN_IN, input.clone()).await;
        }
        let refused = server.answer(SIGN_IN, input).await;
        let extensions = &refused["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "TOO_MANY_ATTEMPTS", "{refused}");
        assert_eq!(extensions["retryAfter"], 901);
        let rows = crate::visitors::data::all_rows(&server).await;
        assert!(crate::visitors::data::stands_in(&rows, EMAIL), "the search finds what is there");
        assert!(!crate::visitors::data::stands_in(&rows, "127.0.0.1"));
    }
}

#[tokio::test]
async fn a_clock_that_steps_back_makes_no_window_longer() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        newcomer(&server, EMAIL, None).await;
        server.clock.set(now() + TimeDelta::days(30));
        for _ in 0..OF_NAME_FROM_PLACE {
            assert_eq!(tried(&server, EMAIL, "errada errada", DESK).await, Ok(false));
        }
        server.clock.set(now());
        assert_eq!(tried(&server, EMAIL, PASSWORD, DESK).await, Err(901), "{database:?}");
        server.clock.set(now() + TimeDelta::minutes(14));
        assert_eq!(tried(&server, EMAIL, PASSWORD, DESK).await, Err(61));
        server.clock.set(now() + TimeDelta::minutes(15));
        assert_eq!(tried(&server, EMAIL, PASSWORD, DESK).await, Ok(true));
    }
}
