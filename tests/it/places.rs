//! Lists of places over HTTP agree with a brute force over all of them: which, how many, how far, in which order.

mod changing;
mod cursors;
mod fixture;
mod geodesy;
mod maps;
mod oracle;
mod pages;

use std::collections::HashMap;

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use serde_json::Value;

use geodesy::{Spot, distance, inside};
use oracle::{Area, INSTANTS, PROFILES, Question, Unknown, World};
use pages::{assert_stretch, check, walk};

/// Somewhere in or around Mato Grosso, most often near a place.
fn somewhere(random: &mut StdRng, world: &World) -> Spot {
    if random.random_bool(0.2) {
        return Spot { latitude: random.random_range(-18.0..-7.0), longitude: random.random_range(-61.0..-50.0) };
    }
    let near = world.places.choose(random).unwrap().spot;
    Spot { latitude: near.latitude + random.random_range(-0.1..0.1), longitude: near.longitude + random.random_range(-0.1..0.1) }
}

/// A ring around a centre that does not cross itself.
fn star(random: &mut StdRng, centre: Spot, reach: f64) -> Vec<[f64; 2]> {
    let corners = random.random_range(3..12);
    let mut ring: Vec<[f64; 2]> = (0..corners)
        .map(|corner| {
            let (sin, cos) = (std::f64::consts::TAU * f64::from(corner) / f64::from(corners)).sin_cos();
            let radius = reach * random.random_range(0.3..1.0);
            [centre.longitude + radius * cos, centre.latitude + radius * sin]
        })
        .collect();
    ring.push(ring[0]);
    ring
}

/// A box, a star with or without a hole, two stars, or a municipality.
fn some_area(random: &mut StdRng, world: &World) -> Area {
    let centre = somewhere(random, world);
    let reach = random.random_range(0.05..1.5);
    match random.random_range(0..5) {
        0 => Area::Box([centre.latitude - reach, centre.longitude - reach / 2.0, centre.latitude + reach / 3.0, centre.longitude + reach]),
        1 => Area::Polygons(vec![vec![star(random, centre, reach)]]),
        2 => {
            // Smaller than the third of the way in that any star leaves at its corners' chords.
            let hole = star(random, centre, reach * 0.02);
            let outer = star_of(12, centre, reach);
            Area::Polygons(vec![vec![outer, hole], vec![star_of(5, Spot { latitude: centre.latitude + 3.0 * reach, ..centre }, reach)]])
        }
        3 => Area::Polygons(vec![vec![star_of(8, centre, reach), star_of(6, centre, reach / 2.0)]]),
        _ => Area::Municipality(world.places.choose(random).unwrap().municipality.clone().unwrap_or_else(|| "5103403".to_owned())),
    }
}

/// A regular ring.
fn star_of(corners: u32, centre: Spot, reach: f64) -> Vec<[f64; 2]> {
    let corner = |number: u32| {
        let (sin, cos) = (0.1 + std::f64::consts::TAU * f64::from(number % corners) / f64::from(corners)).sin_cos();
        [centre.longitude + reach * cos, centre.latitude + reach * sin]
    };
    (0..=corners).map(corner).collect()
}

fn some_slugs(random: &mut StdRng, from: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = from.collect();
    all.sort();
    all.dedup();
    all.shuffle(random);
    all.truncate(random.random_range(1..=3));
    all
}

fn an_unknown(random: &mut StdRng) -> Unknown {
    *Unknown::ALL.choose(random).unwrap()
}

/// Sets one filter, by number.
fn set_filter(question: &mut Question, filter: u32, random: &mut StdRng, world: &World) {
    match filter {
        0 => question.cities = some_slugs(random, world.places.iter().map(|place| place.city.clone())),
        1 => question.categories = some_slugs(random, world.lineage.keys().cloned()),
        2 => question.area = Some(some_area(random, world)),
        3 => question.open_at = Some((random.random_range(0..INSTANTS.len()), an_unknown(random))),
        4 => question.season = Some(random.random_range(1..=12)),
        5 => {
            let mut profiles: Vec<usize> = (0..PROFILES.len()).collect();
            profiles.shuffle(random);
            profiles.truncate(random.random_range(1..=3));
            question.accessible_for = Some((profiles, an_unknown(random)));
        }
        6 => question.free = Some(random.random_bool(0.5)),
        7 => question.licence = Some(*[(true, false), (false, true), (true, true), (false, false)].choose(random).unwrap()),
        _ => question.order_by_name = question.near.is_some(),
    }
}

#[tokio::test]
async fn the_nearest_places_and_their_distances_agree_with_vincenty_around_many_centres() {
    let server = fixture::filled().await;
    let world = World::of(&server).await;
    assert!(world.places.len() > 3_300);
    let mut random = StdRng::seed_from_u64(1);
    let mut found = [0; 3];
    for _ in 0..25 {
        let centre = somewhere(&mut random, &world);
        for (radius, found) in [None, Some(5_000.0), Some(300_000.0)].into_iter().zip(&mut found) {
            *found += check(&server, &world, &Question::near(centre, radius), 60).await;
        }
    }
    assert!(found.iter().all(|found| *found > 200), "the centres try something: {found:?}");
    // A place is at no distance from itself, and the whole list of a wide circle is right, not only its ends.
    let here = world.places[17].spot;
    assert!(distance(here, here) < 1e-9);
    check(&server, &world, &Question::near(here, Some(0.5)), 10).await;
    let wide = Question::near(here, Some(300_000.0));
    let walked = walk(&server, &wide.variables(), false, &mut random, 80..=100).await;
    assert_stretch(&world, &wide, &world.answer(&wide), &walked);
}

