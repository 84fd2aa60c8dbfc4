//! Lists of places over HTTP, a page at a time.

use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::oracle::{Found, Question, World};
use crate::support::TestServer;

/// A page of places with every argument.
pub const LIST: &str =
    "query($w: PointOfInterestFilter, $n: NearInput, $o: PointOfInterestOrder, $first: Int, $after: String, $last: Int, $before: String) {
    pointsOfInterest(where: $w, near: $n, orderBy: $o, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor distanceMeters progressMeters node { slug } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

const COUNT: &str = "query($w: PointOfInterestFilter, $n: NearInput, $o: PointOfInterestOrder) {
    pointsOfInterest(where: $w, near: $n, orderBy: $o) { totalCount } }";

/// A place of a list as the server gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub slug: String,
    pub cursor: String,
    pub distance: Option<f64>,
    pub progress: Option<f64>,
}

/// Reads the edges of a connection.
pub fn hits(connection: &Value) -> Vec<Hit> {
    let hit = |edge: &Value| Hit {
        slug: edge["node"]["slug"].as_str().unwrap().to_owned(),
        cursor: edge["cursor"].as_str().unwrap().to_owned(),
        distance: edge["distanceMeters"].as_f64(),
        progress: edge["progressMeters"].as_f64(),
    };
    connection["edges"].as_array().unwrap().iter().map(hit).collect()
}

/// Adds the arguments of a page to those of a list.
pub fn with_page(mut list: Value, page: Value) -> Value {
    let Value::Object(page) = page else { unreachable!("a page is an object") };
    list.as_object_mut().unwrap().extend(page);
    list
}

/// One page.
pub async fn page(server: &TestServer, list: &Value, page: Value) -> Value {
    server.ask(LIST, with_page(list.clone(), page)).await["pointsOfInterest"].take()
}

/// Asks a list page by page, in one direction.
pub struct Walker<'a> {
    server: &'a TestServer,
    list: Value,
    backward: bool,
    cursor: Option<String>,
    pub done: bool,
}

impl<'a> Walker<'a> {
    pub fn new(server: &'a TestServer, list: Value, backward: bool) -> Self {
        Self { server, list, backward, cursor: None, done: false }
    }

    /// The next page of at most `size`, which must be true to itself.
    pub async fn next(&mut self, size: usize) -> Vec<Hit> {
        let arguments =
            if self.backward { json!({ "last": size, "before": self.cursor }) } else { json!({ "first": size, "after": self.cursor }) };
        let page = page(self.server, &self.list, arguments).await;
        let (hits, info) = (hits(&page), &page["pageInfo"]);
        assert!(hits.len() <= size);
        assert_eq!(info["startCursor"].as_str(), hits.first().map(|hit| &*hit.cursor));
        assert_eq!(info["endCursor"].as_str(), hits.last().map(|hit| &*hit.cursor));
        let (more, next) = if self.backward { ("hasPreviousPage", hits.first()) } else { ("hasNextPage", hits.last()) };
        self.done = info[more] == false;
        assert!(self.done || hits.len() == size, "a page with another after it is full");
        self.cursor = next.map(|hit| hit.cursor.clone());
        hits
    }
}

/// The whole list in pages of random sizes.
pub async fn walk(
    server: &TestServer,
    list: &Value,
    backward: bool,
    random: &mut StdRng,
    sizes: std::ops::RangeInclusive<usize>,
) -> Vec<Hit> {
    let mut walker = Walker::new(server, list.clone(), backward);
    let mut all = Vec::new();
    while !walker.done {
        let page = walker.next(random.random_range(sizes.clone())).await;
        let at = if backward { 0 } else { all.len() };
        all.splice(at..at, page);
    }
    all
}

/// How many places the server counts.
pub async fn count(server: &TestServer, question: &Question) -> usize {
    let answer = server.ask(COUNT, question.variables()).await;
    answer["pointsOfInterest"]["totalCount"].as_u64().unwrap() as usize
}

/// Compares a stretch of a list with the brute force: the same keys in the same places, so that only what is equally near
/// (within a millimetre) or of one name may change places.
pub fn assert_stretch(world: &World, question: &Question, expected: &[Found<'_>], got: &[Hit]) {
    assert_eq!(got.len(), expected.len(), "{question:?}");
    let all = world.answer(question);
    let mut seen = std::collections::HashSet::new();
    for (expected, got) in expected.iter().zip(got) {
        let fitting = all.iter().find(|found| found.place.slug == got.slug);
        let fitting = fitting.unwrap_or_else(|| panic!("{} does not fit {question:?}", got.slug));
        assert!(seen.insert(&got.slug), "{} comes twice", got.slug);
        assert_eq!(fitting.last, expected.last, "{} in {question:?}", got.slug);
        match (fitting.distance, got.distance) {
            (None, None) => {}
            (Some(true_metres), Some(metres)) => {
                assert!((metres - true_metres).abs() <= 1e-6 * true_metres + 1e-6, "{}: {metres} m, not {true_metres} m", got.slug);
            }
            other => panic!("{}: distance {other:?} in {question:?}", got.slug),
        }
        if question.by_name() {
            assert_eq!(fitting.place.folded_name, expected.place.folded_name, "{question:?}");
        } else {
            let (here, wanted) = (fitting.distance.unwrap(), expected.distance.unwrap());
            assert!((here - wanted).abs() <= 1e-3, "{} at {here} m stands where {wanted} m belongs in {question:?}", got.slug);
        }
    }
}

/// Asks for the count and both ends of the list and compares them with the brute force.
pub async fn check(server: &TestServer, world: &World, question: &Question, size: usize) -> usize {
    let expected = world.answer(question);
    assert_eq!(count(server, question).await, expected.len(), "{question:?}");
    let arguments = question.variables();
    let first = page(server, &arguments, json!({ "first": size })).await;
    assert_stretch(world, question, &expected[..expected.len().min(size)], &hits(&first));
    assert_eq!(first["pageInfo"]["hasNextPage"], expected.len() > size);
    let last = page(server, &arguments, json!({ "last": size })).await;
    assert_stretch(world, question, &expected[expected.len().saturating_sub(size)..], &hits(&last));
    assert_eq!(last["pageInfo"]["hasPreviousPage"], expected.len() > size);
    expected.len()
}
