//! Partners by key.

use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use super::{VIEWER, log};
use crate::support::TestServer;
use crate::support::database::BOTH;
use crate::visitors::data::{all_rows, stands_in};

/// The answer to who sends this header.
async fn answer(server: &TestServer, (header, value): (&str, &str), query: &str) -> Value {
    let request = server.client.post(server.url("/graphql")).header(header, value).json(&json!({ "query": query }));
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_partner_is_known_by_a_key_until_it_is_revoked() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let other = TestServer::over(server.database.again(), server.store.clone()).await;
        let (_, admin) = server.account(Role::Admin, None).await;
        let create =
            "mutation($name: String!) { createApiKey(input: { name: $name }) { apiKey { id name revokedAt } secret userErrors { code } } }";
        let made = server.ask_as(&admin, create, json!({ "name": "Viagens MT" })).await["createApiKey"].take();
        let secret = made["secret"].as_str().unwrap();
        assert!(!stands_in(&all_rows(&server).await, secret), "only its mark is kept");
        let nameless = server.ask_as(&admin, create, json!({ "name": " " })).await;
        assert_eq!(nameless["createApiKey"]["userErrors"], json!([{ "code": "BAD_USER_INPUT" }]));

        let (plain, scheme) = (("X-Api-Key", secret), ("Authorization", format!("ApiKey {secret}")));
        let scheme = (scheme.0, scheme.1.as_str());
        let partner = json!({ "data": { "viewer": { "__typename": "Partner", "name": "Viagens MT" } } });
        for shown in [plain, scheme] {
            assert_eq!(answer(&server, shown, VIEWER).await, partner, "{database:?}");
        }
        other.sessions.reload_partners().await.unwrap();
        assert_eq!(answer(&other, plain, VIEWER).await, partner);
        for protected in ["{ trips { id } }", "{ apiKeys { id } }", "mutation { beginTotp { secret } }"] {
            assert_eq!(answer(&server, plain, protected).await["errors"][0]["extensions"]["code"], "FORBIDDEN", "{protected}");
        }

        let revoke = "mutation($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { revokedAt } userErrors { code } } }";
        let revoked = server.ask_as(&admin, revoke, json!({ "id": made["apiKey"]["id"] })).await["revokeApiKey"].take();
        assert!(revoked["apiKey"]["revokedAt"].is_string(), "{revoked}");
        for id in ["x", "AAAAAAAAAAAAAAAAAAAAAA"] {
            assert_ne!(server.ask_as(&admin, revoke, json!({ "id": id })).await["revokeApiKey"]["userErrors"], json!([]));
        }
        other.sessions.reload_partners().await.unwrap();
        for (process, shown) in [(&server, plain), (&server, scheme), (&other, plain), (&server, ("X-Api-Key", "roteiro_x"))] {
            for protected in [VIEWER, "{ trips { id } }", "{ apiKeys { id } }"] {
                let refused = answer(process, shown, protected).await;
                assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{protected}");
            }
            assert!(answer(process, shown, "{ catalogue { version } }").await["errors"].is_null(), "public reads go on");
        }
        let keys = server.ask_as(&admin, "{ apiKeys { name revokedAt } }", json!({})).await;
        assert_eq!((keys["apiKeys"].as_array().unwrap().len(), &keys["apiKeys"][0]["name"]), (1, &json!("Viagens MT")));
        assert_eq!(log(&server).await[3..], ["API_KEY_CREATED", "API_KEY_REVOKED"]);
    }
}
