//! The secretariats' side: what editors, reviewers and publishers do, and what the public sees of it.

mod conflicts;
mod help;
mod leaks;
mod life;
mod link_rounds;
mod outage;
mod own_writes;
mod schedule;
mod transitions;
mod validation;

use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use crate::support::TestServer;

/// What a payload is asked for.
pub const PAYLOAD: &str = "{ outcome draft { id version state publishedVersion publishAt completeness name
    translations { language state } allowedActions }
    conflict { fields theirs { version state } } userErrors { field code message } }";

/// Who does everything in a city.
pub struct Team<'a> {
    pub server: &'a TestServer,
    pub token: String,
}

impl<'a> Team<'a> {
    /// Of Cuiabá.
    pub async fn of(server: &'a TestServer) -> Self {
        let (_, token) = server.account(Role::CityAdmin, Some("cuiaba")).await;
        Self { server, token }
    }

    /// Takes a step and gives the whole payload.
    pub async fn try_step(&self, step: &str, input: Value) -> Value {
        let kind = match step {
            "createDraft" => "CreateDraftInput",
            "updateDraft" => "UpdateDraftInput",
            "requestChanges" => "RequestChangesInput",
            "publish" => "PublishInput",
            "schedule" => "ScheduleInput",
            "unpublish" => "UnpublishInput",
            "mergeInto" => "MergeIntoInput",
            "revertTo" => "RevertToInput",
            _ => "DraftStepInput",
        };
        let query = format!("mutation($input: {kind}!) {{ {step}(input: $input) {PAYLOAD} }}");
        self.server.ask_as(&self.token, &query, json!({ "input": input })).await[step].take()
    }

    /// Takes a step that succeeds, and gives the draft.
    pub async fn step(&self, step: &str, input: Value) -> Value {
        let mut payload = self.try_step(step, input.clone()).await;
        assert_eq!(payload["outcome"], "SAVED", "{step} {input}\n{payload:#}");
        payload["draft"].take()
    }

    /// A draft of a place that can be published.
    pub async fn begin(&self, slug: &str) -> Value {
        self.step("createDraft", json!({ "city": "cuiaba", "content": { "pointOfInterest": place(slug) } })).await
    }

    /// The same step again with the draft as it is.
    pub async fn on(&self, step: &str, draft: &Value, more: Value) -> Value {
        let mut input = json!({ "id": draft["id"], "expectedVersion": draft["version"] });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.step(step, input).await
    }

    /// Hands it in, approves and publishes it.
    pub async fn publish(&self, draft: &Value) -> Value {
        let draft = self.on("submitForReview", draft, json!({})).await;
        let draft = self.on("approve", &draft, json!({})).await;
        let draft = self.on("publish", &draft, json!({})).await;
        self.server.catch_up().await;
        draft
    }

    /// Changes it and publishes it.
    pub async fn publish_again(&self, draft: &Value, change: Value) -> Value {
        self.publish(&self.on("updateDraft", draft, change).await).await
    }
}

/// The content of a place that can be published.
pub fn place(slug: &str) -> Value {
    json!({
        "slug": slug, "category": "museum", "latitude": -15.6, "longitude": -56.09,
        "texts": [{ "language": "pt-BR", "name": format!("Museu {slug}"), "summary": "Um museu." }],
        "openingHours": { "raw": "Tu-Su 09:00-17:00" },
        "rights": { "licence": "CC-BY-4.0", "credit": "Secretaria" },
        "provenance": { "source": "Secretaria", "confidence": "HIGH" },
    })
}

/// The name the public sees under an id; null when it sees nothing.
pub async fn public_name(server: &TestServer, id: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on PointOfInterest { name { value } } } }";
    server.ask(query, json!({ "id": id })).await["node"]["name"]["value"].take()
}
