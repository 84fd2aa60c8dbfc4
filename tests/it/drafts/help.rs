//! What helps editors: likely duplicates, clashes, what there is to do, what visitors say, links that lead nowhere.

use std::net::TcpListener;

use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use super::{Team, place};
use crate::support::database::{BOTH, Database};
use crate::support::program::roteiro;
use crate::support::{TestServer, city_file};

async fn duplicates_of(team: &Team<'_>, content: Value) -> Vec<String> {
    let draft = team.step("createDraft", json!({ "city": "cuiaba", "content": { "pointOfInterest": content } })).await;
    let query = "query($id: ID!) { draft(id: $id) { possibleDuplicates { nameSimilarity distanceMeters sameTelephone
        node { ... on PointOfInterest { slug } } } } }";
    let found = team.server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"]["possibleDuplicates"].take();
    found.as_array().unwrap().iter().map(|found| found["node"]["slug"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn likely_duplicates_are_told_while_one_writes() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let mut museum = city_file::place("museu-historico", "Museu Histórico de Mato Grosso", -15.6, -56.09);
    museum["contact"] = json!({ "telephone": "+55 65 3000-1234" });
    let far = city_file::place("cachoeira-longe", "Cachoeira do Segredo", -15.0, -56.0);
    server.import(&city_file::file("cuiaba-tourism", "cuiaba", &[museum, far], &[], &[])).await;
    let team = Team::of(&server).await;
    let named =
        |name: &str, latitude: f64| json!({ "texts": [{ "language": "pt-BR", "name": name }], "latitude": latitude, "longitude": -56.09 });
    let museum = vec!["museu-historico".to_owned()];
    // The same name, some streets away; another spelling on the same square; the same words in another order.
    assert_eq!(duplicates_of(&team, named("museu historico de mato grosso", -15.61)).await, museum);
    assert_eq!(duplicates_of(&team, named("Museu Histórico do Mato-Grosso", -15.6005)).await, museum);
    assert_eq!(duplicates_of(&team, named("Mato Grosso, Museu Histórico de", -15.6005)).await, museum);
    // Another thing beside it, and the same name in another town.
    assert_eq!(duplicates_of(&team, named("Sorveteria Alaska", -15.6001)).await, Vec::<String>::new());
    assert_eq!(duplicates_of(&team, named("Museu Histórico de Mato Grosso", -12.0)).await, Vec::<String>::new());
    // Another name and the same telephone, however it is written.
    let mut by_telephone = named("Casa da Memória", -15.7);
    by_telephone["contact"] = json!({ "telephone": "(65) 3000 1234" });
    assert_eq!(duplicates_of(&team, by_telephone).await, museum);
    // Without a position the name decides.
    assert_eq!(
        duplicates_of(&team, json!({ "texts": [{ "language": "pt-BR", "name": "Cachoeira do Segredo" }] })).await,
        ["cachoeira-longe"]
    );
}

#[tokio::test]
async fn two_cities_with_a_festival_on_one_weekend_are_told() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let with_festival = |city: &str, slug: &str, day: &str| {
        let venue = format!("praca-{city}");
        let square = city_file::place(&venue, "Praça", -15.6, -56.09);
        city_file::file(&format!("{city}-tourism"), city, &[square], &[city_file::event(slug, "Festa", &venue, day)], &[])
    };
    // A Saturday, and the Friday of another weekend.
    server.import(&with_festival("nobres", "festa-de-nobres", "2027-06-19")).await;
    server.import(&with_festival("cuiaba", "festa-propria", "2027-06-19")).await;
    let team = Team::of(&server).await;
    let clashes = async |more: Value| {
        let mut event = json!({ "slug": "festa-nova", "category": "festival", "status": "SCHEDULED", "dtstart": "2027-06-20T19:00:00",
            "texts": [{ "language": "pt-BR", "name": "Festa nova" }], "rights": { "licence": "CC-BY-4.0", "credit": "S" },
            "provenance": { "source": "S", "confidence": "HIGH" } });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let draft = team.step("createDraft", json!({ "city": "cuiaba", "content": { "event": event } })).await;
        let query = "query($id: ID!) { draft(id: $id) { festivalClashes { saturday event { ... on Event { slug } } } } }";
        server.ask_as(&team.token, query, json!({ "id": draft["id"] })).await["draft"]["festivalClashes"].take()
    };
    // Sunday of the same weekend; the festival of the own city is its own business.
    assert_eq!(clashes(json!({})).await, json!([{ "saturday": "2027-06-19", "event": { "slug": "festa-de-nobres" } }]));
    assert_eq!(clashes(json!({ "dtstart": "2027-06-27T19:00:00" })).await, json!([]));
    assert_eq!(clashes(json!({ "status": "CANCELLED" })).await, json!([]));
    // Every Saturday: a fair, no festival.
    assert_eq!(clashes(json!({ "dtstart": "2027-06-19T19:00:00", "rrule": "FREQ=WEEKLY" })).await, json!([]));
    assert_eq!(clashes(json!({ "category": "tourism-fair" })).await, json!([]));
}

