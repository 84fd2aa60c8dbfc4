//! Who may do what: every operation of the contract that changes something or is not for everybody, tried by everybody, and compared
//! with the table in `identity/rights.rs`.
//!
//! To add an operation: a line in that table, and a sample here: a request that passes the question of rights, whatever comes after.

use std::collections::BTreeSet;

use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use roteiro::cli::authority;
use roteiro::graphql::schema::sdl;
use roteiro::identity::accounts::Authority;
use roteiro::identity::rights::{Needs, Operation, Role};
use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::{TestServer, now};

/// Where everything is tried.
const HERE: &str = "cuiaba";
/// Another city.
const ELSEWHERE: &str = "caceres";

/// Queries that are for everybody.
const PUBLIC: &[&str] = &[
    "catalogue",
    "changes",
    "categories",
    "cities",
    "city",
    "directions",
    "event",
    "events",
    "hoursPreview",
    "mapClusters",
    "node",
    "nodes",
    "pointOfInterest",
    "pointsOfInterest",
    "route",
    "routes",
    "search",
    "signInProviders",
    "suggest",
    // By link for whoever has it, by id for the visitor whose it is (`visitors.rs`).
    "trip",
    "tripPlan",
    "unannouncedEvents",
    "viewer",
];

/// The fields of a root type of the contract.
fn fields(root: &str) -> BTreeSet<String> {
    let document = async_graphql::parser::parse_schema(sdl()).unwrap();
    let of_root = document.definitions.into_iter().find_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) if definition.node.name.node == root => match definition.node.kind {
            TypeKind::Object(object) => Some(object.fields),
            _ => None,
        },
        _ => None,
    });
    of_root.unwrap().into_iter().map(|field| field.node.name.node.to_string()).collect()
}

fn in_table(root: &str) -> BTreeSet<String> {
    Operation::ALL.iter().map(|operation| operation.field()).filter(|(of, _)| *of == root).map(|(_, name)| name.to_owned()).collect()
}

#[test]
fn the_table_names_every_mutation_and_every_query_that_is_not_for_everybody() {
    assert_eq!(in_table("Mutation"), fields("Mutation"), "left: the table of rights, right: the contract");
    let public: BTreeSet<String> = PUBLIC.iter().map(|name| (*name).to_owned()).collect();
    let known: BTreeSet<String> = in_table("Query").union(&public).cloned().collect();
    assert_eq!(known, fields("Query"), "left: the table of rights and what is public, right: the contract");
    assert!(in_table("Query").is_disjoint(&public));
}

/// Who tries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    /// Without a token.
    Nobody,
    /// With a token that does not hold.
    Forger,
    Visitor,
    Partner,
    /// An account that was closed after its token was given out; it had every right.
    Closed,
    /// An account without a role.
    Bare,
    /// A role in the city where everything is tried, or everywhere.
    Here(Role),
    /// The same role in another city.
    Elsewhere(Role),
}

