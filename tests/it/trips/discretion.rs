//! What those learn who have a link to a trip of somebody in a wheelchair with a small child: nothing of either, by any door.

use serde_json::{Value, json};

use super::ask::id;
use super::saved::save;
use crate::support::TestServer;
use crate::support::city_file::{file, place};
use crate::support::database::BOTH;

/// Open all day, with steps or without.
fn open(slug: &str, more: &Value) -> Value {
    let mut place = place(slug, &format!("Nome de {slug}"), -14.72, -56.33);
    place["openingHours"] = json!({ "raw": "Mo-Su 08:00-18:00" });
    place.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    place
}

fn steps(value: &str) -> Value {
    let features = ["STEP_FREE_ENTRANCE", "STEP_FREE_PATHS"].map(|feature| json!({ "feature": feature, "value": value }));
    json!({ "accessibility": features })
}

/// A city where everything follows from the wishes: two that are dropped, one insisted on among them, and one with a warning.
fn published() -> Vec<Value> {
    vec![
        open("plano", &steps("YES")),
        open("degraus", &steps("NO")),
        open("escada", &steps("NO")),
        open("incerto", &json!({})),
        open(
            "adultos",
            &json!({ "accessRules": [{ "kind": "MINIMUM_AGE", "years": 12 }], "accessibility": steps("YES")["accessibility"] }),
        ),
    ]
}

