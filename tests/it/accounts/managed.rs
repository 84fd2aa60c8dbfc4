//! Who decides about accounts, and who reads what was done.

use roteiro::cli::authority;
use roteiro::identity::accounts::{AccountError, Authority};
use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use super::invitations::{INVITE, accepted, invited};
use super::{PASSWORD, REFRESH, log, mended, newcomer, signed, tokens};
use crate::support::database::BOTH;
use crate::support::{TestServer, now};

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
        let made = invited(&server, &mine, "Ana@x.example", "EDITOR", Some("cuiaba")).await;
        let ana = accepted(&server, &made, PASSWORD).await["session"]["accessToken"].as_str().unwrap().to_owned();
        for (field, value) in [("email", "no address"), ("email", "a b@x.example"), ("name", ""), ("name", "a\nb")] {
            let mut bad = json!({ "email": "b@x.example", "name": "B", "role": "EDITOR", "city": "cuiaba" });
            bad[field] = json!(value);
            assert_eq!(mended(&done(&server, &mine, INVITE, bad).await), "BAD_USER_INPUT", "{value}");
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
async fn a_city_sees_of_others_what_concerns_it() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let caceres = server.city("caceres");
        let (_, mine) = server.account(Role::CityAdmin, Some("cuiaba")).await;
        let (_, admin) = server.account(Role::Admin, None).await;
        newcomer(&server, "chefe@x.example", Some((Role::Admin, None))).await;
        newcomer(&server, "bia@x.example", Some((Role::Editor, Some(caceres)))).await;
        // Both have a second factor, and the log tells of it.
        for email in ["chefe@x.example", "bia@x.example"] {
            let (token, _) = tokens(&server, email, PASSWORD).await;
            super::totp::with_second_factor(&server, &token).await;
            assert_eq!(mended(&signed(&server, email, PASSWORD, Some("000000")).await), "WRONG_CODE");
        }
        let seen = "account { email hasPassword hasTotp roles { role city { slug } } } userErrors { code }";
        let grant = format!("mutation($input: RoleInput!) {{ grantRole(input: $input) {{ {seen} }} }}");
        for email in ["chefe@x.example", "bia@x.example"] {
            let input = json!({ "email": email, "role": "EDITOR", "city": "cuiaba" });
            let given = done(&server, &mine, &grant, input).await["account"].take();
            let here = json!([{ "role": "EDITOR", "city": { "slug": "cuiaba" } }]);
            assert_eq!(given, json!({ "email": email, "hasPassword": null, "hasTotp": null, "roles": here }), "{database:?}");
        }
        let list = |city: &str| format!("{{ accounts{city} {{ nodes {{ email hasTotp roles {{ city {{ slug }} }} }} }} }}");
        let here = server.ask_as(&mine, &list("(city: \"cuiaba\")"), json!({})).await["accounts"]["nodes"].take();
        for account in here.as_array().unwrap() {
            assert_eq!((&account["hasTotp"], account["roles"].as_array().unwrap().len()), (&Value::Null, 1), "{account}");
        }
        let all = server.ask_as(&admin, &list(""), json!({})).await["accounts"]["nodes"].take();
        let chefe = all.as_array().unwrap().iter().find(|account| account["email"] == "chefe@x.example").unwrap();
        assert_eq!((&chefe["hasTotp"], chefe["roles"].as_array().unwrap().len()), (&json!(true), 2), "who decides everywhere sees all");
        // Nor does the log of the city tell what these do elsewhere, or that a code was asked for.
        let log = server.ask_as(&mine, "{ auditLog(city: \"cuiaba\", first: 100) { nodes { action detail } } }", json!({})).await;
        let text = log.to_string();
        assert!(text.contains("ROLE_GRANTED") && !text.contains("TOTP") && !text.contains("CODE") && !text.contains("\\\"ADMIN"), "{text}");

        // And it can do nothing about them but take back what it gave; of who is greater not even that.
        let of = |email: &str| json!({ "email": email, "city": "cuiaba" });
        for email in ["chefe@x.example", "bia@x.example"] {
            assert_eq!(mended(&done(&server, &mine, DISABLE, of(email)).await), "NOT_YOURS", "{database:?} {email}");
            assert_eq!(mended(&invited(&server, &mine, email, "EDITOR", Some("cuiaba")).await), "TAKEN");
        }
        let role = |email: &str| json!({ "email": email, "role": "EDITOR", "city": "cuiaba" });
        assert_eq!(mended(&done(&server, &mine, REVOKE, role("chefe@x.example")).await), "NOT_YOURS");
        assert_eq!(done(&server, &mine, REVOKE, role("bia@x.example")).await["userErrors"], json!([]));
        assert_eq!(mended(&done(&server, &mine, DISABLE, of("bia@x.example")).await), "NOT_YOURS", "no role here any more");
    }
}