async fn queue(server: &TestServer, token: &str, reasons: Value) -> Vec<(String, Vec<String>)> {
    let query = "query($after: String, $reasons: [EditorialReason!]) { editorialQueue(city: \"cuiaba\", first: 2, after: $after,
        reasons: $reasons) { totalCount nodes { name weight reasons } pageInfo { hasNextPage endCursor } } }";
    let (mut found, mut after, mut weights) = (Vec::new(), Value::Null, Vec::new());
    loop {
        let page = server.ask_as(token, query, json!({ "after": after, "reasons": reasons })).await["editorialQueue"].take();
        for node in page["nodes"].as_array().unwrap() {
            weights.push(node["weight"].as_u64().unwrap());
            let reasons = node["reasons"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap().to_owned());
            found.push((node["name"].as_str().unwrap().to_owned(), reasons.collect()));
        }
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], found.len());
            assert!(weights.is_sorted_by(|one, other| one >= other));
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test]
async fn the_queue_says_what_there_is_to_do_the_most_pressing_first() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let complete = |slug: &str, name: &str, hours: Value| {
        let mut place = city_file::place(slug, name, -15.6, -56.09);
        place["openingHours"] = hours;
        place["texts"]["es"] = json!({ "name": name });
        place["provenance"]["lastVerifiedOn"] = json!("2026-10");
        place["images"] = json!([{ "url": "https://example.org/a.jpg", "alternativeText": { "pt-BR": "x" }, "licence": "CC0-1.0", "credit": "x", "source": "x" }]);
        place
    };
    let mut translated = complete("traduzido", "Traduzido", json!({ "raw": "Mo-Su 09:00-17:00", "verifiedOn": "2026-10-01" }));
    (translated["texts"]["en"]["state"], translated["texts"]["es"]["state"]) = (json!("OUTDATED"), json!("MACHINE_TRANSLATED"));
    let places = [
        translated,
        complete("em-dia", "Em dia", json!({ "raw": "Mo-Su 09:00-17:00", "verifiedOn": "2026-10-01" })),
        complete("velho", "Velho", json!({ "raw": "Mo-Su 09:00-17:00", "verifiedOn": "2026-01-01" })),
        complete("ilegivel", "Ilegível", json!({ "raw": "das nove às cinco", "verifiedOn": "2026-10-01" })),
        complete("sem-hora", "Sem hora", json!({ "note": "ligue antes" })),
        city_file::place("cru", "Cru", -15.6, -56.09),
    ];
    server.import(&city_file::file("cuiaba-tourism", "cuiaba", &places, &[], &[])).await;
    let team = Team::of(&server).await;
    let mine = |entries: &[(&str, &[&str])]| {
        entries
            .iter()
            .map(|(name, reasons)| ((*name).to_owned(), reasons.iter().map(|reason| (*reason).to_owned()).collect()))
            .collect::<Vec<(String, Vec<String>)>>()
    };
    let before = mine(&[
        ("Ilegível", &["HOURS_UNREADABLE"]),
        ("Cru", &["HOURS_UNKNOWN", "NOT_VERIFIED", "TRANSLATION_MISSING", "NO_IMAGE"]),
        ("Velho", &["HOURS_NOT_VERIFIED"]),
        ("Traduzido", &["TRANSLATION_OUTDATED", "TRANSLATION_UNREAD"]),
        ("Sem hora", &["HOURS_UNKNOWN"]),
    ]);
    assert_eq!(queue(&server, &team.token, Value::Null).await, before);
    assert_eq!(
        queue(&server, &team.token, json!(["HOURS_UNKNOWN"])).await,
        mine(&[("Cru", before[1].1.iter().map(String::as_str).collect::<Vec<_>>().as_slice()), ("Sem hora", &["HOURS_UNKNOWN"])])
    );
    let draft = team.begin("novo").await;
    team.on("submitForReview", &draft, json!({})).await;
    let with_draft = queue(&server, &team.token, Value::Null).await;
    assert_eq!(with_draft[1], ("Museu novo".to_owned(), vec!["WAITS_FOR_REVIEW".to_owned()]));
    server.clock.set(crate::support::now() + chrono::TimeDelta::days(8));
    assert_eq!(queue(&server, &team_again(&server).await, Value::Null).await[0], ("Museu novo".to_owned(), vec!["WAITS_LONG".to_owned()]));
    let (_, elsewhere) = server.account(Role::CityAdmin, Some("cuiaba")).await;
    drop(elsewhere);
    assert_eq!(server.refusal("{ editorialQueue(city: \"cuiaba\") { totalCount } }", json!({})).await, "UNAUTHENTICATED");
}

