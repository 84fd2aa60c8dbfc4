//! What a visitor may keep is bounded by bytes, all versions of all trips together.

use serde_json::{Value, json};

use crate::support::TestServer;
use crate::support::database::{BOTH, Database};

const SAVE: &str = "mutation($input: SaveTripInput!) { saveTrip(input: $input) { trip { id version } userErrors { code } } }";
const UPDATE: &str = "mutation($input: UpdateTripInput!) { updateTrip(input: $input) { trip { version } userErrors { code } } }";

fn trip(seed: u32) -> Value {
    let start = json!({ "location": { "latitude": -15.596, "longitude": -56.097 } });
    let request = json!({ "cities": ["cuiaba"], "seed": seed, "days": [{ "date": "2026-12-12", "start": start }] });
    json!({ "input": { "title": "Fim de semana", "request": request } })
}

#[tokio::test]
async fn past_twenty_megabytes_nothing_is_added_until_something_is_deleted() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let (token, _) = server.sign_in().await;
        let id = server.ask_as(&token, SAVE, trip(1)).await["saveTrip"]["trip"]["id"].take();
        let update = async |version: u32, title: &str| {
            let input = json!({ "input": { "id": id, "expectedVersion": version, "title": title } });
            server.ask_as(&token, UPDATE, input).await["updateTrip"].take()
        };
        assert_eq!(update(1, "Outro").await["trip"]["version"], 2);
        let large = match database {
            Database::Sqlite => "UPDATE trip_version SET plan = '\"' || printf('%.*c', 20971520, 'a') || '\"' WHERE version = 1",
            Database::Postgres => "UPDATE trip_version SET plan = to_jsonb(repeat('a', 20971520)) WHERE version = 1",
        };
        server.database.by_hand(large).await;
        let limit = json!([{ "code": "LIMIT_REACHED" }]);
        assert_eq!(update(2, "Mais um").await, json!({ "trip": null, "userErrors": limit }));
        assert_eq!(server.ask_as(&token, SAVE, trip(2)).await["saveTrip"], json!({ "trip": null, "userErrors": limit }));
        // Nothing of it was written, and another visitor is not meant.
        let mine = server.ask_as(&token, "{ trips { title version } }", json!({})).await;
        assert_eq!(mine, json!({ "trips": [{ "title": "Outro", "version": 2 }] }));
        let (other, _) = server.sign_in().await;
        assert_eq!(server.ask_as(&other, SAVE, trip(3)).await["saveTrip"]["userErrors"], json!([]));
        let delete = "mutation($id: ID!) { deleteTrip(input: { id: $id }) { deletedTripId } }";
        server.ask_as(&token, delete, json!({ "id": id })).await;
        assert_eq!(server.ask_as(&token, SAVE, trip(2)).await["saveTrip"]["userErrors"], json!([]));
    }
}
