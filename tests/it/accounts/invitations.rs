//! How somebody comes to an account, and why no password opens more than its inviter could have given.

use chrono::TimeDelta;
use migration::{Migrator, MigratorTrait};
use roteiro::cli::authority;
use roteiro::identity::accounts::Authority;
use roteiro::identity::rights::Role;
use roteiro::store::Store;
use sea_orm::Database as Connection;
use serde_json::{Value, json};

use super::{PASSWORD, REFRESH, log, mended, newcomer, signed, tokens};
use crate::support::database::{BOTH, Database};
use crate::support::{TestServer, now};

pub const INVITE: &str = "mutation($input: InviteAccountInput!) { inviteAccount(input: $input) {
    account { email name hasPassword hasTotp roles { role inForce city { slug } } } invitationCode expiresAt userErrors { field code } } }";
const ACCEPT: &str = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) {
    session { accessToken refreshToken } userErrors { field code } } }";
const GRANT: &str = "mutation($input: RoleInput!) { grantRole(input: $input) { account { roles { role inForce } } userErrors { code } } }";
const DISABLE: &str = "mutation($input: DisableAccountInput!) { disableAccount(input: $input) { userErrors { code } } }";
const ROLES: &str = "{ viewer { ... on Account { roles { role inForce } } } }";
/// What only administrators of all cities may ask.
const KEYS: &str = "{ apiKeys { id } }";

pub async fn invited(server: &TestServer, by: &str, email: &str, role: &str, city: Option<&str>) -> Value {
    let input = json!({ "email": email, "name": "Maria", "role": role, "city": city });
    server.ask_as(by, INVITE, json!({ "input": input })).await["inviteAccount"].take()
}

pub async fn accepted(server: &TestServer, invited: &Value, password: &str) -> Value {
    let code = invited["invitationCode"].as_str().unwrap_or_else(|| panic!("{invited}"));
    server.ask(ACCEPT, json!({ "input": { "code": code, "password": password } })).await["acceptInvitation"].take()
}

async fn granted(server: &TestServer, by: &str, email: &str, role: &str, city: Option<&str>) -> Value {
    let input = json!({ "email": email, "role": role, "city": city });
    server.ask_as(by, GRANT, json!({ "input": input })).await["grantRole"].take()
}

fn access(accepted: &Value) -> String {
    accepted["session"]["accessToken"].as_str().unwrap_or_else(|| panic!("{accepted}")).to_owned()
}

