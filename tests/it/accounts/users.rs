//! `roteiro user`, as an operator types it.

use std::io::Write;
use std::process::{Output, Stdio};

use roteiro::store::Store;
use serde_json::json;

use super::{VIEWER, mended, signed, tokens};
use crate::support::TestServer;
use crate::support::database::BOTH;
use crate::support::program::roteiro;

/// Runs the command over the server's database, with this on standard input.
fn typed(server: &TestServer, arguments: &[&str], input: &str) -> Output {
    let mut command = roteiro(&["user"]);
    command.args(arguments).args(["--database-url", &server.database.url]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn said(server: &TestServer, arguments: &[&str]) -> String {
    let output = typed(server, arguments, "");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn password(said: &str) -> &str {
    said.lines().find_map(|line| line.strip_prefix("Password, shown this once: ")).unwrap_or_else(|| panic!("{said}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_comes_from_the_command_line() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let store: &Store = &server.store;
        let made = said(&server, &["create", "Chefe@x.example", "--name", "Chefe", "--role", "admin"]);
        assert!(made.starts_with("chefe@x.example  Chefe  ADMIN\n"), "{made}");
        let (admin, _) = tokens(&server, "chefe@x.example", password(&made)).await;
        assert_eq!(server.ask_as(&admin, VIEWER, json!({})).await["viewer"]["roles"][0]["role"], "ADMIN", "{database:?}");

        let output = typed(&server, &["create", "ana@x.example", "--name", "Ana", "--password-stdin"], "capivara no rio\n");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "ana@x.example  Ana  no role\n", "a given password is not shown");
        tokens(&server, "ana@x.example", "capivara no rio").await;
        let bia = said(&server, &["create", "bia@x.example", "--name", "Bia", "--role", "editor", "--city", "caceres", "--no-password"]);
        assert_eq!(bia, "bia@x.example  Bia  EDITOR in caceres\n");

        assert_eq!(
            said(&server, &["grant", "ana@x.example", "publisher", "--city", "cuiaba"]),
            "ana@x.example  Ana  PUBLISHER in cuiaba\n"
        );
        assert_eq!(said(&server, &["revoke", "ana@x.example", "publisher", "--city", "cuiaba"]), "ana@x.example  Ana  no role\n");
        said(&server, &["disable", "ana@x.example"]);
        assert_eq!(mended(&signed(&server, "ana@x.example", "capivara no rio", None).await), "WRONG_CREDENTIALS");
        let list = said(&server, &["list"]);
        assert_eq!(list, "ana@x.example  Ana  no role  closed\nbia@x.example  Bia  EDITOR in caceres\nchefe@x.example  Chefe  ADMIN\n");
        said(&server, &["enable", "ana@x.example"]);
        let reset = said(&server, &["reset", "ana@x.example"]);
        assert_eq!(mended(&signed(&server, "ana@x.example", "capivara no rio", None).await), "WRONG_CREDENTIALS");
        tokens(&server, "ana@x.example", password(&reset)).await;
        let audited = store.audit_rows(None, None, 2).await.unwrap();
        assert_eq!((audited[1].action.as_str(), audited[1].by), ("SIGN_IN_FAILED", None));

        for (arguments, input, why) in [
            (&["create", "ana@x.example", "--name", "Ana"][..], "", "an account has this e-mail address"),
            (&["create", "x", "--name", "X"], "", "this is no e-mail address"),
            (&["create", "c@x.example", "--name", "C", "--password-stdin"], "curta\n", "from 12 to 200 characters"),
            (&["create", "c@x.example", "--name", "C", "--role", "editor"], "", "holds in one city"),
            (&["grant", "ana@x.example", "admin", "--city", "cuiaba"], "", "holds everywhere"),
            (&["grant", "ana@x.example", "editor", "--city", "atlantis"], "", "no city is called atlantis"),
            (&["revoke", "ana@x.example", "editor", "--city", "cuiaba"], "", "does not have this role"),
            (&["reset", "nobody@x.example"], "", "no account has this e-mail address"),
        ] {
            let output = typed(&server, arguments, input);
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.code() == Some(1) && told.contains(why) && told.lines().count() == 1, "{arguments:?}: {told}");
        }
    }
}