/// Everything a trip tells, but for public facts about places.
fn told() -> String {
    let plan = "warnings { code text { value } subject { ... on PointOfInterest { slug } } }
        droppedCandidates(first: 300) { mustSee code text { value } subject { ... on PointOfInterest { slug } } }
        days { stops { subject { ... on PointOfInterest { slug } } reasons { code } warnings { code text { value } } } }";
    format!(
        "title request {{ accessibleFor accessibilityUnknown youngestAge mustSee people pace }}
         issues {{ code reason text {{ value }} }} repair {{ {plan} }}
         plan {{ {plan} replan(from: {{ at: \"2026-12-14T12:30:00-04:00\", location: {{ location: {{ latitude: -14.72, longitude: -56.33 }} }} }}) {{ {plan} }} }}"
    )
}

/// What tells of the wishes, in the contract's words and in people's.
const SIGNS: [&str; 9] =
    ["NOT_ACCESSIBLE", "ACCESSIBILITY_UNKNOWN", "MINIMUM_AGE", "MUST_SEE_DROPPED", "WHEELCHAIR", "EXCLUDE", "acess", "idade", "cadeira"];

fn signs(text: &str) -> Vec<&'static str> {
    SIGNS.into_iter().filter(|sign| text.contains(sign)).collect()
}

struct Shared {
    server: TestServer,
    owner: String,
    trip: Value,
    link: String,
}

impl Shared {
    async fn by_owner(&self) -> Value {
        let query = format!("query($id: ID!) {{ trip(by: {{ id: $id }}) {{ {} }} }}", told());
        self.server.ask_as(&self.owner, &query, json!({ "id": self.trip })).await["trip"].take()
    }

    async fn by_link(&self) -> Value {
        let query = format!("query($token: String!) {{ trip(by: {{ shareToken: $token }}) {{ {} }} }}", told());
        self.server.ask(&query, json!({ "token": self.link })).await["trip"].take()
    }

    async fn form(&self, suffix: &str) -> String {
        let url = self.server.url(&format!("/trips/{}{suffix}", self.link));
        self.server.client.get(url).header("Accept-Language", "pt-BR").send().await.unwrap().text().await.unwrap()
    }
}

async fn shared(server: TestServer) -> Shared {
    server.import(&file("alpha", "nobres", &published(), &[], &[])).await;
    let (owner, _) = server.sign_in().await;
    let start = json!({ "location": { "latitude": -14.72, "longitude": -56.33 } });
    let request = json!({
        "cities": ["nobres"], "days": [{ "date": "2026-12-14", "start": start }],
        "accessibleFor": ["WHEELCHAIR"], "youngestAge": 3, "mustSee": [id(&server, "degraus").await, id(&server, "plano").await],
    });
    let trip = save(&server, &owner, "Segunda", &request).await;
    let share = "mutation($id: ID!) { shareTrip(input: { id: $id }) { share { token } } }";
    let link = server.ask_as(&owner, share, json!({ "id": trip })).await["shareTrip"]["share"]["token"].as_str().unwrap().to_owned();
    Shared { server, owner, trip, link }
}

#[tokio::test]
async fn a_link_tells_nothing_of_health_or_age() {
    for database in BOTH {
        let shared = shared(TestServer::bare_on(database).await).await;
        let owned = shared.by_owner().await;
        for sign in ["NOT_ACCESSIBLE", "ACCESSIBILITY_UNKNOWN", "MINIMUM_AGE", "MUST_SEE_DROPPED", "WHEELCHAIR", "degraus", "adultos"] {
            assert!(owned.to_string().contains(sign), "the owner is told {sign}: {owned:#}");
        }
        let mut read = shared.by_link().await;
        assert_eq!(signs(&read.to_string()), [""; 0], "{read:#}");
        // A plan made anew is made from the wishes that are told, so it may lead up the steps.
        assert!(read["plan"]["replan"].take().is_object());
        for slug in ["degraus", "escada", "adultos"] {
            assert!(!read.to_string().contains(slug), "{slug}: {read:#}");
        }
        let wishes = &read["request"];
        assert_eq!((&wishes["accessibleFor"], &wishes["youngestAge"]), (&json!([]), &Value::Null));
        assert_eq!(wishes["mustSee"], json!([id(&shared.server, "plano").await]), "what was dropped for them is not asked after");
        let visited = |trip: &Value| trip["plan"]["days"][0]["stops"].as_array().unwrap().len();
        assert_eq!(visited(&read), visited(&owned), "the plan is the same");
        for suffix in ["", ".ics", ".gpx", ".geojson"] {
            let text = shared.form(suffix).await;
            assert!(text.contains("Nome de incerto"), "{suffix}: {text}");
            assert_eq!(signs(&text.replace("acesso", "")), [""; 0], "{suffix}: {text}");
            assert!(!text.contains("Nome de degraus") && !text.contains("Nome de adultos"), "{suffix}: {text}");
        }
    }
}

/// A day is empty, or too little is in it, because nothing that was left is accessible: what is missing tells of it too.
#[tokio::test]
async fn a_link_does_not_tell_what_is_missing_for_somebody_in_a_wheelchair() {
    let server = TestServer::bare_on(BOTH[0]).await;
    server.import(&file("alpha", "nobres", &[open("degraus", &steps("NO"))], &[], &[])).await;
    let (owner, _) = server.sign_in().await;
    let start = json!({ "location": { "latitude": -14.72, "longitude": -56.33 } });
    let request = |accessible: Value| json!({ "cities": ["nobres"], "days": [{ "date": "2026-12-14", "start": start }], "accessibleFor": accessible });
    let share = "mutation($id: ID!) { shareTrip(input: { id: $id }) { share { token } } }";
    let told = async |accessible: Value| {
        let trip = save(&server, &owner, "Segunda", &request(accessible)).await;
        let link = server.ask_as(&owner, share, json!({ "id": trip })).await["shareTrip"]["share"]["token"].take();
        let warnings = "plan { warnings { code } }";
        let mine =
            server.ask_as(&owner, &format!("query($id: ID!) {{ trip(by: {{ id: $id }}) {{ {warnings} }} }}"), json!({ "id": trip })).await;
        let theirs = format!("query($token: String!) {{ trip(by: {{ shareToken: $token }}) {{ {warnings} }} }}");
        (mine.to_string(), server.ask(&theirs, json!({ "token": link })).await.to_string())
    };
    let (mine, theirs) = told(json!(["WHEELCHAIR"])).await;
    assert!(mine.contains("EMPTY_DAY"), "{mine}");
    assert!(!theirs.contains("EMPTY_DAY"), "{theirs}");
}

#[tokio::test]
async fn what_breaks_for_a_wheelchair_alone_is_no_issue_to_readers() {
    let shared = shared(TestServer::bare_on(BOTH[0]).await).await;
    let mut places = published();
    places[0] = open("plano", &steps("NO"));
    shared.server.import(&file("alpha", "nobres", &places, &[], &[])).await;
    let owned = shared.by_owner().await;
    assert_eq!((&owned["issues"][0]["code"], &owned["issues"][0]["reason"]), (&json!("NOT_POSSIBLE"), &json!("NOT_ACCESSIBLE")));
    assert!(owned["repair"].is_object());
    let read = shared.by_link().await;
    assert_eq!((&read["issues"], &read["repair"]), (&json!([]), &Value::Null));
    // When something else breaks too, its repair tells no more.
    places[3]["openingHours"] = json!({ "raw": "Tu-Su 08:00-18:00" });
    shared.server.import(&file("alpha", "nobres", &places, &[], &[])).await;
    let read = shared.by_link().await;
    assert_eq!((&read["issues"][0]["code"], read["issues"].as_array().unwrap().len()), (&json!("CLOSED"), 1), "{read:#}");
    for code in ["NOT_ACCESSIBLE", "ACCESSIBILITY_UNKNOWN", "MINIMUM_AGE", "WHEELCHAIR"] {
        assert!(!read.to_string().contains(code), "{code}: {read:#}");
    }
    assert_eq!(signs(&shared.form("").await.replace("acesso", "")), [""; 0]);
}
