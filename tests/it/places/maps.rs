//! Places along a line, on a map, and around a place agree with a brute force.

use std::collections::{HashMap, HashSet};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::fixture;
use super::geodesy::{Spot, Step, centred, distance, polyline, steps, straight};
use super::oracle::{Area, Place, Question, Unknown, World, spot};
use super::pages::{Hit, hits, walk};
use crate::support::TestServer;

/// How far the test's line and the program's may disagree, metres.
const TOLERANCE: f64 = 10.0;

fn nearest_step(line: &[Step], place: &Place) -> Step {
    let at = centred(place.spot);
    *line.iter().min_by(|one, other| straight(one.at, at).total_cmp(&straight(other.at, at))).unwrap()
}

fn along(line: Value, width: f64) -> Value {
    let (field, line) = if line.is_string() { ("polyline", line) } else { ("points", line) };
    json!({ "w": { "alongRoute": { field: line, "maxDistanceMeters": width } } })
}

#[tokio::test]
async fn a_corridor_holds_what_is_near_its_line_ordered_by_progress() {
    let server = fixture::filled().await;
    let world = World::of(&server).await;
    let mut random = StdRng::seed_from_u64(5);
    for width in [300.0, 2_000.0, 5_000.0, 20_000.0] {
        let mut line: Vec<Spot> = vec![world.places.choose(&mut random).unwrap().spot];
        for _ in 0..3 {
            // From place to place, not further than the line stays straight to a metre.
            let from = line[line.len() - 1];
            let within: Vec<&Place> = world.places.iter().filter(|place| distance(from, place.spot) < 200_000.0).collect();
            line.push(within.choose(&mut random).unwrap().spot);
        }
        let line: Vec<Spot> =
            line.iter().map(|spot| Spot { latitude: rounded(spot.latitude), longitude: rounded(spot.longitude) }).collect();
        let points: Value = line.iter().map(|spot| json!({ "latitude": spot.latitude, "longitude": spot.longitude })).collect();
        let by_points = walk(&server, &along(points, width), false, &mut random, 40..=100).await;
        let by_polyline = walk(&server, &along(json!(polyline(&line)), width), true, &mut random, 40..=100).await;
        assert_eq!(by_points, by_polyline, "points and polyline, forwards and backwards, are the same list");
        assert!(!by_points.is_empty());
        check_corridor(&world, &steps(&line), width, &by_points);
    }
}

fn rounded(degrees: f64) -> f64 {
    (degrees * 1e5).round() / 1e5
}

fn check_corridor(world: &World, line: &[Step], width: f64, got: &[Hit]) {
    let given: HashMap<&str, &Hit> = got.iter().map(|hit| (&*hit.slug, hit)).collect();
    assert_eq!(given.len(), got.len(), "nothing comes twice");
    assert!(got.is_sorted_by(|one, other| one.progress <= other.progress), "by progress");
    for place in &world.places {
        let at = centred(place.spot);
        let metres = straight(nearest_step(line, place).at, at);
        let Some(hit) = given.get(&*place.slug) else {
            assert!(metres > width - TOLERANCE, "{} lies {metres} m off the line and is missed", place.slug);
            continue;
        };
        assert!(metres < width + TOLERANCE, "{} lies {metres} m off the line", place.slug);
        // A step is 50 m long: on the line itself half of one counts.
        let slack = if metres < 500.0 { TOLERANCE + 25.0 } else { TOLERANCE };
        assert!((hit.distance.unwrap() - metres).abs() < slack, "{}: {:?} m off the line, not {metres} m", place.slug, hit.distance);
        let progress = hit.progress.unwrap();
        let there = line.iter().min_by(|one, other| (one.progress - progress).abs().total_cmp(&(other.progress - progress).abs())).unwrap();
        assert!(straight(there.at, at) < metres + slack, "{}: the line is not nearest at {progress} m", place.slug);
    }
}

