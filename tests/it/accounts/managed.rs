//! Who decides about accounts, and who reads what was done.

use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use super::{PASSWORD, REFRESH, log, mended, newcomer, signed, tokens};
use crate::support::TestServer;
use crate::support::database::BOTH;

const CREATE: &str = "mutation($input: CreateAccountInput!) { createAccount(input: $input) { account { email roles { role city { slug } } } password userErrors { code } } }";
const GRANT: &str =
    "mutation($input: RoleInput!) { grantRole(input: $input) { account { roles { role city { slug } } } userErrors { code } } }";
const REVOKE: &str = "mutation($input: RoleInput!) { revokeRole(input: $input) { account { roles { role } } userErrors { code } } }";
const DISABLE: &str =
    "mutation($input: DisableAccountInput!) { disableAccount(input: $input) { account { disabledAt } userErrors { code } } }";
const ENABLE: &str = "mutation($input: EnableAccountInput!) { enableAccount(input: $input) { account { email disabledAt roles { role } } userErrors { field code } } }";

async fn done(server: &TestServer, token: &str, query: &str, input: Value) -> Value {
    let data = server.ask_as(token, query, json!({ "input": input })).await;
    data.as_object().unwrap().values().next().unwrap().clone()
}

async fn refused(server: &TestServer, token: &str, query: &str, input: Value) -> String {
    server.refusal_to(token, query, json!({ "input": input })).await
}

