//! A record from the first word to the public and back.

use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use super::{Team, place, public_name};
use crate::support::TestServer;
use crate::support::city_file;
use crate::support::database::{BOTH, Database};

#[tokio::test]
async fn a_draft_becomes_public_when_it_is_published_and_not_before() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let draft = team.begin("museu-novo").await;
        assert_eq!((draft["state"].as_str(), draft["version"].as_i64()), (Some("DRAFT"), Some(1)));
        for step in ["submitForReview", "approve"] {
            let query = "query($id: ID!) { draft(id: $id) { version } }";
            let version = server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"]["version"].take();
            team.step(step, json!({ "id": draft["id"], "expectedVersion": version })).await;
            server.catch_up().await;
            assert_eq!(public_name(&server, &draft["id"]).await, Value::Null, "after {step}");
        }
        let published = team.step("publish", json!({ "id": draft["id"], "expectedVersion": 3 })).await;
        assert_eq!((published["state"].as_str(), published["publishedVersion"].as_i64()), (Some("PUBLISHED"), Some(4)));
        server.catch_up().await;
        assert_eq!(public_name(&server, &draft["id"]).await, "Museu museu-novo");
        // It changes beside the live version.
        let change = json!({ "content": { "pointOfInterest": { "texts": [{ "language": "pt-BR", "name": "Outro nome" }] } } });
        let changed = team.on("updateDraft", &published, change).await;
        assert_eq!((changed["state"].as_str(), changed["publishedVersion"].as_i64()), (Some("DRAFT"), Some(4)));
        server.catch_up().await;
        assert_eq!(public_name(&server, &draft["id"]).await, "Museu museu-novo");
        let published = team.publish(&changed).await;
        assert_eq!(public_name(&server, &draft["id"]).await, "Outro nome");
        let gone = team.on("unpublish", &published, json!({ "reason": "em obras" })).await;
        server.catch_up().await;
        assert_eq!((gone["state"].as_str(), &gone["publishedVersion"]), (Some("UNPUBLISHED"), &Value::Null));
        assert_eq!(public_name(&server, &draft["id"]).await, Value::Null);
        team.on("publish", &gone, json!({})).await;
        server.catch_up().await;
        assert_eq!(public_name(&server, &draft["id"]).await, "Outro nome");
    }
}

#[tokio::test]
async fn an_imported_record_is_taken_over_with_all_it_has_and_imports_leave_it_alone() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        let mut places = ["museu-a", "museu-b"].map(|slug| city_file::place(slug, "Museu", -15.6, -56.09));
        places[0]["texts"]["en"] = json!({ "name": "Museum", "state": "MACHINE_TRANSLATED" });
        places[0]["texts"]["fr"] = json!({ "name": "Musée", "state": "OUTDATED" });
        let file = |places: &[Value]| city_file::file("cuiaba-tourism", "cuiaba", places, &[], &[]);
        server.import(&file(&places)).await;
        let place = "query($slug: String!) { pointOfInterest(by: { slug: $slug }) { id name { value } attributionText
            english: name(language: \"en\") { value state } french: name(language: \"fr\") { value state }
            openingHours { raw } provenance { source confidence } } }";
        let before = server.ask(place, json!({ "slug": "museu-a" })).await;
        let id = before["pointOfInterest"]["id"].clone();
        assert_eq!(before["pointOfInterest"]["english"], json!({ "value": "Museum", "state": "MACHINE_TRANSLATED" }));
        assert_eq!(before["pointOfInterest"]["french"], json!({ "value": "Musée", "state": "OUTDATED" }));
        let team = Team::of(&server).await;
        let draft = team.step("createDraft", json!({ "of": id })).await;
        assert_eq!((draft["state"].as_str(), draft["publishedVersion"].as_i64()), (Some("PUBLISHED"), Some(1)));
        let again = team.try_step("createDraft", json!({ "of": id })).await;
        assert_eq!(again["userErrors"][0]["code"], "DRAFT_EXISTS");
        let states: Vec<String> =
            draft["translations"].as_array().unwrap().iter().map(|known| format!("{} {}", known["language"], known["state"])).collect();
        assert_eq!(states.join(", ").replace('"', ""), "pt-BR UP_TO_DATE, en MACHINE_TRANSLATED, es MISSING, fr OUTDATED");
        // Published as it is, it is what it was.
        let touched = team.on("updateDraft", &draft, json!({})).await;
        let published = team.publish(&touched).await;
        assert_eq!(server.ask(place, json!({ "slug": "museu-a" })).await, before);
        let change = json!({ "content": { "pointOfInterest": { "texts": [{ "language": "pt-BR", "name": "Museu do Editor" }] } } });
        team.publish(&team.on("updateDraft", &published, change).await).await;
        // The import comes again, without one of the places: what editors took over stays, the rest follows the file.
        let applied = server.import(&file(&places[1..])).await;
        assert_eq!((applied.withdrawn, applied.kept), (0, 0));
        let applied = server.import(&file(&places)).await;
        assert_eq!((applied.written, applied.kept), (0, 1));
        assert_eq!(public_name(&server, &id).await, "Museu do Editor");
    }
}

