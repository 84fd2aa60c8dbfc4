//! Refresh tokens in every order an app, a lost answer or a thief may use them: each gives one successor, and a session ends only
//! when a token is used after its successor.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;

use super::REFRESH;
use crate::support::database::BOTH;
use crate::support::{TestServer, now};

/// The successor of a refresh token, or why there is none.
pub async fn used(server: &TestServer, token: &str) -> Result<String, String> {
    let answer = server.answer(REFRESH, json!({ "token": token })).await;
    match answer["data"]["refreshSession"]["refreshToken"].as_str() {
        Some(next) => Ok(next.to_owned()),
        None => Err(answer["errors"][0]["message"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()),
    }
}

/// The one successor that so many uses at once of a token give, over both servers.
pub async fn used_at_once(servers: [&TestServer; 2], token: &str, times: usize) -> String {
    let uses = (0..times).map(|number| used(servers[number % 2], token));
    let given: BTreeSet<Result<String, String>> = join_all(uses).await.into_iter().collect();
    assert_eq!(given.len(), 1, "{given:?}");
    given.into_iter().next().unwrap().unwrap()
}

/// A session in two processes, from its first refresh token on: each token is used many times at once, and the session ends when one
/// comes back after its successor.
pub async fn lives_and_ends(servers: [&TestServer; 2], first: String) {
    let mut tokens = vec![first];
    for round in 0..4 {
        let next = used_at_once(servers, &tokens[round], 20).await;
        assert!(!tokens.contains(&next));
        // Not only at once: the answer may be lost for a day.
        for server in servers {
            server.clock.set(now() + TimeDelta::days(round as i64));
            assert_eq!(used(server, &tokens[round]).await.as_ref(), Ok(&next));
        }
        tokens.push(next);
    }
    // What was never given out is nobody's, and ends nothing.
    for changed in [format!("{}x", tokens[1]), tokens[1][..60].to_owned(), tokens[1].to_uppercase()] {
        assert!(used(servers[0], &changed).await.unwrap_err().contains("opens nothing"));
    }
    let (live, next) = (&tokens[4], used(servers[1], &tokens[4]).await.unwrap());
    assert_eq!(used(servers[0], live).await, Ok(next.clone()));
    let stolen = used(servers[0], &tokens[3]).await;
    assert!(stolen.unwrap_err().contains("used before"), "its successor was used");
    for token in [live, &next] {
        assert!(used(servers[1], token).await.unwrap_err().contains("opens nothing"));
    }
}

#[tokio::test]
async fn every_use_of_a_token_gives_the_same_successor() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let other = TestServer::over(server.database.again(), server.store.clone()).await;
        let (_, first) = server.sign_in().await;
        lives_and_ends([&server, &other], first).await;
    }
}

/// Random orders against a model: the number of the token used last. That one and the next may be used, an older one ends all.
#[tokio::test]
async fn in_any_order_a_session_ends_only_by_a_token_whose_successor_was_used() {
    let mut random = StdRng::seed_from_u64(20_261_127);
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let other = TestServer::over(server.database.again(), server.store.clone()).await;
        let mut ended = 0;
        for _ in 0..25 {
            let mut tokens = vec![server.sign_in().await.1];
            // How many of the tokens were used; none at first.
            let (mut uses, mut is_live) = (0, true);
            for _ in 0..12 {
                // Mostly the two that are live.
                let number = if random.random_bool(0.9) { tokens.len() - 1 } else { random.random_range(0..tokens.len()) };
                let number = if random.random_bool(0.4) { number.saturating_sub(1) } else { number };
                let asked = if random.random_bool(0.5) { &server } else { &other };
                let given = used(asked, &tokens[number]).await;
                is_live &= number + 1 >= uses;
                assert_eq!(given.is_ok(), is_live, "{database:?}: token {number} after {uses} were used: {given:?}");
                let Ok(given) = given else { continue };
                match tokens.get(number + 1) {
                    Some(known) => assert_eq!(known, &given, "token {number} after {uses} were used"),
                    None => tokens.push(given),
                }
                uses = uses.max(number + 1);
            }
            ended += usize::from(!is_live);
        }
        assert!((3..23).contains(&ended), "both ends are met: {ended}");
    }
}
