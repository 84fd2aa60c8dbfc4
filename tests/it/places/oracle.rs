//! Every place as the API shows it, and the answers a brute force over all of them gives.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::geodesy::{Spot, distance, inside};
use crate::support::TestServer;

/// The instants asked for: a Tuesday morning, a Sunday afternoon, Christmas, a Saturday night.
pub const INSTANTS: [&str; 4] =
    ["2026-11-24T10:00:00-04:00", "2026-11-22T15:30:00-04:00", "2026-12-25T09:00:00-04:00", "2026-07-04T23:30:00-04:00"];
pub const PROFILES: [&str; 5] = ["WHEELCHAIR", "LOW_VISION", "DEAF", "STROLLER", "ELDERLY"];

/// A place with what filters ask of it; `None` is unknown.
#[derive(Clone, Debug)]
pub struct Place {
    pub id: String,
    pub slug: String,
    pub folded_name: String,
    pub spot: Spot,
    pub category: String,
    pub city: String,
    pub municipality: Option<String>,
    pub open: Vec<Option<bool>>,
    pub accessible: Vec<Option<bool>>,
    pub months: Option<Vec<u64>>,
    pub free: Option<bool>,
    pub licence: String,
}

/// All places, and of each category those above it and itself.
pub struct World {
    pub places: Vec<Place>,
    pub lineage: HashMap<String, Vec<String>>,
}

impl World {
    /// Asks the server for everything, once.
    pub async fn of(server: &TestServer) -> Self {
        let instants = INSTANTS.iter().enumerate();
        let open: Vec<String> = instants.map(|(index, at)| format!("o{index}: openingHours(at: \"{at}\") {{ state }}")).collect();
        let profiles = PROFILES.iter().enumerate();
        let accessible: Vec<String> =
            profiles.map(|(index, profile)| format!("a{index}: accessibility(profile: {profile}) {{ verdict }}")).collect();
        let (open, accessible) = (open.join(" "), accessible.join(" "));
        let query = format!(
            "query($after: String) {{ pointsOfInterest(first: 100, after: $after) {{ pageInfo {{ hasNextPage endCursor }} nodes {{
                id slug name(language: \"pt-BR\") {{ value }} location {{ latitude longitude }} category {{ slug }} city {{ slug }}
                municipality {{ ibge }} season {{ months }} isAccessibleForFree provenance {{ license {{ spdx }} }} {open} {accessible} }} }} }}"
        );
        let mut places = Vec::new();
        let mut after = Value::Null;
        loop {
            let page = server.ask(&query, json!({ "after": after })).await["pointsOfInterest"].take();
            places.extend(page["nodes"].as_array().unwrap().iter().map(place));
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        let slugs: HashSet<&str> = places.iter().map(|place| &*place.slug).collect();
        let count = server.ask("{ catalogue { pointsOfInterest } }", Value::Null).await["catalogue"]["pointsOfInterest"].as_u64().unwrap();
        assert_eq!((slugs.len(), places.len() as u64), (places.len(), count), "paging gave every place once");
        Self { lineage: lineage(server).await, places }
    }

    /// The places that fit, in the order asked for.
    pub fn answer(&self, question: &Question) -> Vec<Found<'_>> {
        let mut found: Vec<Found<'_>> = self.places.iter().filter_map(|place| question.find(place, &self.lineage)).collect();
        found.sort_by(|one, other| {
            let by_distance = one.distance.unwrap_or(0.0).total_cmp(&other.distance.unwrap_or(0.0));
            let by_order = if question.by_name() { one.place.folded_name.cmp(&other.place.folded_name) } else { by_distance };
            one.last.cmp(&other.last).then(by_order)
        });
        found
    }

    pub fn place(&self, slug: &str) -> &Place {
        self.places.iter().find(|place| place.slug == slug).unwrap_or_else(|| panic!("no place {slug}"))
    }
}

