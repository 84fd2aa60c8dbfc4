//! The one predicate language of places: lists, counts, clusters and neighbours ask with the same filter. It is resolved
//! once against a snapshot and then asked place by place.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::Value;

use super::corridor::{Corridor, CorridorLine};
use super::error::CatalogueError;
use super::hits::TextHits;
use super::shard::CityShard;
use super::snapshot::Snapshot;
use crate::domain::accessibility::{AccessibilityProfile, Verdict};
use crate::domain::boundary::Area;
use crate::domain::city::Ibge;
use crate::domain::geo::Position;
use crate::domain::opening_hours::OpenState;
use crate::domain::point_of_interest::{Hours, PointOfInterest};
use crate::domain::work_budget::{Meter, Spent, WorkBudget};

/// What becomes of a place of which nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnknownPolicy {
    /// It is left out.
    #[default]
    Exclude,
    /// It counts as fitting.
    Include,
    /// It fits, after all that are known to.
    Last,
}

/// An area to search in.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum AreaFilter {
    /// Between two corners.
    Box {
        /// South-west.
        south_west: Corner,
        /// North-east.
        north_east: Corner,
    },
    /// A GeoJSON Polygon or `MultiPolygon` geometry.
    Polygon(Value),
    /// Places whose municipality it is, IBGE code.
    Municipality(Ibge),
}

/// A corner in degrees, comparable by its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Corner {
    latitude: u64,
    longitude: u64,
}

impl From<Position> for Corner {
    fn from(position: Position) -> Self {
        Self { latitude: position.latitude().to_bits(), longitude: position.longitude().to_bits() }
    }
}

impl Corner {
    fn position(self) -> Result<Position, CatalogueError> {
        Ok(Position::new(f64::from_bits(self.latitude), f64::from_bits(self.longitude))?)
    }
}

/// What places are asked for; everything left empty admits all.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct PlaceFilter {
    /// Slugs of cities, any of them.
    pub cities: Option<Vec<String>>,
    /// Slugs of categories, any of them or of their descendants.
    pub categories: Option<Vec<String>>,
    /// Inside this area.
    pub within: Option<AreaFilter>,
    /// Along this line.
    pub along: Option<CorridorLine>,
    /// Open at this instant.
    pub open_at: Option<DateTime<Utc>>,
    /// What becomes of places with unknown hours.
    pub open_unknown: UnknownPolicy,
    /// In season on this day.
    pub in_season_on: Option<NaiveDate>,
    /// Accessible (or with limits) for all of these.
    pub accessible_for: Vec<AccessibilityProfile>,
    /// What becomes of places whose accessibility is unknown.
    pub accessible_unknown: UnknownPolicy,
    /// Free, or not free; unknown is neither.
    pub is_free: Option<bool>,
    /// With these words.
    pub text: Option<String>,
    /// Licence allows commercial use.
    pub commercial: bool,
    /// Licence allows changed versions.
    pub derivatives: bool,
}

/// How a place answers a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It does not fit.
    No,
    /// It fits.
    Yes,
    /// It fits as far as is known, and belongs after those that do.
    Last,
}

/// A filter resolved against a snapshot.
pub struct Resolved<'a> {
    snapshot: &'a Snapshot,
    cities: Option<Vec<bool>>,
    categories: Option<Vec<bool>>,
    area: Option<Area>,
    municipality: Option<Ibge>,
    /// The corridor, when one was asked for.
    pub corridor: Option<Corridor>,
    /// Hits of the text, when one was asked for.
    pub text: Option<TextHits>,
    licences: Option<Vec<Box<str>>>,
    filter: &'a PlaceFilter,
    budget: &'a WorkBudget,
}

impl<'a> Resolved<'a> {
    /// Looks up slugs and codes, reads polygon, line and text; whatever is wrong is refused. What follows draws from the budget too.
    pub fn new(filter: &'a PlaceFilter, snapshot: &'a Snapshot, budget: &'a WorkBudget) -> Result<Self, CatalogueError> {
        if let Some(at) = filter.open_at {
            check_year(at.year())?;
        }
        if let Some(on) = filter.in_season_on {
            check_year(on.year())?;
        }
        let cities = filter.cities.as_ref().map(|slugs| snapshot.city_mask(slugs)).transpose()?;
        let categories = filter.categories.as_ref().map(|slugs| snapshot.category_mask(slugs, budget)).transpose()?;
        let (mut area, mut municipality) = (None, None);
        match &filter.within {
            None => {}
            Some(AreaFilter::Box { south_west, north_east }) => area = Some(rectangle(south_west.position()?, north_east.position()?)?),
            Some(AreaFilter::Polygon(geometry)) => {
                budget.draw(Area::reading_effort(geometry))?;
                area = Some(Area::from_geojson(geometry)?);
            }
            Some(AreaFilter::Municipality(ibge)) => {
                snapshot.reference.municipality(*ibge).ok_or_else(|| CatalogueError::UnknownMunicipality(ibge.0.to_string()))?;
                municipality = Some(*ibge);
            }
        }
        let corridor = filter.along.as_ref().map(|line| Corridor::build(line, snapshot, budget)).transpose()?;
        let text = filter.text.as_deref().map(|text| TextHits::of(text, snapshot, budget)).transpose()?;
        let licences = (filter.commercial || filter.derivatives).then(|| {
            let table = &snapshot.reference.licences;
            table.ids().filter(|spdx| table.allows(spdx, filter.commercial, filter.derivatives)).map(Into::into).collect()
        });
        Ok(Self { snapshot, cities, categories, area, municipality, corridor, text, licences, filter, budget })
    }