#[tokio::test]
async fn every_step_is_kept_with_its_author_and_what_it_changed() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let draft = team.begin("museu-historico").await;
    let change = json!({ "content": { "pointOfInterest": { "typicalVisitMinutes": 60, "contact": { "telephone": "+55 65 3000-0000" } } },
        "comment": "liguei para lá" });
    let draft = team.on("updateDraft", &draft, change).await;
    let change = json!({ "content": { "pointOfInterest": { "typicalVisitMinutes": 90, "contact": null } } });
    let draft = team.on("updateDraft", &draft, change).await;
    let query = "query($id: ID!) { draft(id: $id) { revisions(first: 2) { version action state comment author { name }
        changes { field before after } } } }";
    let history = server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"]["revisions"].take();
    assert_eq!(
        history,
        json!([
            { "version": 3, "action": "UPDATE", "state": "DRAFT", "comment": null, "author": { "name": "CityAdmin" }, "changes": [
                { "field": ["contact", "telephone"], "before": "\"+55 65 3000-0000\"", "after": null },
                { "field": ["typicalVisitMinutes"], "before": "60", "after": "90" } ] },
            { "version": 2, "action": "UPDATE", "state": "DRAFT", "comment": "liguei para lá", "author": { "name": "CityAdmin" }, "changes": [
                { "field": ["contact", "telephone"], "before": null, "after": "\"+55 65 3000-0000\"" },
                { "field": ["typicalVisitMinutes"], "before": null, "after": "60" } ] },
        ])
    );
    let back = team.on("revertTo", &draft, json!({ "revision": 1, "comment": "engano" })).await;
    let query = "query($id: ID!) { draft(id: $id) { version content { ... on PointOfInterestContent { typicalVisitMinutes slug
        texts { language name } openingHours { raw } } } unpublishedChanges { field } } }";
    let draft = server.ask_as(&team.token, query, json!({ "id": back["id"] })).await["draft"].take();
    assert_eq!(draft["version"], 4);
    assert_eq!(
        draft["content"],
        json!({ "typicalVisitMinutes": null, "slug": "museu-historico", "openingHours": { "raw": "Tu-Su 09:00-17:00" },
            "texts": [{ "language": "pt-BR", "name": "Museu museu-historico" }] })
    );
    assert!(draft["unpublishedChanges"].as_array().unwrap().len() > 8);
}

#[tokio::test]
async fn languages_are_published_one_by_one_and_age_when_the_original_changes() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let draft = team.begin("museu-poliglota").await;
    let state = |draft: &Value, language: &str| {
        draft["translations"].as_array().unwrap().iter().find(|known| known["language"] == language).unwrap()["state"].clone()
    };
    assert_eq!((state(&draft, "pt-BR"), state(&draft, "en")), (json!("UP_TO_DATE"), json!("MISSING")));
    let english =
        json!({ "content": { "pointOfInterest": { "texts": [{ "language": "en", "name": "Museum" }] } }, "machineTranslated": ["en"] });
    let draft = team.on("updateDraft", &draft, english).await;
    assert_eq!(state(&draft, "en"), "MACHINE_TRANSLATED");
    let draft = team.on("updateDraft", &draft, json!({ "checked": ["en"] })).await;
    assert_eq!(state(&draft, "en"), "UP_TO_DATE");
    let draft = team.on("submitForReview", &draft, json!({})).await;
    let draft = team.on("approve", &draft, json!({})).await;
    // Only the Portuguese words go out.
    let draft = team.on("publish", &draft, json!({ "languages": ["pt-BR"] })).await;
    server.catch_up().await;
    let query = "query($id: ID!) { node(id: $id) { ... on PointOfInterest { name(language: \"en\") { value language origin state } } } }";
    let name = async |draft: &Value| server.ask(query, json!({ "id": draft["id"] })).await["node"]["name"].take();
    assert_eq!(
        name(&draft).await,
        json!({ "value": "Museu museu-poliglota", "language": "pt-BR", "origin": "FALLBACK", "state": "UP_TO_DATE" })
    );
    let original = json!({ "content": { "pointOfInterest": { "texts": [{ "language": "pt-BR", "name": "Museu das Línguas" }] } } });
    let draft = team.on("updateDraft", &draft, original).await;
    assert_eq!(state(&draft, "en"), "OUTDATED");
    let draft = team.on("submitForReview", &draft, json!({})).await;
    let draft = team.on("approve", &draft, json!({})).await;
    let draft = team.on("publish", &draft, json!({ "languages": ["en"] })).await;
    server.catch_up().await;
    // The Portuguese words that are published are still the old ones, of which these are the translation.
    let english = |state: &str| json!({ "value": "Museum", "language": "en", "origin": "REQUESTED", "state": state });
    assert_eq!(name(&draft).await, english("UP_TO_DATE"));
    assert_eq!(public_name(&server, &draft["id"]).await, "Museu museu-poliglota");
    let draft = team.publish_again(&draft, json!({ "content": { "pointOfInterest": { "typicalVisitMinutes": 30 } } })).await;
    assert_eq!(name(&draft).await, english("OUTDATED"));
    let machine =
        json!({ "content": { "pointOfInterest": { "texts": [{ "language": "en", "name": "Museum" }] } }, "machineTranslated": ["en"] });
    let draft = team.publish_again(&draft, machine).await;
    assert_eq!(name(&draft).await, english("MACHINE_TRANSLATED"));
    let draft = team.publish_again(&draft, json!({ "checked": ["en"] })).await;
    assert_eq!(name(&draft).await, english("UP_TO_DATE"));
}

