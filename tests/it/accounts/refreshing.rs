//! Refresh tokens of accounts, which follow the rule of those of visitors.

use super::{PASSWORD, newcomer, tokens};
use crate::support::TestServer;
use crate::support::database::BOTH;
use crate::visitors::refreshing::lives_and_ends;

#[tokio::test]
async fn every_use_of_a_token_of_an_account_gives_the_same_successor() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let other = TestServer::over(server.database.again(), server.store.clone()).await;
        newcomer(&server, "maria@x.example", None).await;
        let (_, first) = tokens(&server, "maria@x.example", PASSWORD).await;
        lives_and_ends([&server, &other], first).await;
    }
}
