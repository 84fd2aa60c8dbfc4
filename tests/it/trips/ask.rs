//! Asking for plans.

use serde_json::{Value, json};

use crate::support::TestServer;

/// Everything a plan tells.
pub const PLAN: &str = "
  score catalogueVersion solver { iterations elapsed bound }
  warnings { code date text { value language } }
  droppedCandidates(first: 300) { mustSee code text { value } clashesWith { ... on PointOfInterest { slug } }
    subject { __typename ... on PointOfInterest { id slug } ... on EventOccurrence { id event { id slug } } } }
  days { date timeZone departAt arriveAt walkedMeters
    stops { subjectId arrive start depart wait slack score opening { state raw } reasons { code text { value } }
      warnings { code text { value } } alternatives(first: 5) { id slug }
      subject { __typename
        ... on PointOfInterest { id slug city { slug } category { slug parent { slug parent { slug } } } location { latitude longitude }
          openingHours { raw } accessRules { kind years hoursAhead } season { months } isAccessibleForFree prices { audience amount currency }
          wheelchair: accessibility(profile: WHEELCHAIR) { verdict } deaf: accessibility(profile: DEAF) { verdict } }
        ... on EventOccurrence { id start end status event { id slug city { slug } category { slug parent { slug } } } } } }
    legs { mode departAt arriveAt distanceMeters duration geometry confidence } }";

/// The plan for a request.
pub async fn plan(server: &TestServer, request: &Value) -> Value {
    let query = format!("query($request: TripPlanRequest!) {{ tripPlan(request: $request) {{ {PLAN} }} }}");
    server.ask(&query, json!({ "request": request })).await["tripPlan"].clone()
}

/// The code a request is refused with.
pub async fn refusal(server: &TestServer, request: &Value) -> String {
    let query = "query($request: TripPlanRequest!) { tripPlan(request: $request) { score } }";
    server.refusal(query, json!({ "request": request })).await
}

/// The global id of a place.
pub async fn id(server: &TestServer, slug: &str) -> Value {
    let data = server.ask("query($slug: String!) { pointOfInterest(by: {slug: $slug}) { id } }", json!({ "slug": slug })).await;
    data["pointOfInterest"]["id"].clone()
}

/// A position in Cuiabá.
pub fn cuiaba() -> Value {
    json!({ "location": { "latitude": -15.596, "longitude": -56.097 } })
}

/// Slugs of the places planned, day by day.
pub fn slugs(plan: &Value) -> Vec<Vec<String>> {
    let slug = |stop: &Value| {
        let subject = &stop["subject"];
        subject["slug"].as_str().or_else(|| subject["event"]["slug"].as_str()).unwrap_or("?").to_owned()
    };
    plan["days"].as_array().unwrap().iter().map(|day| day["stops"].as_array().unwrap().iter().map(slug).collect()).collect()
}

/// Codes of a list of things with a code.
pub fn codes(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}