/// A token that holds at the moment the clock shows.
async fn team_again(server: &TestServer) -> String {
    server.account(Role::Editor, Some("cuiaba")).await.1
}

#[tokio::test]
async fn what_a_visitor_says_becomes_a_prefilled_draft_and_nothing_is_kept_of_who_said_it() {
    for database in BOTH {
        let server = TestServer::bare_on(database).await;
        server.import(&city_file::file("cuiaba-tourism", "cuiaba", &[city_file::place("museu", "Museu", -15.6, -56.09)], &[], &[])).await;
        let find = "{ pointOfInterest(by: { slug: \"museu\" }) { id } }";
        let id = server.ask(find, json!({})).await["pointOfInterest"]["id"].take();
        let (visitor, _) = server.sign_in().await;
        let suggest = "mutation($input: SuggestEditInput!) { suggestEdit(input: $input) { suggestionId userErrors { field code } } }";
        let input = json!({ "id": id, "comment": "fecha às 17h", "content": { "pointOfInterest": { "openingHours": { "raw": "Tu-Su 09:00-17:00" } } } });
        let made = server.ask_as(&visitor, suggest, json!({ "input": input })).await["suggestEdit"].take();
        let suggestion = made["suggestionId"].clone();
        assert!(suggestion.is_string(), "{made}");
        let nothing = server.ask_as(&visitor, suggest, json!({ "input": { "id": id } })).await;
        assert_eq!(nothing["suggestEdit"]["userErrors"][0]["field"], json!(["input", "comment"]));
        for number in 1..20 {
            server.ask_as(&visitor, suggest, json!({ "input": { "id": id, "comment": format!("e mais {number}") } })).await;
        }
        let too_many = server.ask_as(&visitor, suggest, json!({ "input": { "id": id, "comment": "e mais" } })).await;
        assert_eq!(too_many["suggestEdit"]["userErrors"][0]["code"], "LIMIT_REACHED");
        let team = Team::of(&server).await;
        let list = "{ suggestions(first: 100) { nodes { id comment content { ... on PointOfInterestContent { openingHours { raw } category } } } } }";
        let open = server.ask_as(&team.token, list, json!({})).await["suggestions"]["nodes"].take();
        assert_eq!(open.as_array().unwrap().len(), 20);
        let first = open.as_array().unwrap().iter().find(|open| open["id"] == suggestion).unwrap();
        assert_eq!(
            *first,
            json!({ "id": suggestion, "comment": "fecha às 17h", "content": { "openingHours": { "raw": "Tu-Su 09:00-17:00" }, "category": null } })
        );
        let other = open.as_array().unwrap().iter().find(|open| open["id"] != suggestion).unwrap();
        let take =
            "mutation($id: ID!) { takeSuggestion(input: { id: $id }) { outcome draft { id state unpublishedChanges { field after } } } }";
        let taken = server.ask_as(&team.token, take, json!({ "id": suggestion })).await["takeSuggestion"].take();
        assert_eq!(
            taken,
            json!({ "outcome": "SAVED", "draft": { "id": id, "state": "DRAFT",
                "unpublishedChanges": [{ "field": ["openingHours", "raw"], "after": "\"Tu-Su 09:00-17:00\"" }] } })
        );
        let again = server
            .ask_as(
                &team.token,
                "mutation($id: ID!) { takeSuggestion(input: { id: $id }) { userErrors { code } } }",
                json!({ "id": suggestion }),
            )
            .await;
        assert_eq!(again["takeSuggestion"]["userErrors"][0]["code"], "NOT_FOUND");
        let dismiss = "mutation($id: ID!) { dismissSuggestion(input: { id: $id }) { dismissedSuggestionId } }";
        server.ask_as(&team.token, dismiss, json!({ "id": other["id"] })).await;
        let left = server.ask_as(&team.token, list, json!({})).await["suggestions"]["nodes"].take();
        assert_eq!(left.as_array().unwrap().len(), 18);
        let (_, elsewhere) = server.account(Role::Editor, Some("cuiaba")).await;
        let visitor_reads = server.refusal_to(&visitor, list, json!({})).await;
        assert_eq!((visitor_reads.as_str(), server.refusal(list, json!({})).await.as_str()), ("FORBIDDEN", "UNAUTHENTICATED"));
        drop(elsewhere);
    }
}