#[tokio::test]
async fn who_administers_a_city_decides_there_and_nowhere_else() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, mine) = server.account(Role::CityAdmin, Some("cuiaba")).await;
        let new = json!({ "email": "Ana@x.example", "name": "Ana", "role": "EDITOR", "city": "cuiaba" });
        let made = done(&server, &mine, CREATE, new.clone()).await;
        assert_eq!(made["account"], json!({ "email": "ana@x.example", "roles": [{ "role": "EDITOR", "city": { "slug": "cuiaba" } }] }));
        let (ana, _) = tokens(&server, "ana@x.example", made["password"].as_str().unwrap()).await;
        assert_eq!(mended(&done(&server, &mine, CREATE, new).await), "TAKEN", "{database:?}");
        for (field, value) in [("email", "no address"), ("email", "a b@x.example"), ("name", ""), ("name", "a\nb")] {
            let mut bad = json!({ "email": "b@x.example", "name": "B", "role": "EDITOR", "city": "cuiaba" });
            bad[field] = json!(value);
            assert_eq!(mended(&done(&server, &mine, CREATE, bad).await), "BAD_USER_INPUT", "{value}");
        }
        let role = |role: &str, city: Value| json!({ "email": "ana@x.example", "role": role, "city": city });
        let given = done(&server, &mine, GRANT, role("CITY_ADMIN", json!("cuiaba"))).await;
        assert_eq!(given["account"]["roles"].as_array().unwrap().len(), 2, "{given}");
        assert_eq!(refused(&server, &mine, GRANT, role("EDITOR", json!("caceres"))).await, "FORBIDDEN");
        assert_eq!(refused(&server, &mine, GRANT, role("ADMIN", Value::Null)).await, "FORBIDDEN");
        assert_eq!(refused(&server, &mine, GRANT, role("EDITOR", json!("atlantis"))).await, "UNKNOWN_CITY");
        assert_eq!(mended(&done(&server, &mine, GRANT, role("ADMIN", json!("cuiaba"))).await), "BAD_USER_INPUT");

        // A role that is taken away is gone at once, whatever the token says.
        let list = "{ accounts(city: \"cuiaba\") { nodes { email } } }";
        server.ask_as(&ana, list, json!({})).await;
        done(&server, &mine, REVOKE, role("CITY_ADMIN", json!("cuiaba"))).await;
        assert_eq!(server.refusal_to(&ana, list, json!({})).await, "FORBIDDEN");
        assert_eq!(mended(&done(&server, &mine, REVOKE, role("CITY_ADMIN", json!("cuiaba"))).await), "NOT_FOUND");

        // An account with roles elsewhere is not closed by one city.
        let (_, admin) = server.account(Role::Admin, None).await;
        done(&server, &admin, GRANT, role("REVIEWER", json!("caceres"))).await;
        let close = json!({ "email": "ana@x.example", "city": "cuiaba" });
        assert_eq!(mended(&done(&server, &mine, DISABLE, close.clone()).await), "NOT_YOURS");
        done(&server, &admin, REVOKE, role("REVIEWER", json!("caceres"))).await;
        assert!(done(&server, &mine, DISABLE, close).await["account"]["disabledAt"].is_string());
        assert_eq!(server.refusal_to(&ana, list, json!({})).await, "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn who_may_close_an_account_may_open_it_again() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, mine) = server.account(Role::CityAdmin, Some("cuiaba")).await;
        let (_, theirs) = server.account(Role::CityAdmin, Some("caceres")).await;
        let (_, editor) = server.account(Role::Editor, Some("cuiaba")).await;
        let (_, admin) = server.account(Role::Admin, None).await;
        newcomer(&server, "ana@x.example", Some((Role::Publisher, Some(server.city("cuiaba"))))).await;
        let (_, refresh) = tokens(&server, "ana@x.example", PASSWORD).await;
        let here = json!({ "email": " Ana@X.example", "city": "cuiaba" });
        assert!(done(&server, &mine, DISABLE, here.clone()).await["account"]["disabledAt"].is_string());
        assert_eq!(mended(&signed(&server, "ana@x.example", PASSWORD, None).await), "WRONG_CREDENTIALS");

        // Not by who may not, nor from a city that is not its own.
        assert_eq!(refused(&server, &theirs, ENABLE, here.clone()).await, "FORBIDDEN", "{database:?}");
        assert_eq!(refused(&server, &editor, ENABLE, here.clone()).await, "FORBIDDEN");
        assert_eq!(refused(&server, &mine, ENABLE, json!({ "email": "ana@x.example" })).await, "FORBIDDEN");
        let told = done(&server, &theirs, ENABLE, json!({ "email": "ana@x.example", "city": "caceres" })).await;
        assert_eq!(told, json!({ "account": null, "userErrors": [{ "field": ["input", "email"], "code": "NOT_YOURS" }] }));
        let nobody = json!({ "email": "nobody@x.example", "city": "cuiaba" });
        assert_eq!(mended(&done(&server, &mine, ENABLE, nobody).await), "NOT_FOUND");
        assert_eq!(mended(&signed(&server, "ana@x.example", PASSWORD, None).await), "WRONG_CREDENTIALS", "{database:?}: still closed");

        let before = log(&server).await.len();
        let open = json!({ "email": "ana@x.example", "disabledAt": null, "roles": [{ "role": "PUBLISHER" }] });
        for _ in 0..2 {
            let told = done(&server, &mine, ENABLE, here.clone()).await;
            assert_eq!(told, json!({ "account": open, "userErrors": [] }), "{database:?}");
        }
        assert_eq!(log(&server).await[before..], ["ACCOUNT_ENABLED"], "what is open is not opened");
        assert_eq!(server.refusal(REFRESH, json!({ "token": refresh })).await, "UNAUTHENTICATED", "its sessions ended for good");
        let (ana, _) = tokens(&server, "ana@x.example", PASSWORD).await;
        server.ask_as(&ana, "{ drafts(cities: [\"cuiaba\"]) { __typename } }", json!({})).await;
        let read = "{ auditLog(city: \"cuiaba\", first: 2) { nodes { action accountId subjectId } } }";
        let noted = server.ask_as(&mine, read, json!({})).await["auditLog"]["nodes"].take();
        let id = async |token: &str| server.ask_as(token, "{ viewer { ... on Account { id } } }", json!({})).await["viewer"]["id"].take();
        let opened = json!({ "action": "ACCOUNT_ENABLED", "accountId": id(&mine).await, "subjectId": id(&ana).await });
        assert_eq!((&noted[0]["action"], &noted[1]), (&json!("SIGNED_IN"), &opened), "{database:?}");

        // With a role elsewhere too it is a matter of all cities.
        let elsewhere = json!({ "email": "ana@x.example", "role": "REVIEWER", "city": "caceres" });
        done(&server, &admin, GRANT, elsewhere).await;
        let everywhere = json!({ "email": "ana@x.example" });
        assert!(done(&server, &admin, DISABLE, everywhere.clone()).await["account"]["disabledAt"].is_string());
        assert_eq!(mended(&done(&server, &mine, ENABLE, here).await), "NOT_YOURS");
        assert_eq!(done(&server, &admin, ENABLE, everywhere).await["account"]["disabledAt"], Value::Null);
        tokens(&server, "ana@x.example", PASSWORD).await;
    }
}