#[tokio::test]
async fn every_filter_alone_and_in_random_combinations_agrees_with_brute_force() {
    let server = fixture::filled().await;
    let world = World::of(&server).await;
    let mut random = StdRng::seed_from_u64(2);
    let mut filled = 0;
    for filter in 0..8 {
        for _ in 0..5 {
            let mut question = Question::default();
            set_filter(&mut question, filter, &mut random, &world);
            filled += usize::from(check(&server, &world, &question, 40).await > 0);
        }
    }
    for _ in 0..60 {
        let mut question = Question::default();
        if random.random_bool(0.6) {
            let radius = *[None, Some(5_000.0), Some(60_000.0), Some(300_000.0)].choose(&mut random).unwrap();
            question.near = Some((somewhere(&mut random, &world), radius));
        }
        let mut filters: Vec<u32> = (0..9).collect();
        filters.shuffle(&mut random);
        filters.truncate(random.random_range(2..=3));
        for filter in filters {
            set_filter(&mut question, filter, &mut random, &world);
        }
        filled += usize::from(check(&server, &world, &question, 40).await > 0);
    }
    assert!(filled > 60, "most questions find something: {filled}");
}

#[tokio::test]
async fn each_value_of_open_unknown_and_accessible_unknown_does_what_it_says() {
    let server = fixture::filled().await;
    let world = World::of(&server).await;
    let mut random = StdRng::seed_from_u64(3);
    let centre = world.places[100].spot;
    for open in Unknown::ALL {
        for accessible in Unknown::ALL {
            for near in [None, Some((centre, None))] {
                let question =
                    Question { near, open_at: Some((1, open)), accessible_for: Some((vec![0, 3], accessible)), ..Question::default() };
                let expected = world.answer(&question);
                let last = expected.iter().filter(|found| found.last).count();
                assert_eq!(last > 0, [open, accessible].contains(&Unknown::Last), "something is unknown");
                assert!(last < expected.len(), "something is known");
                check(&server, &world, &question, 100).await;
                // The seam between the known and the unknown, both ways.
                let arguments = question.variables();
                for backward in [false, true] {
                    let walked = walk(&server, &arguments, backward, &mut random, 60..=100).await;
                    assert_stretch(&world, &question, &expected, &walked);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_category_holds_its_descendants_and_a_municipality_what_lies_in_its_boundary() {
    let server = fixture::filled().await;
    let world = World::of(&server).await;
    let mut slugs: Vec<&String> = world.lineage.keys().collect();
    slugs.sort();
    let count = |slug: &str| world.places.iter().filter(|place| world.lineage[&place.category].iter().any(|above| above == slug)).count();
    assert!(count("nature") > count("water") && count("water") > count("waterfall") && count("waterfall") > 0);
    for slug in slugs {
        let question = Question { categories: vec![slug.clone()], ..Question::default() };
        assert_eq!(pages::count(&server, &question).await, count(slug), "{slug}");
    }
    let boundaries = boundaries();
    let mut held: HashMap<&str, usize> = HashMap::new();
    for place in &world.places {
        let holder = boundaries.iter().find(|(_, rings)| inside(rings, place.spot)).map(|(ibge, _)| ibge.as_str());
        assert_eq!(place.municipality.as_deref(), holder, "{}", place.slug);
        *held.entry(holder.unwrap_or("")).or_default() += 1;
    }
    for (ibge, count) in held.into_iter().filter(|(ibge, _)| !ibge.is_empty()) {
        let question = Question { area: Some(Area::Municipality(ibge.to_owned())), ..Question::default() };
        assert_eq!(pages::count(&server, &question).await, count, "{ibge}");
    }
}

/// IBGE code and rings of each municipality.
fn boundaries() -> Vec<(String, Vec<Vec<[f64; 2]>>)> {
    let file: Value = serde_json::from_str(include_str!("../../data/municipalities.geojson")).unwrap();
    let rings = |geometry: &Value| -> Vec<Vec<[f64; 2]>> {
        match geometry["type"].as_str() {
            // A municipality whose boundary no source has.
            None => Vec::new(),
            Some("Polygon") => serde_json::from_value(geometry["coordinates"].clone()).unwrap(),
            Some(_) => serde_json::from_value::<Vec<Vec<Vec<[f64; 2]>>>>(geometry["coordinates"].clone()).unwrap().concat(),
        }
    };
    let features = file["features"].as_array().unwrap().iter();
    features.map(|feature| (feature["properties"]["ibge"].to_string(), rings(&feature["geometry"]))).collect()
}