#[tokio::test]
async fn a_merged_record_leads_to_the_other_and_never_comes_back() {
    for database in BOTH {
        let server = TestServer::demo_on(database).await;
        let team = Team::of(&server).await;
        let kept = team.publish(&team.begin("museu-certo").await).await;
        let double = team.publish(&team.begin("museu-duplo").await).await;
        let itself =
            team.try_step("mergeInto", json!({ "id": double["id"], "expectedVersion": double["version"], "into": double["id"] })).await;
        assert_eq!(itself["userErrors"][0]["field"], json!(["input", "into"]), "{itself}");
        let merged = team.on("mergeInto", &double, json!({ "into": kept["id"] })).await;
        assert_eq!(merged["state"], "ARCHIVED");
        server.catch_up().await;
        assert_eq!(public_name(&server, &double["id"]).await, "Museu museu-certo");
        let by_slug = "{ pointOfInterest(by: { slug: \"museu-duplo\" }) { slug } }";
        assert_eq!(server.ask(by_slug, json!({})).await["pointOfInterest"]["slug"], "museu-certo");
        let back = team.try_step("revertTo", json!({ "id": merged["id"], "expectedVersion": merged["version"], "revision": 1 })).await;
        assert_eq!(back["userErrors"][0]["code"], "NOT_ALLOWED_IN_STATE");
    }
}

#[tokio::test]
async fn drafts_are_listed_for_those_who_may_read_them() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let mut begun = Vec::new();
    for number in 0..5 {
        begun.push(team.begin(&format!("museu-{number}")).await["id"].clone());
    }
    let query = "query($after: String, $cities: [String!]) { drafts(first: 2, after: $after, cities: $cities, states: [DRAFT]) {
        nodes { id } pageInfo { hasNextPage endCursor } } }";
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = server.ask_as(&team.token, query, json!({ "after": after })).await["drafts"].take();
        seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    seen.sort_by_key(ToString::to_string);
    begun.sort_by_key(ToString::to_string);
    assert_eq!(seen, begun);
    let (_, elsewhere) = server.account(Role::CityAdmin, Some("caceres")).await;
    let others = server.ask_as(&elsewhere, query, json!({})).await;
    assert_eq!(others["drafts"]["nodes"], json!([]));
    assert_eq!(server.refusal_to(&elsewhere, query, json!({ "cities": ["cuiaba"] })).await, "FORBIDDEN");
    assert_eq!(server.refusal_to(&elsewhere, "query($id: ID!) { draft(id: $id) { name } }", json!({ "id": seen[0] })).await, "FORBIDDEN");
    let create = "mutation($input: CreateDraftInput!) { createDraft(input: $input) { outcome } }";
    let input = json!({ "city": "cuiaba", "content": { "pointOfInterest": place("x") } });
    assert_eq!(server.refusal_to(&elsewhere, create, json!({ "input": input })).await, "FORBIDDEN");
    assert_eq!(server.refusal(query, json!({})).await, "UNAUTHENTICATED");
    let (visitor, _) = server.sign_in().await;
    assert_eq!(server.refusal_to(&visitor, query, json!({})).await, "FORBIDDEN");
}