fn place(node: &Value) -> Place {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let open = |index| match node[format!("o{index}")]["state"].as_str().unwrap() {
        "OPEN" => Some(true),
        "CLOSED" => Some(false),
        _ => None,
    };
    let accessible = |index| match node[format!("a{index}")]["verdict"].as_str().unwrap() {
        "ACCESSIBLE" | "LIMITED" => Some(true),
        "NOT_ACCESSIBLE" => Some(false),
        _ => None,
    };
    Place {
        id: text(&node["id"]),
        slug: text(&node["slug"]),
        folded_name: fold(node["name"]["value"].as_str().unwrap()),
        spot: spot(&node["location"]),
        category: text(&node["category"]["slug"]),
        city: text(&node["city"]["slug"]),
        municipality: node["municipality"]["ibge"].as_str().map(ToOwned::to_owned),
        open: (0..INSTANTS.len()).map(open).collect(),
        accessible: (0..PROFILES.len()).map(accessible).collect(),
        months: node["season"]["months"].as_array().map(|months| months.iter().map(|month| month.as_u64().unwrap()).collect()),
        free: node["isAccessibleForFree"].as_bool(),
        licence: text(&node["provenance"]["license"]["spdx"]),
    }
}

/// A `Location` of the API.
pub fn spot(location: &Value) -> Spot {
    Spot { latitude: location["latitude"].as_f64().unwrap(), longitude: location["longitude"].as_f64().unwrap() }
}

/// Without case and the accents Portuguese has.
fn fold(name: &str) -> String {
    let plain = |letter: char| match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'ê' | 'è' => 'e',
        'í' => 'i',
        'ó' | 'ô' | 'õ' => 'o',
        'ú' | 'ü' => 'u',
        'ç' => 'c',
        other => other,
    };
    name.to_lowercase().chars().map(plain).collect()
}

async fn lineage(server: &TestServer) -> HashMap<String, Vec<String>> {
    let answer = server.ask("{ categories { slug parent { slug } } }", Value::Null).await;
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let parents: HashMap<String, Option<String>> =
        answer["categories"].as_array().unwrap().iter().map(|node| (text(&node["slug"]).unwrap(), text(&node["parent"]["slug"]))).collect();
    let upwards = |slug: &String| std::iter::successors(Some(slug.clone()), |below| parents[below].clone()).collect();
    parents.keys().map(|slug| (slug.clone(), upwards(slug))).collect()
}

/// What becomes of the unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    Exclude,
    Include,
    Last,
}

impl Unknown {
    pub const ALL: [Self; 3] = [Self::Exclude, Self::Include, Self::Last];

    fn word(self) -> &'static str {
        match self {
            Self::Exclude => "EXCLUDE",
            Self::Include => "INCLUDE",
            Self::Last => "LAST",
        }
    }

    /// Whether a place comes last; `None` when it does not come at all.
    fn judge(self, known: Option<bool>) -> Option<bool> {
        match known {
            Some(fits) => fits.then_some(false),
            None => (self != Self::Exclude).then_some(self == Self::Last),
        }
    }
}

/// An area.
#[derive(Clone, Debug)]
pub enum Area {
    /// South, west, north, east.
    Box([f64; 4]),
    /// Polygons of rings.
    Polygons(Vec<Vec<Vec<[f64; 2]>>>),
    Municipality(String),
}

/// A question for places, in the test's own words.
#[derive(Clone, Debug, Default)]
pub struct Question {
    pub near: Option<(Spot, Option<f64>)>,
    pub order_by_name: bool,
    pub cities: Vec<String>,
    pub categories: Vec<String>,
    pub area: Option<Area>,
    /// Place in [`INSTANTS`].
    pub open_at: Option<(usize, Unknown)>,
    /// Month of 2026.
    pub season: Option<u64>,
    /// Places in [`PROFILES`].
    pub accessible_for: Option<(Vec<usize>, Unknown)>,
    pub free: Option<bool>,
    /// Commercial use, derivatives.
    pub licence: Option<(bool, bool)>,
}

/// A place that fits.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    pub place: &'a Place,
    pub last: bool,
    pub distance: Option<f64>,
}

impl Question {
    pub fn near(spot: Spot, radius: Option<f64>) -> Self {
        Self { near: Some((spot, radius)), ..Self::default() }
    }

