//! A clock that steps back: nobody is signed out, and nothing that was given out by a wrong clock holds for long.

use chrono::TimeDelta;
use roteiro::identity::rights::Role;
use serde_json::json;

use super::{PASSWORD, REFRESH, VIEWER, newcomer, tokens};
use crate::support::database::BOTH;
use crate::support::{TestServer, now};

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