    /// Whether any place of the shard can fit.
    pub fn admits_shard(&self, shard: usize) -> bool {
        self.cities.as_ref().is_none_or(|mask| mask.get(shard).copied().unwrap_or(false))
    }

    /// Whether the filter puts some places last.
    pub fn has_last(&self) -> bool {
        (self.filter.open_at.is_some() && self.filter.open_unknown == UnknownPolicy::Last)
            || (!self.filter.accessible_for.is_empty() && self.filter.accessible_unknown == UnknownPolicy::Last)
    }

    /// Pays for the places that [`Self::fit`] is asked of, `beside` units for what else is done with each.
    pub fn meter(&self, beside: u64) -> Meter<'a> {
        let area = self.area.as_ref().map_or(0, Area::effort);
        let known = self.filter.accessible_for.len() as u64 + 2 * u64::from(self.filter.open_at.is_some());
        self.budget.meter(1 + beside + area + known)
    }

    /// What all this draws from.
    pub const fn budget(&self) -> &'a WorkBudget {
        self.budget
    }

    /// How the place of that number in that shard fits; cheap questions first. Whoever asks has paid a step of the [`Self::meter`].
    pub fn fit(&self, shard: usize, number: u32, place: &PointOfInterest) -> Result<Fit, Spent> {
        if self.fits_cheaply(shard, number, place) { self.fits_as_known(place) } else { Ok(Fit::No) }
    }

    fn fits_cheaply(&self, shard: usize, number: u32, place: &PointOfInterest) -> bool {
        self.admits_shard(shard)
            && self.categories.as_ref().is_none_or(|mask| mask.get(place.category.0 as usize).copied().unwrap_or(false))
            && self.filter.is_free.is_none_or(|free| place.is_accessible_for_free == Some(free))
            && self.municipality.is_none_or(|ibge| place.municipality == Some(ibge))
            && self.filter.in_season_on.is_none_or(|day| place.season.as_ref().is_none_or(|season| season.months.contains(day.month())))
            && self.licences.as_ref().is_none_or(|allowed| allowed.iter().any(|spdx| **spdx == *place.provenance.rights.licence))
            && self.text.as_ref().is_none_or(|hits| hits.contains(shard, number))
            && self.corridor.as_ref().is_none_or(|corridor| corridor.along(shard, number).is_some())
            && self.area.as_ref().is_none_or(|area| area.contains(place.position))
    }

    fn fits_as_known(&self, place: &PointOfInterest) -> Result<Fit, Spent> {
        let mut fit = Fit::Yes;
        for profile in &self.filter.accessible_for {
            let known = match self.snapshot.reference.profiles.verdict(*profile, &place.accessibility).0 {
                Verdict::Accessible | Verdict::Limited => Some(true),
                Verdict::NotAccessible => Some(false),
                Verdict::Unknown => None,
            };
            fit = worse(fit, policy(known, self.filter.accessible_unknown));
        }
        if fit == Fit::No {
            return Ok(fit);
        }
        if let Some(at) = self.filter.open_at {
            let known = match &place.hours {
                Hours::Known(hours) => match hours.is_open_within(at, self.budget)? {
                    OpenState::Open => Some(true),
                    OpenState::Closed => Some(false),
                    OpenState::Unknown => None,
                },
                Hours::Unknown | Hours::Unreadable { .. } => None,
            };
            fit = worse(fit, policy(known, self.filter.open_unknown));
        }
        Ok(fit)
    }

    /// The shards in which something can fit.
    pub fn shards(&self) -> impl Iterator<Item = (usize, &'a CityShard)> {
        self.snapshot.shards.iter().enumerate().filter(|(index, _)| self.admits_shard(*index)).map(|(index, shard)| (index, &**shard))
    }
}

/// Refuses years that no calendar here covers.
pub fn check_year(year: i32) -> Result<(), CatalogueError> {
    if (1990..=2100).contains(&year) { Ok(()) } else { Err(CatalogueError::TimeOutOfRange) }
}

/// The rectangle between two corners; refuses corners that do not span one.
pub fn rectangle(south_west: Position, north_east: Position) -> Result<Area, CatalogueError> {
    if south_west.latitude() < north_east.latitude() && south_west.longitude() < north_east.longitude() {
        Ok(Area::rectangle(south_west, north_east))
    } else {
        Err(CatalogueError::BoundingBox)
    }
}

fn policy(known: Option<bool>, unknown: UnknownPolicy) -> Fit {
    match (known, unknown) {
        (Some(true), _) | (None, UnknownPolicy::Include) => Fit::Yes,
        (Some(false), _) | (None, UnknownPolicy::Exclude) => Fit::No,
        (None, UnknownPolicy::Last) => Fit::Last,
    }
}

fn worse(one: Fit, other: Fit) -> Fit {
    match (one, other) {
        (Fit::No, _) | (_, Fit::No) => Fit::No,
        (Fit::Last, _) | (_, Fit::Last) => Fit::Last,
        (Fit::Yes, Fit::Yes) => Fit::Yes,
    }
}