/// A web server of one answer a path.
fn web() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        use std::io::{BufRead, BufReader, Write};
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).ok();
            let path = line.split(' ').nth(1).unwrap_or("/");
            let answer = match path {
                "/there" => "200 OK\r\n",
                "/moved" => "301 Moved Permanently\r\nLocation: /there\r\n",
                "/moved-away" => "301 Moved Permanently\r\nLocation: /gone\r\n",
                "/around" => "302 Found\r\nLocation: /around\r\n",
                "/refuses-programs" => "403 Forbidden\r\n",
                "/down" => "500 Internal Server Error\r\n",
                _ => "404 Not Found\r\n",
            };
            write!(stream, "HTTP/1.1 {answer}Content-Length: 0\r\nConnection: close\r\n\r\n").ok();
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn links_that_lead_nowhere_are_found_and_stand_in_the_queue() {
    let server = TestServer::bare_on(Database::Sqlite).await;
    let site = web();
    let paths = ["there", "moved", "moved-away", "around", "refuses-programs", "down", "gone"];
    let places = paths.map(|path| {
        let mut place = city_file::place(path, path, -15.6, -56.09);
        place["contact"] = json!({ "url": format!("{site}/{path}") });
        place
    });
    server.import(&city_file::file("cuiaba-tourism", "cuiaba", &places, &[], &[])).await;
    let links = |more: &[&str]| {
        let output = roteiro(&["links", "--database-url", &server.database.url]).args(more).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let team = Team::of(&server).await;
    let broken = async || {
        let mut found: Vec<String> = queue(&server, &team.token, json!(["BROKEN_LINK"])).await.into_iter().map(|(name, _)| name).collect();
        found.sort();
        found
    };
    assert!(links(&["--private"]).ends_with("7 links, 7 tried now, 3 of them lead nowhere\n"));
    assert_eq!(broken().await, ["around", "gone", "moved-away"]);
    assert!(links(&["--private"]).ends_with("7 links, 0 tried now, 0 of them lead nowhere\n"));
    // By default nobody on this machine is asked, whatever an editor writes.
    assert!(links(&["--older-than-days", "0"]).ends_with("7 links, 7 tried now, 7 of them lead nowhere\n"));
}

#[tokio::test]
async fn a_draft_may_be_large_but_not_huge() {
    let server = TestServer::demo_on(Database::Sqlite).await;
    let team = Team::of(&server).await;
    let mut content = place("grande");
    content["texts"] = json!([{ "language": "pt-BR", "name": "Grande", "description": "a".repeat(190_000) }]);
    let draft = team.step("createDraft", json!({ "city": "cuiaba", "content": { "pointOfInterest": content } })).await;
    let more = json!({ "id": draft["id"], "expectedVersion": 1, "content": { "pointOfInterest": { "texts": [{ "language": "pt-BR", "summary": "b".repeat(20_000) }] } } });
    let payload = team.try_step("updateDraft", more).await;
    assert_eq!(payload["userErrors"][0]["code"], "LIMIT_REACHED");
}
