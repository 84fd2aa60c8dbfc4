//! Those who work on the catalogue: how they come in, what they decide, what is kept of what they do.

mod attempts;
mod audit;
mod clock;
mod managed;
mod oidc;
mod oidc_factor;
mod partners;
mod proxies;
mod sign_in;
mod totp;
mod users;

use roteiro::cli::authority;
use roteiro::domain::ids::RecordId;
use roteiro::identity::accounts::{Authority, Newcomer};
use roteiro::identity::password::NewPassword;
use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use crate::support::{TestServer, now};

const PASSWORD: &str = "a onça bebe água";
const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { session { accessToken refreshToken } userErrors { field code } } }";
const CHANGE: &str = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { changed userErrors { field code } } }";
const REFRESH: &str = "mutation($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken } }";
const VIEWER: &str =
    "{ viewer { __typename ... on Account { email name hasTotp roles { role rights city { slug } } } ... on Partner { name } } }";

/// An account with this password.
async fn newcomer(server: &TestServer, email: &str, role: Option<(Role, Option<RecordId>)>) {
    let password = NewPassword::new(PASSWORD, email).unwrap();
    let new = Newcomer { email, name: "Maria", role, password: Some(&password) };
    server.accounts.create(Authority::CommandLine(authority()), new, now()).await.unwrap();
}

/// What signing in gives.
async fn signed(server: &TestServer, email: &str, password: &str, code: Option<&str>) -> Value {
    let input = json!({ "email": email, "password": password, "code": code });
    server.ask(SIGN_IN, json!({ "input": input })).await["signIn"].take()
}

/// Access and refresh token of an account that signs in.
async fn tokens(server: &TestServer, email: &str, password: &str) -> (String, String) {
    let signed = signed(server, email, password, None).await;
    let token = |name: &str| signed["session"][name].as_str().unwrap_or_else(|| panic!("{signed}")).to_owned();
    (token("accessToken"), token("refreshToken"))
}

/// The code of the one thing the caller can mend.
fn mended(payload: &Value) -> &str {
    assert_eq!(payload["userErrors"].as_array().map(Vec::len), Some(1), "{payload}");
    payload["userErrors"][0]["code"].as_str().unwrap()
}

/// The words of the audit log, the oldest first.
async fn log(server: &TestServer) -> Vec<String> {
    let rows = server.store.audit_rows(None, None, 1_000).await.unwrap();
    rows.into_iter().rev().map(|row| row.action).collect()
}