#[tokio::test]
async fn a_corridor_goes_with_other_filters_and_orders() {
    let server = fixture::filled().await;
    let world = World::of(&server).await;
    let mut random = StdRng::seed_from_u64(6);
    let line = [(-15.601, -56.0974), (-15.4606, -55.7497), (-14.7192, -56.3284)];
    let points: Vec<Value> = line.iter().map(|(latitude, longitude)| json!({ "latitude": latitude, "longitude": longitude })).collect();
    let steps = steps(&line.map(|(latitude, longitude)| Spot { latitude, longitude }));
    let question = Question { categories: vec!["nature".to_owned()], open_at: Some((0, Unknown::Last)), ..Question::default() };
    let corridor = |order: Option<&str>, near: Option<Value>| {
        let mut filter = question.filter();
        filter["alongRoute"] = json!({ "points": points, "maxDistanceMeters": 3_000.0 });
        json!({ "w": filter, "o": order, "n": near })
    };
    let fitting = world.answer(&question);
    let clear = |place: &Place, margin: f64| straight(nearest_step(&steps, place).at, centred(place.spot)) < 3_000.0 + margin;
    let inside: HashSet<&str> = fitting.iter().filter(|found| clear(found.place, -TOLERANCE)).map(|found| &*found.place.slug).collect();
    let touching: HashSet<&str> = fitting.iter().filter(|found| clear(found.place, TOLERANCE)).map(|found| &*found.place.slug).collect();
    let last: HashMap<&str, bool> = fitting.iter().map(|found| (&*found.place.slug, found.last)).collect();
    assert!(inside.len() > 20);

    let by_progress = walk(&server, &corridor(None, None), false, &mut random, 5..=30).await;
    let slugs: HashSet<&str> = by_progress.iter().map(|hit| &*hit.slug).collect();
    assert!(inside.is_subset(&slugs) && slugs.is_subset(&touching));
    assert!(
        by_progress.is_sorted_by_key(|hit| (last[&*hit.slug], ordered(hit.progress.unwrap()))),
        "the known by progress, then the unknown"
    );

    let centre = Spot { latitude: line[2].0, longitude: line[2].1 };
    let near = json!({ "latitude": centre.latitude, "longitude": centre.longitude });
    let by_distance = walk(&server, &corridor(Some("DISTANCE"), Some(near)), false, &mut random, 5..=30).await;
    assert_eq!(by_distance.iter().map(|hit| &*hit.slug).collect::<HashSet<_>>(), slugs);
    assert!(by_distance.is_sorted_by_key(|hit| (last[&*hit.slug], ordered(hit.distance.unwrap()))));
    for hit in &by_distance {
        assert!((hit.distance.unwrap() - distance(centre, world.place(&hit.slug).spot)).abs() < 0.01, "from the centre, not from the line");
    }
}

/// Metres as whole hundredths of a millimetre, to sort by.
fn ordered(metres: f64) -> i64 {
    (metres * 1e5) as i64
}

const CLUSTERS: &str = "query($b: BoundingBoxInput!, $z: Int!, $w: PointOfInterestFilter) { mapClusters(within: $b, zoom: $z, where: $w) {
    id count location { latitude longitude } southWest { latitude longitude } northEast { latitude longitude } pointOfInterest { slug } } }";

struct Cluster {
    id: String,
    count: usize,
    mean: Spot,
    bounds: (Spot, Spot),
    only: Option<String>,
}

async fn clusters(server: &TestServer, bounds: [f64; 4], zoom: i32, question: &Question) -> Vec<Cluster> {
    let [south, west, north, east] = bounds;
    let variables = json!({ "b": { "south": south, "west": west, "north": north, "east": east }, "z": zoom, "w": question.filter() });
    let answer = server.ask(CLUSTERS, variables).await;
    let cluster = |node: &Value| Cluster {
        id: node["id"].as_str().unwrap().to_owned(),
        count: node["count"].as_u64().unwrap() as usize,
        mean: spot(&node["location"]),
        bounds: (spot(&node["southWest"]), spot(&node["northEast"])),
        only: node["pointOfInterest"]["slug"].as_str().map(ToOwned::to_owned),
    };
    answer["mapClusters"].as_array().unwrap().iter().map(cluster).collect()
}