#[tokio::test]
async fn nobody_locks_out_who_administers_beside_or_above_them() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        newcomer(&server, "ana@x.example", Some((Role::CityAdmin, Some(server.city("cuiaba"))))).await;
        let (ana, _) = tokens(&server, "ana@x.example", PASSWORD).await;
        let (_, admin) = server.account(Role::Admin, None).await;
        let bia = invited(&server, &ana, "bia@x.example", "CITY_ADMIN", Some("cuiaba")).await;
        let bia = accepted(&server, &bia, PASSWORD).await["session"]["accessToken"].as_str().unwrap().to_owned();
        let of = |email: &str| json!({ "email": email, "city": "cuiaba" });
        let role = |email: &str| json!({ "email": email, "role": "CITY_ADMIN", "city": "cuiaba" });
        // Who was appointed does not touch who appointed them.
        assert_eq!(mended(&done(&server, &bia, DISABLE, of("ana@x.example")).await), "NOT_YOURS", "{database:?}");
        assert_eq!(mended(&done(&server, &bia, REVOKE, role("ana@x.example")).await), "NOT_YOURS");
        assert_eq!(mended(&invited(&server, &bia, "ana@x.example", "EDITOR", Some("cuiaba")).await), "TAKEN");
        // To give what she has is not to have given it.
        done(&server, &bia, GRANT, role("ana@x.example")).await;
        assert_eq!(mended(&done(&server, &bia, REVOKE, role("ana@x.example")).await), "NOT_YOURS");
        server.ask_as(&ana, "{ accounts(city: \"cuiaba\") { nodes { email } } }", json!({})).await;
        // The other way round she may, and who decides everywhere may both.
        assert_eq!(done(&server, &ana, REVOKE, role("bia@x.example")).await["userErrors"], json!([]));
        assert_eq!(server.refusal_to(&bia, "{ accounts(city: \"cuiaba\") { nodes { email } } }", json!({})).await, "FORBIDDEN");
        assert_eq!(done(&server, &admin, DISABLE, json!({ "email": "ana@x.example" })).await["userErrors"], json!([]));
    }
}

/// Two administrators, each in a process of their own.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_who_revoke_each_other_at_once_one_stays() {
    for database in BOTH {
        let one = TestServer::demo_on(database).await;
        let store = roteiro::store::Store::open(&one.database.url).await.unwrap();
        let other = TestServer::over(one.database.again(), store).await;
        for round in 0..6 {
            let emails = [format!("a{round}@x.example"), format!("b{round}@x.example")];
            let mut mine = Vec::new();
            for email in &emails {
                newcomer(&one, email, Some((Role::Admin, None))).await;
                mine.push(tokens(&one, email, PASSWORD).await.0);
            }
            let act = async |server: &TestServer, token: &str, email: &str| {
                let query = if round % 2 == 0 { REVOKE } else { DISABLE };
                let mut input = json!({ "email": email });
                if round % 2 == 0 {
                    input["role"] = json!("ADMIN");
                }
                server.answer_to(token, query, json!({ "input": input })).await
            };
            let answers = tokio::join!(act(&one, &mine[0], &emails[1]), act(&other, &mine[1], &emails[0]));
            let has_done = |answer: &Value| {
                answer["data"].as_object().is_some_and(|data| data.values().all(|payload| payload["userErrors"] == json!([])))
            };
            assert!(has_done(&answers.0) != has_done(&answers.1), "{database:?}: one of them does it: {answers:?}");
            let stays = usize::from(has_done(&answers.1));
            one.ask_as(&mine[stays], "{ apiKeys { id } }", json!({})).await;
            // So that the next round has two again.
            dismiss(&one, &emails[stays]).await;
        }
    }
}

/// Takes the last administrator away, as the command line can.
async fn dismiss(server: &TestServer, email: &str) {
    server.accounts.take(Authority::ForcedCommandLine(authority()), email, (Role::Admin, None), now()).await.unwrap();
}

#[tokio::test]
async fn the_last_administrator_stays_unless_the_operator_insists() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        newcomer(&server, "um@x.example", Some((Role::Admin, None))).await;
        // One who has not accepted yet, one who is closed, and one whose password a city chose administer nothing.
        let (_, city) = server.account(Role::CityAdmin, Some("cuiaba")).await;
        let (um, _) = tokens(&server, "um@x.example", PASSWORD).await;
        invited(&server, &um, "dois@x.example", "ADMIN", None).await;
        let tres = invited(&server, &city, "tres@x.example", "EDITOR", Some("cuiaba")).await;
        accepted(&server, &tres, PASSWORD).await;
        done(&server, &um, GRANT, json!({ "email": "tres@x.example", "role": "ADMIN" })).await;
        newcomer(&server, "quatro@x.example", Some((Role::Admin, None))).await;
        server.accounts.disable(Authority::CommandLine(authority()), "quatro@x.example", now()).await.unwrap();
        let last = |outcome: Result<_, AccountError>| matches!(outcome, Err(AccountError::LastAdministrator));
        let by = Authority::CommandLine(authority());
        assert!(last(server.accounts.disable(by, "um@x.example", now()).await.map(drop)), "{database:?}");
        assert!(last(server.accounts.take(by, "um@x.example", (Role::Admin, None), now()).await.map(drop)));
        server.accounts.disable(Authority::ForcedCommandLine(authority()), "um@x.example", now()).await.unwrap();
        server.accounts.enable(by, "um@x.example", now()).await.unwrap();
        // With another who can, it may go.
        newcomer(&server, "cinco@x.example", Some((Role::Admin, None))).await;
        server.accounts.take(by, "um@x.example", (Role::Admin, None), now()).await.unwrap();
    }
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
        assert_eq!(
            words(&here),
            ["SIGNED_IN", "ROLE_GRANTED", "ACCOUNT_CREATED", "SIGNED_IN", "ROLE_GRANTED", "ACCOUNT_CREATED"],
            "{database:?}"
        );
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