#[tokio::test]
async fn an_invitation_is_accepted_once_within_three_days() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, mine) = server.account(Role::CityAdmin, Some("cuiaba")).await;
        let made = invited(&server, &mine, " Ana@X.example", "EDITOR", Some("cuiaba")).await;
        let role = json!({ "role": "EDITOR", "inForce": false, "city": { "slug": "cuiaba" } });
        let account = json!({ "email": "ana@x.example", "name": "Maria", "hasPassword": null, "hasTotp": null, "roles": [role] });
        assert_eq!((&made["account"], &made["expiresAt"]), (&account, &json!("2026-11-26T14:00:00Z")), "{database:?}");
        let code = made["invitationCode"].as_str().unwrap();
        assert_eq!(mended(&signed(&server, "ana@x.example", code, None).await), "WRONG_CREDENTIALS", "a code is no password");

        let refused = accepted(&server, &made, "curta").await;
        assert_eq!(refused["userErrors"], json!([{ "field": ["input", "password"], "code": "BAD_USER_INPUT" }]));
        // Of many who show the code at once, one gets in.
        let all = futures::future::join_all((0..8).map(|_| accepted(&server, &made, PASSWORD))).await;
        let in_ = all.iter().filter(|one| one["session"].is_object()).collect::<Vec<_>>();
        assert_eq!(in_.len(), 1, "{database:?}: {all:?}");
        assert!(all.iter().filter(|one| one["session"].is_null()).all(|one| mended(one) == "INVITATION_REFUSED"), "{all:?}");
        let ana = access(in_[0]);
        server.ask_as(&ana, "{ drafts(cities: [\"cuiaba\"]) { __typename } }", json!({})).await;
        tokens(&server, "ana@x.example", PASSWORD).await;
        assert_eq!(mended(&accepted(&server, &made, "capivara no rio").await), "INVITATION_REFUSED");

        for wrong in ["", "x", &code[1..], &format!("{code}x")] {
            let input = json!({ "input": { "code": wrong, "password": PASSWORD } });
            assert_eq!(mended(&server.ask(ACCEPT, input).await["acceptInvitation"]), "INVITATION_REFUSED", "{wrong}");
        }
        let late = invited(&server, &mine, "bia@x.example", "EDITOR", Some("cuiaba")).await;
        let replaced = invited(&server, &mine, "caio@x.example", "EDITOR", Some("cuiaba")).await;
        let fresh = invited(&server, &mine, "caio@x.example", "EDITOR", Some("cuiaba")).await;
        assert_eq!(mended(&accepted(&server, &replaced, PASSWORD).await), "INVITATION_REFUSED", "there is a fresh one");
        server.clock.set(now() + TimeDelta::hours(72) - TimeDelta::seconds(1));
        access(&accepted(&server, &fresh, PASSWORD).await);
        server.clock.set(now() + TimeDelta::hours(72));
        assert_eq!(mended(&accepted(&server, &late, PASSWORD).await), "INVITATION_REFUSED", "{database:?}: it is too old");
    }
}

#[tokio::test]
async fn the_database_keeps_no_code() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let (_, admin) = server.account(Role::Admin, None).await;
    let made = invited(&server, &admin, "ana@x.example", "ADMIN", None).await;
    let code = made["invitationCode"].as_str().unwrap();
    let files = ["roteiro.sqlite", "roteiro.sqlite-wal"].map(|name| std::fs::read(server.database.folder().join(name)).unwrap_or_default());
    let holds = |text: &str| files.iter().any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()));
    assert!(holds("ana@x.example") && !holds(code));
}

#[tokio::test]
async fn a_password_that_a_lesser_administrator_chose_never_opens_a_greater_role() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, city) = server.account(Role::CityAdmin, Some("cuiaba")).await;
        let (_, state) = server.account(Role::Admin, None).await;
        // The city's administrator uses the code themselves.
        let made = invited(&server, &city, "future@x.example", "EDITOR", Some("cuiaba")).await;
        let stolen = access(&accepted(&server, &made, "senha da cidade").await);
        let given = granted(&server, &state, "future@x.example", "ADMIN", None).await;
        let roles = json!([{ "role": "ADMIN", "inForce": false }, { "role": "EDITOR", "inForce": true }]);
        assert_eq!(given["account"]["roles"], roles, "{database:?}");
        granted(&server, &state, "future@x.example", "PUBLISHER", Some("caceres")).await;
        let (again, _) = tokens(&server, "future@x.example", "senha da cidade").await;
        for token in [&stolen, &again] {
            assert_eq!(server.refusal_to(token, KEYS, json!({})).await, "FORBIDDEN", "{database:?}");
            assert_eq!(server.refusal_to(token, "{ drafts(cities: [\"caceres\"]) { __typename } }", json!({})).await, "FORBIDDEN");
            server.ask_as(token, "{ drafts(cities: [\"cuiaba\"]) { __typename } }", json!({})).await;
        }
        // Neither a change of the password nor a second factor makes it greater, nor another invitation by the city.
        let change = json!({ "input": { "oldPassword": "senha da cidade", "newPassword": "outra da cidade" } });
        assert_eq!(server.ask_as(&stolen, super::CHANGE, change).await["changePassword"]["changed"], true);
        let (again, _) = tokens(&server, "future@x.example", "outra da cidade").await;
        assert_eq!(server.refusal_to(&again, KEYS, json!({})).await, "FORBIDDEN");
        let begun = server.ask_as(&stolen, "mutation { beginTotp(password: \"outra da cidade\") { secret } }", json!({})).await;
        assert!(begun["beginTotp"]["secret"].is_string());
        assert_eq!(mended(&invited(&server, &city, "future@x.example", "EDITOR", Some("cuiaba")).await), "TAKEN");

        // Who may give the role invites: from then on all of it is in force, and nothing that was known before opens anything.
        let fresh = invited(&server, &state, "future@x.example", "ADMIN", None).await;
        assert_eq!(server.refusal_to(&stolen, KEYS, json!({})).await, "FORBIDDEN", "not before it is accepted");
        let owner = accepted(&server, &fresh, PASSWORD).await;
        server.ask_as(&access(&owner), KEYS, json!({})).await;
        server.ask_as(&access(&owner), "{ drafts(cities: [\"caceres\"]) { __typename } }", json!({})).await;
        for token in [&stolen, &again] {
            assert_eq!(server.refusal_to(token, KEYS, json!({})).await, "UNAUTHENTICATED", "{database:?}: its session ended");
        }
        for password in ["senha da cidade", "outra da cidade"] {
            assert_eq!(mended(&signed(&server, "future@x.example", password, None).await), "WRONG_CREDENTIALS");
        }
        assert!(log(&server).await.ends_with(&["SIGN_IN_FAILED".to_owned(), "SIGN_IN_FAILED".to_owned()]));
    }
}

