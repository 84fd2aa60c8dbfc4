//! Cursors and page sizes that are not of the list are refused, never guessed at.

use serde_json::{Value, json};

use super::oracle::{Question, Unknown, spot};
use super::pages::{LIST, hits, page, with_page};
use crate::support::TestServer;

async fn refusal(server: &TestServer, list: &Question, arguments: Value) -> String {
    server.refusal(LIST, with_page(list.variables(), arguments)).await
}

#[tokio::test]
async fn a_cursor_is_good_for_the_list_it_came_from_and_no_other() {
    let server = TestServer::demo().await;
    let centre = spot(&server.ask("{ cities { location { latitude longitude } } }", Value::Null).await["cities"][0]["location"]);
    let near = Question::near(centre, None);
    let open = |instant, unknown| Question { open_at: Some((instant, unknown)), ..near.clone() };
    let lists = [
        Question::default(),
        near.clone(),
        Question { order_by_name: true, ..near.clone() },
        Question::near(centre, Some(300_000.0)),
        Question::near(centre, Some(300_001.0)),
        Question::near(geodesy_north(centre), None),
        Question { cities: vec!["cuiaba".to_owned()], ..Question::default() },
        Question { categories: vec!["nature".to_owned()], ..Question::default() },
        open(0, Unknown::Exclude),
        open(0, Unknown::Last),
        open(1, Unknown::Last),
        Question { accessible_for: Some((vec![0], Unknown::Include)), ..near.clone() },
        Question { accessible_for: Some((vec![1], Unknown::Include)), ..near.clone() },
        Question { season: Some(1), ..Question::default() },
        Question { free: Some(false), ..Question::default() },
        Question { licence: Some((true, false)), ..Question::default() },
        Question { licence: Some((false, true)), ..Question::default() },
    ];
    for (number, list) in lists.iter().enumerate() {
        let page = page(&server, &list.variables(), json!({ "first": 2 })).await;
        let Some(hit) = hits(&page).pop() else { continue };
        for (other, foreign) in lists.iter().enumerate() {
            for argument in [json!({ "first": 2, "after": hit.cursor }), json!({ "last": 2, "before": hit.cursor })] {
                if number == other {
                    server.ask(LIST, with_page(list.variables(), argument)).await;
                } else {
                    assert_eq!(refusal(&server, foreign, argument).await, "BAD_CURSOR", "of list {number} in list {other}");
                }
            }
        }
    }
}

fn geodesy_north(centre: super::geodesy::Spot) -> super::geodesy::Spot {
    super::geodesy::Spot { latitude: centre.latitude + 1e-9, ..centre }
}

#[tokio::test]
async fn a_bent_cursor_and_one_of_another_type_are_refused() {
    let server = TestServer::demo().await;
    let all = Question::default();
    let good = hits(&page(&server, &all.variables(), json!({ "first": 1 })).await).remove(0).cursor;
    let mut wrong: Vec<String> = Vec::new();
    for at in 0..good.len() {
        let mut bent = good.clone().into_bytes();
        bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
        wrong.push(String::from_utf8(bent).unwrap());
    }
    for made_up in [
        "",
        " ",
        "AAAA",
        "null",
        "0",
        "💣",
        &good[1..],
        &good[..good.len() - 1],
        &format!("{good}="),
        &format!("{good}AA"),
        &"A".repeat(50_000),
    ] {
        wrong.push(made_up.to_owned());
    }
    wrong.push(good.to_lowercase());
    let place = server.ask("{ pointsOfInterest(first: 1) { nodes { id } } }", Value::Null).await;
    wrong.push(place["pointsOfInterest"]["nodes"][0]["id"].as_str().unwrap().to_owned());
    let events = "{ events(first: 1, where: {from: \"2024-01-01T00:00:00Z\", to: \"2028-12-31T00:00:00Z\"}) { edges { cursor } } }";
    wrong.push(server.ask(events, Value::Null).await["events"]["edges"][0]["cursor"].as_str().unwrap().to_owned());
    for list in ["routes(first: 1)", "unannouncedEvents(first: 1)", "search(text: \"cachoeira\", first: 1)"] {
        let answer = server.ask(&format!("{{ list: {list} {{ edges {{ cursor }} }} }}"), Value::Null).await;
        wrong.push(answer["list"]["edges"][0]["cursor"].as_str().unwrap().to_owned());
    }
    for cursor in wrong {
        for argument in ["after", "before"] {
            assert_eq!(refusal(&server, &all, json!({ argument: cursor })).await, "BAD_CURSOR", "{argument}: {cursor}");
        }
    }
    // And the other way round.
    for list in ["events", "routes", "unannouncedEvents", "search"] {
        let text = if list == "search" { "text: \"cachoeira\", " } else { "" };
        let query = format!("query($after: String) {{ {list}({text}after: $after) {{ edges {{ cursor }} }} }}");
        assert_eq!(server.refusal(&query, json!({ "after": good })).await, "BAD_CURSOR", "{list}");
    }
}

#[tokio::test]
async fn a_page_of_no_allowed_size_is_refused() {
    let server = TestServer::demo().await;
    let all = Question::default();
    for size in [0, -1, 101, 100_000, i32::MIN, i32::MAX] {
        for argument in ["first", "last"] {
            assert_eq!(refusal(&server, &all, json!({ argument: size })).await, "BAD_PAGE", "{argument}: {size}");
        }
    }
    for (first, last) in [(1, 1), (100, 1), (0, 0)] {
        assert_eq!(refusal(&server, &all, json!({ "first": first, "last": last })).await, "BAD_PAGE");
    }
    for size in [1, 100] {
        assert_eq!(hits(&page(&server, &all.variables(), json!({ "first": size })).await).len(), size);
        assert_eq!(hits(&page(&server, &all.variables(), json!({ "last": size })).await).len(), size);
    }
    assert_eq!(hits(&page(&server, &all.variables(), json!({})).await).len(), 20, "the default page");
    let nearby = "query($first: Int!) { pointsOfInterest(first: 1) { nodes { nearby(first: $first) { nodes { slug } } } } }";
    for size in [0, -1, 101] {
        assert_eq!(server.refusal(nearby, json!({ "first": size })).await, "BAD_PAGE", "nearby {size}");
    }
}