#[tokio::test]
async fn clusters_hold_every_place_of_the_box_once() {
    let server = fixture::filled().await;
    let world = World::of(&server).await;
    let mut random = StdRng::seed_from_u64(7);
    for number in 0..30 {
        let centre = world.places.choose(&mut random).unwrap().spot;
        let zoom = random.random_range(0..=16);
        // About as much as a screen of a thousand pixels shows.
        let reach = (350.0 / 2_f64.powi(zoom)).min(20.0) * random.random_range(0.5..1.5);
        let bounds = [centre.latitude - reach, centre.longitude - reach, centre.latitude + reach * 0.7, centre.longitude + reach * 1.1];
        let question = match number % 3 {
            0 => Question::default(),
            1 => Question { open_at: Some((2, Unknown::Last)), ..Question::default() },
            _ => Question { categories: vec!["nature".to_owned()], free: Some(true), ..Question::default() },
        };
        let found = clusters(&server, bounds, zoom, &question).await;
        let boxed = Question { area: Some(Area::Box(bounds)), ..question };
        check_clusters(&world.answer(&boxed).iter().map(|found| found.place).collect::<Vec<_>>(), &found);
    }
}

fn check_clusters(places: &[&Place], clusters: &[Cluster]) {
    assert_eq!(clusters.iter().map(|cluster| cluster.count).sum::<usize>(), places.len());
    assert_eq!(clusters.iter().map(|cluster| &cluster.id).collect::<HashSet<_>>().len(), clusters.len(), "ids are unique");
    let mut held = 0;
    for cluster in clusters {
        let (south_west, north_east) = cluster.bounds;
        let within = |spot: Spot| {
            (south_west.latitude..=north_east.latitude).contains(&spot.latitude)
                && (south_west.longitude..=north_east.longitude).contains(&spot.longitude)
        };
        // Bounds are those of places, and cells do not overlap: a place in the bounds is in the cluster.
        let inside: Vec<&&Place> = places.iter().filter(|place| within(place.spot)).collect();
        assert_eq!(inside.len(), cluster.count, "{}", cluster.id);
        held += inside.len();
        let count = inside.len() as f64;
        let mean = |degrees: fn(Spot) -> f64| inside.iter().map(|place| degrees(place.spot)).sum::<f64>() / count;
        assert!((mean(|spot| spot.latitude) - cluster.mean.latitude).abs() < 1e-9);
        assert!((mean(|spot| spot.longitude) - cluster.mean.longitude).abs() < 1e-9);
        assert_eq!(cluster.only.as_deref(), if let [only] = &inside[..] { Some(&*only.slug) } else { None });
    }
    assert_eq!(held, places.len());
}

#[tokio::test]
async fn a_cluster_keeps_its_id_wherever_the_map_looks_and_can_be_zoomed_into() {
    let server = fixture::filled().await;
    let world = World::of(&server).await;
    let all = Question::default();
    let wide = clusters(&server, [-18.0, -61.0, -7.0, -50.0], 8, &all).await;
    let shifted = clusters(&server, [-17.3, -60.1, -8.9, -51.7], 8, &all).await;
    let ids: HashMap<&str, &Cluster> = wide.iter().map(|cluster| (&*cluster.id, cluster)).collect();
    assert!(!shifted.is_empty());
    for cluster in &shifted {
        let same = ids[&*cluster.id];
        assert!(same.count >= cluster.count && same.bounds.0.latitude <= cluster.bounds.0.latitude);
    }
    assert!(shifted.iter().filter(|cluster| ids[&*cluster.id].count == cluster.count).count() * 2 > shifted.len());
    let other_zoom = clusters(&server, [-18.0, -61.0, -7.0, -50.0], 7, &all).await;
    assert!(other_zoom.iter().all(|cluster| !ids.contains_key(&*cluster.id)));

    // A client that looks closer asks for the bounds of the cluster and gets its places, a tenth of a millimetre aside: of a
    // number of seventeen digits the last may get lost on its way through JSON.
    let big = wide.iter().max_by_key(|cluster| cluster.count).unwrap();
    let (south_west, north_east) = big.bounds;
    let bounds = [south_west.latitude - 1e-9, south_west.longitude - 1e-9, north_east.latitude + 1e-9, north_east.longitude + 1e-9];
    let closer = clusters(&server, bounds, 12, &all).await;
    assert_eq!(closer.iter().map(|cluster| cluster.count).sum::<usize>(), big.count);
    let question = Question { area: Some(Area::Box(bounds)), ..Question::default() };
    assert_eq!(super::pages::check(&server, &world, &question, 100).await, big.count);
}