#[tokio::test]
async fn a_code_is_worth_what_its_inviter_is_worth_when_it_is_used() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, state) = server.account(Role::Admin, None).await;
        let admin = Authority::CommandLine(authority());
        // Invited by the city, not accepted; then the state gives the greater role.
        let (_, city) = server.account(Role::CityAdmin, Some("cuiaba")).await;
        let made = invited(&server, &city, "future@x.example", "EDITOR", Some("cuiaba")).await;
        granted(&server, &state, "future@x.example", "ADMIN", None).await;
        let token = access(&accepted(&server, &made, PASSWORD).await);
        assert_eq!(server.refusal_to(&token, KEYS, json!({})).await, "FORBIDDEN", "{database:?}");
        let roles = json!([{ "role": "ADMIN", "inForce": false }, { "role": "EDITOR", "inForce": true }]);
        assert_eq!(server.ask_as(&token, ROLES, json!({})).await["viewer"]["roles"], roles);

        // A code kept back for an account in use opens nothing once the account is greater than its inviter.
        newcomer(&server, "chefe@x.example", Some((Role::Editor, Some(server.city("cuiaba"))))).await;
        let kept = invited(&server, &city, "chefe@x.example", "EDITOR", Some("cuiaba")).await;
        granted(&server, &state, "chefe@x.example", "ADMIN", None).await;
        assert_eq!(mended(&accepted(&server, &kept, "senha da cidade").await), "INVITATION_REFUSED", "{database:?}");
        server.ask_as(&tokens(&server, "chefe@x.example", PASSWORD).await.0, KEYS, json!({})).await;

        // Nor does one whose inviter was closed, or administers there no more.
        for (email, closes) in [("um@x.example", true), ("dois@x.example", false)] {
            newcomer(&server, email, Some((Role::CityAdmin, Some(server.city("cuiaba"))))).await;
            let (inviter, _) = tokens(&server, email, PASSWORD).await;
            let guest = format!("guest-of-{email}");
            let made = invited(&server, &inviter, &guest, "EDITOR", Some("cuiaba")).await;
            if closes {
                server.accounts.disable(admin, email, now()).await.unwrap();
            } else {
                server.accounts.take(admin, email, (Role::CityAdmin, Some(server.city("cuiaba"))), now()).await.unwrap();
            }
            assert_eq!(mended(&accepted(&server, &made, PASSWORD).await), "INVITATION_REFUSED", "{database:?} {email}");
            // Nor once they may invite again.
            if closes {
                server.accounts.enable(admin, email, now()).await.unwrap();
            } else {
                granted(&server, &state, email, "CITY_ADMIN", Some("cuiaba")).await;
            }
            assert_eq!(mended(&accepted(&server, &made, PASSWORD).await), "INVITATION_REFUSED", "{database:?} {email}");
        }
        // Nor one for an account that was closed meanwhile, also after it was opened again.
        let made = invited(&server, &state, "tres@x.example", "EDITOR", Some("cuiaba")).await;
        server.ask_as(&state, DISABLE, json!({ "input": { "email": "tres@x.example" } })).await;
        assert_eq!(mended(&accepted(&server, &made, PASSWORD).await), "INVITATION_REFUSED");
        assert_eq!(mended(&invited(&server, &state, "tres@x.example", "EDITOR", Some("cuiaba")).await), "TAKEN", "open it first");
        server.accounts.enable(admin, "tres@x.example", now()).await.unwrap();
        assert_eq!(mended(&accepted(&server, &made, PASSWORD).await), "INVITATION_REFUSED");
    }
}