impl Caller {
    const ALL: [(Self, &'static str); 15] = [
        (Self::Nobody, "nobody"),
        (Self::Forger, "forger"),
        (Self::Visitor, "visitor"),
        (Self::Partner, "partner"),
        (Self::Closed, "closed"),
        (Self::Bare, "no role"),
        (Self::Here(Role::Editor), "editor"),
        (Self::Here(Role::Reviewer), "reviewer"),
        (Self::Here(Role::Publisher), "publisher"),
        (Self::Here(Role::CityAdmin), "city admin"),
        (Self::Elsewhere(Role::Editor), "editor'"),
        (Self::Elsewhere(Role::Reviewer), "reviewer'"),
        (Self::Elsewhere(Role::Publisher), "publisher'"),
        (Self::Elsewhere(Role::CityAdmin), "city admin'"),
        (Self::Here(Role::Admin), "admin"),
    ];

    /// What the table says about this caller here.
    fn expected(self, needs: Needs) -> Outcome {
        let allowed_if = |is_allowed| if is_allowed { Outcome::Allowed } else { Outcome::Forbidden };
        match (needs, self) {
            (Needs::Anyone, _) => Outcome::Allowed,
            (_, Self::Nobody | Self::Forger) => Outcome::Unauthenticated,
            (Needs::Visitor, caller) => allowed_if(caller == Self::Visitor),
            (_, Self::Visitor | Self::Partner) => Outcome::Forbidden,
            (_, Self::Closed) => Outcome::Unauthenticated,
            (Needs::Account, _) => Outcome::Allowed,
            (Needs::InCity(right), Self::Here(role)) => allowed_if(role.rights().contains(&right)),
            (Needs::Everywhere(right), Self::Here(role)) => allowed_if(role == Role::Admin && role.rights().contains(&right)),
            (Needs::InCity(_) | Needs::Everywhere(_), _) => Outcome::Forbidden,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Allowed,
    Unauthenticated,
    Forbidden,
}

impl Outcome {
    fn of(answer: &Value) -> Self {
        match answer["errors"][0]["extensions"]["code"].as_str() {
            Some("UNAUTHENTICATED") => Self::Unauthenticated,
            Some("FORBIDDEN") => Self::Forbidden,
            _ => Self::Allowed,
        }
    }

    const fn shown(self) -> &'static str {
        match self {
            Self::Allowed => "yes",
            Self::Unauthenticated => "who?",
            Self::Forbidden => "no",
        }
    }
}

/// What samples speak of.
struct Fixture {
    server: TestServer,
    /// A draft of the city where everything is tried, when there are drafts.
    draft: Value,
    /// A published place there.
    place: Value,
    /// A refresh token of a visitor; shown again and again, as when answers are lost.
    refresh: String,
}

/// A request for the operation, in the city where everything is tried. Nothing comes of it: what follows the question of rights fails.
fn sample(name: &str, fixture: &Fixture) -> (String, Value) {
    let field = |text: &str| (text.to_owned(), Value::Null);
    let input = |kind: &str, input: Value| {
        let operation = format!("mutation($input: {kind}!) {{ {name}(input: $input) {{ __typename }} }}");
        (operation, json!({ "input": input }))
    };
    let step = json!({ "id": fixture.draft, "expectedVersion": 99 });
    let with = |more: Value| {
        let mut step = step.clone();
        step.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        step
    };
    let day = json!({ "date": "2026-12-12", "start": { "location": { "latitude": -15.596, "longitude": -56.097 } } });
    let role = json!({ "email": "nobody@x.example", "role": "EDITOR", "city": HERE });
    match name {
        "signInAnonymously" | "eraseMe" | "signOut" | "createTransferCode" | "beginTotp" => {
            field(&format!("mutation {{ {name} {{ __typename }} }}"))
        }
        "refreshSession" => (
            "mutation($token: String!) { refreshSession(refreshToken: $token) { __typename } }".to_owned(),
            json!({ "token": fixture.refresh }),
        ),
        "signIn" => input("SignInInput", json!({ "email": "nobody@x.example", "password": "x" })),
        "beginSignInWith" => field("mutation { beginSignInWith(provider: \"x\") { __typename } }"),
        "completeSignInWith" => input("CompleteSignInWithInput", json!({ "ticket": "x", "state": "x", "code": "x" })),
        "changePassword" => input("ChangePasswordInput", json!({ "oldPassword": "x", "newPassword": "x" })),
        "confirmTotp" => field("mutation { confirmTotp(code: \"x\") { __typename } }"),
        "disableTotp" => input("DisableTotpInput", json!({ "password": "x", "code": "x" })),
        "saveTrip" => input("SaveTripInput", json!({ "title": "", "request": { "cities": [HERE], "days": [day] } })),
        "updateTrip" => input("UpdateTripInput", json!({ "id": "x", "expectedVersion": 1 })),
        "deleteTrip" => input("DeleteTripInput", json!({ "id": "x" })),
        "shareTrip" => input("ShareTripInput", json!({ "id": "x" })),
        "revokeShare" => input("RevokeShareInput", json!({ "token": "x" })),
        "redeemTransferCode" => input("RedeemTransferCodeInput", json!({ "code": "x" })),
        "trips" => field("{ trips { __typename } }"),
        "exportMyData" => field("{ exportMyData { __typename } }"),
        "accounts" | "auditLog" => field(&format!("{{ {name}(city: \"{HERE}\") {{ __typename }} }}")),
        "inviteAccount" => input("InviteAccountInput", json!({ "email": "x", "name": "x", "role": "EDITOR", "city": HERE })),
        "acceptInvitation" => input("AcceptInvitationInput", json!({ "code": "x", "password": "x" })),
        "grantRole" | "revokeRole" => input("RoleInput", role),
        "disableAccount" => input("DisableAccountInput", json!({ "email": "nobody@x.example", "city": HERE })),
        "enableAccount" => input("EnableAccountInput", json!({ "email": "nobody@x.example", "city": HERE })),
        "apiKeys" => field("{ apiKeys { __typename } }"),
        "createApiKey" => input("CreateApiKeyInput", json!({ "name": "" })),
        "revokeApiKey" => input("RevokeApiKeyInput", json!({ "id": "x" })),
        "draft" => ("query($id: ID!) { draft(id: $id) { __typename } }".to_owned(), json!({ "id": fixture.draft })),
        "drafts" => field(&format!("{{ drafts(cities: [\"{HERE}\"]) {{ __typename }} }}")),
        "createDraft" => input("CreateDraftInput", json!({ "of": fixture.place })),
        "updateDraft" => input("UpdateDraftInput", step),
        "submitForReview" | "approve" | "unschedule" | "archive" => input("DraftStepInput", step),
        "requestChanges" => input("RequestChangesInput", with(json!({ "comment": "x" }))),
        "publish" => input("PublishInput", step),
        "schedule" => input("ScheduleInput", with(json!({ "at": "2027-01-01T00:00:00Z" }))),
        "unpublish" => input("UnpublishInput", with(json!({ "reason": "x" }))),
        "mergeInto" => input("MergeIntoInput", with(json!({ "into": fixture.place }))),
        "revertTo" => input("RevertToInput", with(json!({ "revision": 1 }))),
        "suggestEdit" => input("SuggestEditInput", json!({ "id": "x", "comment": "x" })),
        "suggestions" => field(&format!("{{ suggestions(cities: [\"{HERE}\"]) {{ __typename }} }}")),
        "takeSuggestion" | "dismissSuggestion" => input("SettleSuggestionInput", json!({ "id": "a new one" })),
        "createMediaUpload" => input("CreateMediaUploadInput", json!({ "city": HERE, "byteLength": 10, "contentType": "image/png" })),
        "uploadMedia" => input("UploadMediaInput", json!({ "city": HERE, "file": 0 })),
        "mediaAssets" => field(&format!("{{ mediaAssets(city: \"{HERE}\") {{ __typename }} }}")),
        "editorialQueue" => field(&format!("{{ editorialQueue(city: \"{HERE}\") {{ __typename }} }}")),
        _ => panic!("give {name} a sample"),
    }
}

impl Fixture {
    async fn new() -> Self {
        let server = TestServer::demo_on(Database::Sqlite).await;
        let query = format!("{{ pointsOfInterest(first: 1, where: {{ city: [\"{HERE}\"] }}) {{ nodes {{ id }} }} }}");
        let place = server.ask(&query, json!({})).await["pointsOfInterest"]["nodes"][0]["id"].take();
        let draft = if fields("Mutation").contains("createDraft") {
            let (_, admin) = server.account(Role::Admin, None).await;
            let query = "mutation($of: ID!) { createDraft(input: { of: $of }) { draft { id } } }";
            server.ask_as(&admin, query, json!({ "of": place })).await["createDraft"]["draft"]["id"].take()
        } else {
            Value::Null
        };
        let (_, refresh) = server.sign_in().await;
        Self { server, draft, place, refresh }
    }

    /// What the caller sends along: a header and its value.
    async fn shown(&self, caller: Caller) -> Option<(&'static str, String)> {
        let bearer = |token: String| Some(("Authorization", format!("Bearer {token}")));
        match caller {
            Caller::Nobody => None,
            Caller::Forger => bearer("x.y.z".to_owned()),
            Caller::Visitor => bearer(self.server.sign_in().await.0),
            Caller::Partner => {
                let (_, admin) = self.server.account(Role::Admin, None).await;
                let create = "mutation { createApiKey(input: { name: \"Parceiro\" }) { secret } }";
                let made = self.server.ask_as(&admin, create, json!({})).await;
                Some(("X-Api-Key", made["createApiKey"]["secret"].as_str().unwrap().to_owned()))
            }
            Caller::Closed => {
                let (account, token) = self.server.account(Role::Admin, None).await;
                let email = self.server.store.account(account).await.unwrap().unwrap().email;
                self.server.accounts.disable(Authority::CommandLine(authority()), &email, now()).await.unwrap();
                bearer(token)
            }
            Caller::Bare => {
                let (account, token) = self.server.account(Role::Editor, Some(HERE)).await;
                let email = self.server.store.account(account).await.unwrap().unwrap().email;
                let role = (Role::Editor, Some(self.server.city(HERE)));
                self.server.accounts.take(Authority::CommandLine(authority()), &email, role, now()).await.unwrap();
                bearer(token)
            }
            Caller::Here(Role::Admin) => bearer(self.server.account(Role::Admin, None).await.1),
            Caller::Here(role) => bearer(self.server.account(role, Some(HERE)).await.1),
            Caller::Elsewhere(role) => bearer(self.server.account(role, Some(ELSEWHERE)).await.1),
        }
    }

    async fn outcome(&self, name: &str, shown: Option<&(&'static str, String)>) -> (Outcome, Value) {
        let (query, mut variables) = sample(name, self);
        if variables["input"]["id"] == "a new one" {
            // Once settled, a suggestion is nobody's any more.
            let suggest = "mutation($id: ID!) { suggestEdit(input: { id: $id, comment: \"fechou\" }) { suggestionId } }";
            let (visitor, _) = self.server.sign_in().await;
            let suggested = self.server.ask_as(&visitor, suggest, json!({ "id": self.place })).await;
            variables["input"]["id"] = suggested["suggestEdit"]["suggestionId"].clone();
        }
        let mut request = self.server.client.post(self.server.url("/graphql"));
        if let Some((header, value)) = shown {
            request = request.header(*header, value);
        }
        let answer = request.json(&json!({ "query": query, "variables": variables })).send().await.unwrap().json().await.unwrap();
        (Outcome::of(&answer), answer)
    }
}

#[tokio::test]
async fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let fixture = Fixture::new().await;
    let contract: BTreeSet<String> = fields("Mutation").union(&fields("Query")).cloned().collect();
    let operations: Vec<Operation> = Operation::ALL.iter().copied().filter(|operation| contract.contains(operation.field().1)).collect();
    let mut wrong = Vec::new();
    let mut columns: Vec<Vec<&str>> = Vec::new();
    for (caller, called) in Caller::ALL {
        let mut shown = fixture.shown(caller).await;
        let mut column = vec![called];
        for operation in &operations {
            let name = operation.field().1;
            // Who erased themselves is a visitor no more.
            let again = if caller == Caller::Visitor { fixture.shown(caller).await } else { None };
            let (outcome, answer) = fixture.outcome(name, again.as_ref().or(shown.as_ref())).await;
            let is_read = answer["errors"][0]["extensions"]["code"] != "GRAPHQL_VALIDATION_FAILED";
            assert!(is_read, "the sample of {name} does not fit the contract: {answer}");
            let expected = caller.expected(operation.needs());
            if outcome != expected {
                wrong.push(format!("{name} by {called}: {outcome:?}, the table says {expected:?}: {answer}"));
            }
            column.push(outcome.shown());
            if name == "signOut" {
                // The session is over; the next operation needs another one.
                shown = fixture.shown(caller).await;
            }
        }
        columns.push(column);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let names: Vec<&str> = std::iter::once("").chain(operations.iter().map(|operation| operation.field().1)).collect();
    let mut matrix = String::from("A role with ' is one in another city.\n\n");
    for (row, name) in names.iter().enumerate() {
        let cells = columns.iter().map(|column| format!("{:<12}", column[row])).collect::<String>();
        matrix.push_str(format!("{name:<20}{cells}").trim_end());
        matrix.push('\n');
    }
    insta::assert_snapshot!(matrix);
}
