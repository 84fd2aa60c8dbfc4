//! Curated routes (schema.org `TouristTrip`): ordered stops an editor recommends.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::RecordId;
use super::provenance::Provenance;
use super::season::Season;
use super::text::Text;

/// What a route is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RouteTheme {
    /// Waterfalls, caves, views.
    Nature,
    /// Arts and museums.
    Culture,
    /// The past.
    History,
    /// Food.
    Gastronomy,
    /// Animals.
    Wildlife,
    /// With children.
    Family,
    /// Parks and city life.
    Urban,
    /// Effort and thrill.
    Adventure,
}

/// How one moves along a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TravelMode {
    /// On foot.
    Walk,
    /// By bicycle.
    Bicycle,
    /// By car.
    Car,
    /// By boat.
    Boat,
}

/// How hard a route is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Difficulty {
    /// For anybody.
    Easy,
    /// For those used to walking.
    Moderate,
    /// For the trained.
    Hard,
}

/// A stop.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteStop {
    /// The place.
    pub point_of_interest: RecordId,
    /// Note for the visitor by language tag.
    pub note: BTreeMap<Box<str>, Box<str>>,
    /// Minutes to stay, when a source says so.
    pub stay_minutes: Option<u32>,
}

/// A curated route.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Identity.
    pub id: RecordId,
    /// Address in links.
    pub slug: Box<str>,
    /// Theme.
    pub theme: RouteTheme,
    /// Mode.
    pub mode: TravelMode,
    /// Difficulty; absent when unknown.
    pub difficulty: Option<Difficulty>,
    /// Season; absent when all the year or unknown.
    pub season: Option<Season>,
    /// Length measured on the ground, metres; absent when nobody measured it.
    pub distance_metres: Option<f64>,
    /// Minutes a source states.
    pub duration_minutes: Option<u32>,
    /// Texts by language.
    pub texts: Vec<Text>,
    /// Stops in order, at least two.
    pub stops: Vec<RouteStop>,
    /// Images in order.
    pub images: Vec<super::media::Image>,
    /// Source and rights.
    pub provenance: Provenance,
}