#[tokio::test]
async fn a_place_on_the_edge_of_a_box_is_in_it() {
    let server = fixture::filled().await;
    let world = World::of(&server).await;
    // Positions of few digits, which JSON carries exactly.
    let short = |degrees: f64| degrees.to_string().len() <= 11;
    let exact: Vec<&Place> =
        world.places.iter().filter(|place| short(place.spot.latitude) && short(place.spot.longitude)).take(5).collect();
    assert_eq!(exact.len(), 5);
    for place in exact {
        let Spot { latitude, longitude } = place.spot;
        for (north, east) in [(0.01, 0.01), (0.01, -0.01), (-0.01, 0.01), (-0.01, -0.01)] {
            let bounds = [
                latitude.min(latitude + north),
                longitude.min(longitude + east),
                latitude.max(latitude + north),
                longitude.max(longitude + east),
            ];
            let question = Question { area: Some(Area::Box(bounds)), ..Question::default() };
            assert!(super::pages::check(&server, &world, &question, 100).await > 0, "{} at {bounds:?}", place.slug);
            let found = clusters(&server, bounds, 15, &Question::default()).await;
            check_clusters(&world.answer(&question).iter().map(|found| found.place).collect::<Vec<_>>(), &found);
        }
    }
}

const NEARBY: &str =
    "query($id: ID!, $first: Int!, $w: PointOfInterestFilter) { pointOfInterest(by: {id: $id}) { nearby(first: $first, where: $w) {
    totalCount pageInfo { hasNextPage } edges { cursor distanceMeters progressMeters node { slug } } } } }";

#[tokio::test]
async fn nearby_gives_the_others_nearest_first_and_counts_them() {
    let server = fixture::filled().await;
    let world = World::of(&server).await;
    let mut random = StdRng::seed_from_u64(8);
    for number in 0..24 {
        let place = world.places.choose(&mut random).unwrap();
        let filters = match number % 4 {
            0 => Question::default(),
            1 => Question { categories: vec!["nature".to_owned()], ..Question::default() },
            2 => Question { free: Some(true), cities: vec![place.city.clone()], ..Question::default() },
            _ => Question { open_at: Some((1, Unknown::Last)), ..Question::default() },
        };
        let question = Question { near: Some((place.spot, None)), ..filters };
        let mut expected = world.answer(&question);
        expected.retain(|found| found.place.slug != place.slug);
        let first = *[1, 7, 100].choose(&mut random).unwrap();
        let answer = server.ask(NEARBY, json!({ "id": place.id, "first": first, "w": question.filter() })).await;
        let nearby = &answer["pointOfInterest"]["nearby"];
        assert_eq!(nearby["totalCount"].as_u64().unwrap() as usize, expected.len(), "{} {question:?}", place.slug);
        assert_eq!(nearby["pageInfo"]["hasNextPage"], expected.len() > first);
        expected.truncate(first);
        let got = hits(nearby);
        assert!(got.iter().all(|hit| hit.slug != place.slug), "{} is not beside itself", place.slug);
        super::pages::assert_stretch(&world, &question, &expected, &got);
    }
    // Along a line it is still the nearest that come first.
    let place = world.places.choose(&mut random).unwrap();
    let ends =
        [(-15.601, -56.0974), (-14.7192, -56.3284)].map(|(latitude, longitude)| json!({ "latitude": latitude, "longitude": longitude }));
    let line = json!({ "alongRoute": { "points": ends, "maxDistanceMeters": 10_000.0 } });
    let answer = server.ask(NEARBY, json!({ "id": place.id, "first": 50, "w": line })).await;
    let got = hits(&answer["pointOfInterest"]["nearby"]);
    assert!(got.len() > 20 && got.iter().all(|hit| hit.slug != place.slug));
    assert!(got.is_sorted_by_key(|hit| ordered(hit.distance.unwrap())), "nearest first");
    for hit in &got {
        assert!((hit.distance.unwrap() - distance(place.spot, world.place(&hit.slug).spot)).abs() < 0.01);
    }
}