#[tokio::test]
async fn an_invitation_takes_the_second_factor_and_the_sessions_before_it() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (_, state) = server.account(Role::Admin, None).await;
        newcomer(&server, "ana@x.example", Some((Role::Editor, Some(server.city("cuiaba"))))).await;
        let (before, refresh) = tokens(&server, "ana@x.example", PASSWORD).await;
        let made = invited(&server, &state, "ana@x.example", "EDITOR", Some("cuiaba")).await;
        assert_eq!(made["account"]["name"], "Maria");
        server.ask_as(&before, ROLES, json!({})).await;
        access(&accepted(&server, &made, "capivara no rio").await);
        assert_eq!(server.refusal_to(&before, ROLES, json!({})).await, "UNAUTHENTICATED", "{database:?}");
        assert_eq!(server.refusal(REFRESH, json!({ "token": refresh })).await, "UNAUTHENTICATED");
        // Nobody invites themselves: who stole an access token would have a password.
        let (_, mine) = server.account(Role::Admin, None).await;
        let email = server.ask_as(&mine, "{ viewer { ... on Account { email } } }", json!({})).await["viewer"]["email"].take();
        assert_eq!(mended(&invited(&server, &mine, email.as_str().unwrap(), "ADMIN", None).await), "NOT_YOURS");
    }
}

#[tokio::test]
async fn accounts_of_the_version_before_keep_what_they_have_and_no_more() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        newcomer(&server, "chefe@x.example", Some((Role::Admin, None))).await;
        newcomer(&server, "ana@x.example", Some((Role::Editor, Some(server.city("cuiaba"))))).await;
        granted(&server, &tokens(&server, "chefe@x.example", PASSWORD).await.0, "ana@x.example", "EDITOR", Some("caceres")).await;
        let steps = Migrator::migrations().iter().filter(|step| step.name() >= "m20261127_000017").count();
        let connection = Connection::connect(&server.database.url).await.unwrap();
        Migrator::down(&connection, Some(steps as u32)).await.unwrap();
        Migrator::up(&connection, None).await.unwrap();
        connection.close().await.unwrap();

        let server = TestServer::over(server.database.again(), Store::open(&server.database.url).await.unwrap()).await;
        let (chefe, _) = tokens(&server, "chefe@x.example", PASSWORD).await;
        server.ask_as(&chefe, KEYS, json!({})).await;
        let (ana, _) = tokens(&server, "ana@x.example", PASSWORD).await;
        for city in ["cuiaba", "caceres"] {
            server.ask_as(&ana, &format!("{{ drafts(cities: [\"{city}\"]) {{ __typename }} }}"), json!({})).await;
        }
        granted(&server, &chefe, "ana@x.example", "ADMIN", None).await;
        assert_eq!(server.refusal_to(&ana, KEYS, json!({})).await, "FORBIDDEN", "{database:?}");
    }
}