#[tokio::test]
async fn nobody_takes_from_themselves_what_they_could_not_give_back() {
    let server = TestServer::demo_on(BOTH[0]).await;
    newcomer(&server, "admin@x.example", Some((Role::Admin, None))).await;
    let (admin, _) = tokens(&server, "admin@x.example", PASSWORD).await;
    let mine = json!({ "email": "admin@x.example", "role": "ADMIN" });
    assert_eq!(mended(&done(&server, &admin, REVOKE, mine).await), "NOT_YOURS");
    assert_eq!(mended(&done(&server, &admin, DISABLE, json!({ "email": "admin@x.example" })).await), "NOT_YOURS");
    assert_eq!(mended(&done(&server, &admin, DISABLE, json!({ "email": "nobody@x.example" })).await), "NOT_FOUND");
    assert!(signed(&server, "admin@x.example", PASSWORD, None).await["session"].is_object());
}

#[tokio::test]
async fn accounts_are_listed_page_by_page() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let cuiaba = server.city("cuiaba");
        for name in ["b", "a", "d", "c"] {
            newcomer(&server, &format!("{name}@x.example"), Some((Role::Editor, Some(cuiaba)))).await;
        }
        newcomer(&server, "e@x.example", Some((Role::Editor, Some(server.city("caceres"))))).await;
        let (_, admin) = server.account(Role::Admin, None).await;
        let list = "query($after: String) { accounts(city: \"cuiaba\", first: 3, after: $after) { nodes { email } pageInfo { hasNextPage endCursor } } }";
        let first = server.ask_as(&admin, list, json!({})).await["accounts"].take();
        let emails = |page: &Value| {
            page["nodes"].as_array().unwrap().iter().map(|node| node["email"].as_str().unwrap()[..1].to_owned()).collect::<String>()
        };
        assert_eq!((emails(&first).as_str(), &first["pageInfo"]["hasNextPage"]), ("abc", &json!(true)), "{database:?}");
        let second = server.ask_as(&admin, list, json!({ "after": first["pageInfo"]["endCursor"] })).await["accounts"].take();
        assert_eq!((emails(&second).as_str(), &second["pageInfo"]["hasNextPage"]), ("d", &json!(false)));
        assert_eq!(
            server.ask_as(&admin, "{ accounts { nodes { email } } }", json!({})).await["accounts"]["nodes"].as_array().unwrap().len(),
            6
        );
        assert_eq!(server.refusal_to(&admin, "{ accounts(first: 101) { nodes { email } } }", json!({})).await, "BAD_PAGE");
    }
}

#[tokio::test]
async fn a_city_reads_what_was_done_there_and_how_its_people_sign_in() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        for (name, city) in [("ana", "cuiaba"), ("bia", "caceres")] {
            newcomer(&server, &format!("{name}@x.example"), Some((Role::Editor, Some(server.city(city))))).await;
            tokens(&server, &format!("{name}@x.example"), PASSWORD).await;
        }
        signed(&server, "nobody@x.example", PASSWORD, None).await;
        let (_, mine) = server.account(Role::CityAdmin, Some("cuiaba")).await;
        let (_, admin) = server.account(Role::Admin, None).await;
        let read = async |token: &str, arguments: &str| {
            let query = format!(
                "{{ auditLog({arguments}) {{ nodes {{ id action at detail city {{ slug }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
            );
            server.ask_as(token, &query, json!({})).await["auditLog"].take()
        };
        let words = |page: &Value| {
            page["nodes"].as_array().unwrap().iter().map(|node| node["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let here = read(&mine, "city: \"cuiaba\"").await;
        assert_eq!(words(&here), ["ROLE_GRANTED", "ACCOUNT_CREATED", "SIGNED_IN", "ROLE_GRANTED", "ACCOUNT_CREATED"], "{database:?}");
        let all = read(&admin, "first: 100").await;
        assert!(words(&all).contains(&"SIGN_IN_FAILED".to_owned()) && words(&all).len() > 9, "{all}");
        let first = read(&admin, "first: 2").await;
        assert_eq!(first["pageInfo"]["hasNextPage"], true);
        let second = read(&admin, &format!("first: 100, after: {}", first["pageInfo"]["endCursor"])).await;
        assert_eq!(
            [first["nodes"].as_array().unwrap().clone(), second["nodes"].as_array().unwrap().clone()].concat(),
            *all["nodes"].as_array().unwrap()
        );
        for arguments in ["city: \"caceres\"", "first: 1"] {
            let query = format!("{{ auditLog({arguments}) {{ nodes {{ id }} }} }}");
            assert_eq!(server.refusal_to(&mine, &query, json!({})).await, "FORBIDDEN", "{arguments}");
        }
        assert_eq!(server.refusal_to(&admin, "{ auditLog(after: \"x\") { nodes { id } } }", json!({})).await, "BAD_CURSOR");
    }
}