    pub fn by_name(&self) -> bool {
        self.order_by_name || self.near.is_none()
    }

    /// The arguments of `pointsOfInterest`, pages aside: `w`, `n`, `o`.
    pub fn variables(&self) -> Value {
        let near =
            self.near.map(|(spot, radius)| json!({ "latitude": spot.latitude, "longitude": spot.longitude, "radiusMeters": radius }));
        json!({ "w": self.filter(), "n": near, "o": self.order_by_name.then_some("NAME") })
    }

    pub fn filter(&self) -> Value {
        let mut filter = json!({});
        if !self.cities.is_empty() {
            filter["city"] = json!(self.cities);
        }
        if !self.categories.is_empty() {
            filter["category"] = json!(self.categories);
        }
        match &self.area {
            None => {}
            Some(Area::Box([south, west, north, east])) => {
                filter["within"] = json!({ "boundingBox": { "south": south, "west": west, "north": north, "east": east } });
            }
            Some(Area::Polygons(polygons)) if polygons.len() == 1 => {
                filter["within"] = json!({ "polygon": { "type": "Polygon", "coordinates": polygons[0] } });
            }
            Some(Area::Polygons(polygons)) => filter["within"] = json!({ "polygon": { "type": "MultiPolygon", "coordinates": polygons } }),
            Some(Area::Municipality(ibge)) => filter["within"] = json!({ "municipality": ibge }),
        }
        if let Some((instant, unknown)) = self.open_at {
            filter["openAt"] = json!(INSTANTS[instant]);
            filter["openUnknown"] = json!(unknown.word());
        }
        if let Some(month) = self.season {
            filter["inSeasonOn"] = json!(format!("2026-{month:02}-15"));
        }
        if let Some((profiles, unknown)) = &self.accessible_for {
            filter["accessibleFor"] = profiles.iter().map(|profile| PROFILES[*profile]).collect();
            filter["accessibleUnknown"] = json!(unknown.word());
        }
        if let Some(free) = self.free {
            filter["isFree"] = json!(free);
        }
        if let Some((commercial, derivatives)) = self.licence {
            filter["licence"] = json!({ "commercial": commercial, "derivatives": derivatives });
        }
        filter
    }

    fn find<'a>(&self, place: &'a Place, lineage: &HashMap<String, Vec<String>>) -> Option<Found<'a>> {
        let distance = self.near.map(|(centre, _)| distance(centre, place.spot));
        let fits = self.near.is_none_or(|(_, radius)| radius.is_none_or(|radius| distance.unwrap() <= radius))
            && (self.cities.is_empty() || self.cities.contains(&place.city))
            && (self.categories.is_empty() || lineage[&place.category].iter().any(|slug| self.categories.contains(slug)))
            && self.area.as_ref().is_none_or(|area| holds(area, place))
            && self.season.is_none_or(|month| place.months.as_ref().is_none_or(|months| months.contains(&month)))
            && self.free.is_none_or(|free| place.free == Some(free))
            && self.licence.is_none_or(|(commercial, derivatives)| {
                let reserved = place.licence == "LicenseRef-AllRightsReserved";
                !(commercial && (reserved || place.licence.contains("-NC")))
                    && !(derivatives && (reserved || place.licence.contains("-ND")))
            });
        if !fits {
            return None;
        }
        let mut last = false;
        if let Some((instant, unknown)) = self.open_at {
            last |= unknown.judge(place.open[instant])?;
        }
        if let Some((profiles, unknown)) = &self.accessible_for {
            for profile in profiles {
                last |= unknown.judge(place.accessible[*profile])?;
            }
        }
        Some(Found { place, last, distance })
    }
}

fn holds(area: &Area, place: &Place) -> bool {
    match area {
        Area::Box([south, west, north, east]) => {
            (*south..=*north).contains(&place.spot.latitude) && (*west..=*east).contains(&place.spot.longitude)
        }
        Area::Polygons(polygons) => polygons.iter().any(|rings| inside(rings, place.spot)),
        Area::Municipality(ibge) => place.municipality.as_ref() == Some(ibge),
    }
}
