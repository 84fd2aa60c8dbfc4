//! Pages: in either direction and any sizes they are the whole list once, also while the catalogue changes under them.

use std::collections::{HashMap, HashSet};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use roteiro::ingest::apply::Importer;
use serde_json::json;

use super::fixture::{self, PROBES};
use super::oracle::{Question, Unknown, World};
use super::pages::{Hit, Walker, assert_stretch, hits, page, walk};

/// A list by name, one by distance, and one of each with the unknown at the end.
fn lists(world: &World) -> Vec<Question> {
    let centre = world.places[42].spot;
    let last = Question { open_at: Some((0, Unknown::Last)), accessible_for: Some((vec![3], Unknown::Include)), ..Question::default() };
    vec![
        Question::default(),
        Question::near(centre, None),
        Question { near: Some((centre, Some(400_000.0))), order_by_name: true, ..last.clone() },
        Question { near: Some((centre, None)), ..last },
    ]
}

#[tokio::test]
async fn pages_of_any_size_in_either_direction_are_the_whole_list_once() {
    let server = fixture::filled().await;
    let world = World::of(&server).await;
    let mut random = StdRng::seed_from_u64(4);
    for question in lists(&world) {
        let expected = world.answer(&question);
        let list = question.variables();
        let forwards = walk(&server, &list, false, &mut random, 30..=100).await;
        assert_stretch(&world, &question, &expected, &forwards);
        let backwards = walk(&server, &list, true, &mut random, 30..=100).await;
        assert_eq!(forwards, backwards, "to the cursor and the last bit of the distance: {question:?}");
        between_two_cursors(&server, &list, &forwards, &mut random).await;
    }
    // Small pages over a short list, whose twins share name and position.
    for near in [None, Some((world.places[42].spot, None))] {
        let question =
            Question { near, licence: Some((true, true)), season: Some(2), cities: vec!["nobres".to_owned()], ..Question::default() };
        let question = Question { categories: vec!["nature".to_owned(), "culture".to_owned()], ..question };
        let expected = world.answer(&question);
        for backward in [false, true] {
            let walked = walk(&server, &question.variables(), backward, &mut random, 1..=7).await;
            assert_stretch(&world, &question, &expected, &walked);
        }
    }
}

/// Whatever a cursor of one direction is used for, it stands in the same place.
async fn between_two_cursors(server: &crate::support::TestServer, list: &serde_json::Value, all: &[Hit], random: &mut StdRng) {
    for _ in 0..6 {
        let start = random.random_range(0..all.len() - 20);
        let end = start + random.random_range(2..20);
        let (after, before) = (&all[start].cursor, &all[end].cursor);
        let forward = page(server, list, json!({ "first": 100, "after": after, "before": before })).await;
        assert_eq!(hits(&forward), all[start + 1..end]);
        let backward = page(server, list, json!({ "last": 100, "after": after, "before": before })).await;
        assert_eq!(hits(&backward), all[start + 1..end]);
        let few = page(server, list, json!({ "last": 1, "after": after, "before": before })).await;
        assert_eq!(hits(&few), all[end - 1..end]);
        assert_eq!(few["pageInfo"]["hasPreviousPage"], end - start > 2);
    }
}

#[tokio::test]
async fn what_was_there_all_along_is_seen_exactly_once_while_the_catalogue_changes() {
    let server = fixture::filled().await;
    let importer = Importer::new(&server.store).await.unwrap();
    let mut generation = 0;
    for (number, backward) in [(0, false), (1, false), (2, true), (3, false)] {
        let before = World::of(&server).await;
        let question = lists(&before).swap_remove(number);
        let fitting = before.answer(&question);
        let mut walker = Walker::new(&server, question.variables(), backward);
        let mut seen = Vec::new();
        while seen.len() < fitting.len() / 2 {
            seen.extend(walker.next(83).await);
        }
        let half = seen.len();

        generation += 1;
        import_generation(&importer, generation).await;
        server.catch_up().await;
        while !walker.done {
            seen.extend(walker.next(83).await);
        }

        let after = World::of(&server).await;
        assert_changed(&before, &after);
        let slugs = |world: &World| -> HashSet<String> { world.answer(&question).iter().map(|found| found.place.slug.clone()).collect() };
        let (before, after) = (slugs(&before), slugs(&after));
        let mut times: HashMap<&str, usize> = HashMap::new();
        for hit in &seen {
            *times.entry(&hit.slug).or_default() += 1;
        }
        assert!(times.values().all(|times| *times == 1), "nothing is seen twice");
        assert!(before.intersection(&after).all(|slug| times.contains_key(&**slug)), "nothing that stayed is missed");
        assert!(seen[half..].iter().all(|hit| after.contains(&hit.slug)), "nothing withdrawn is still given");
        assert!(seen[..half].iter().any(|hit| !after.contains(&hit.slug)), "some of those seen were withdrawn");
        assert!(seen[half..].iter().any(|hit| !before.contains(&hit.slug)), "some of those to come were added");
        assert!(before.difference(&after).any(|slug| !times.contains_key(&**slug)), "some were withdrawn before they were seen");
    }
}

/// Probes of the first generation are those of the fixture; each later one drops half of the last and adds as many.
async fn import_generation(importer: &Importer<'_>, generation: u32) {
    let wanted = |number: u32| if generation.is_multiple_of(2) { PROBES.contains(&number) } else { number % 4 < 2 };
    fixture::import_probes(importer, wanted).await;
}

fn assert_changed(before: &World, after: &World) {
    let slugs = |world: &World| -> HashSet<String> { world.places.iter().map(|place| place.slug.clone()).collect() };
    let (before, after) = (slugs(before), slugs(after));
    assert!(before.difference(&after).count() >= 50 && after.difference(&before).count() >= 50);
}
