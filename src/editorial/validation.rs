//! Whether a draft can be published. Saving asks nothing, so that work can be laid down at any moment; publishing asks all of this, and
//! every field that stands in the way is named.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use serde_json::Value;

use super::content::{at, name, text};
use super::error::{Problem, ProblemKind};
use crate::domain::addresses;
use crate::domain::boundary::Boundaries;
use crate::domain::city::City;
use crate::domain::event::EventRecord;
use crate::domain::geo::Position;
use crate::domain::holidays::HolidayCalendar;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::opening_hours::OpeningHours;
use crate::domain::point_of_interest::PointOfInterestRecord;
use crate::domain::record::Record;
use crate::domain::schedule::{self, Schedule};
use crate::domain::work_budget::WorkBudget;
use crate::ingest::record_reader::{Known, RecordReader, References};

/// How far from its city's centre a place may lie without somebody saying that it is meant so, in metres. The national park of the
/// Pantanal, which Poconé sells, lies 159 km from it.
const NEAR_METRES: f64 = 160_000.0;
/// How far ahead an event must take place at least once.
const OCCURS_WITHIN: TimeDelta = TimeDelta::days(20 * 366);

/// What a publisher may say is meant so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Override {
    /// The position lies in none of the state's municipalities.
    OutsideState,
    /// The position is far from the city.
    FarFromCity,
}

impl Override {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::OutsideState, Self::FarFromCity];

    /// The override of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// The word it is called in the contract and in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutsideState => "OUTSIDE_STATE",
            Self::FarFromCity => "FAR_FROM_CITY",
        }
    }
}

/// What a content is held against.
pub struct Setting<'a> {
    /// City of the record.
    pub city: &'a City,
    /// Slugs of categories.
    pub categories: &'a HashSet<String>,
    /// SPDX ids of licences.
    pub licences: &'a HashSet<String>,
    /// Boundaries of the state's municipalities.
    pub boundaries: &'a Boundaries,
    /// Holidays, on which hours may depend.
    pub holidays: &'a HolidayCalendar,
    /// Published places by slug: those the content names.
    pub places: &'a HashMap<String, RecordId>,
    /// What is meant so.
    pub overrides: &'a [Override],
}

/// Slugs of places a content names: its venue, its stops.
pub fn named_places(content: &Value) -> Vec<String> {
    let stops = content.get("stops").and_then(Value::as_array).into_iter().flatten();
    let named = stops.filter_map(|stop| text(stop, "pointOfInterest")).chain(text(content, "venue.pointOfInterest"));
    named.map(ToOwned::to_owned).collect()
}

/// The record a content says, or everything that stands in the way.
pub fn check(record_type: RecordType, content: &Value, setting: &Setting<'_>) -> Result<Record, Vec<Problem>> {
    let mut problems = Problems(Vec::new());
    problems.required(record_type, content);
    problems.images(content);
    problems.addresses(content);
    let municipality_of = |position| setting.boundaries.locate(position);
    let known = Known { categories: setting.categories, licences: setting.licences, municipality_of: &municipality_of };
    let find = |slug: &str| setting.places.get(slug).copied();
    let reader = RecordReader { dataset: "", city: setting.city, known: &known, references: References::Found(&find) };
    let record = match reader.read(record_type, content.clone()) {
        Ok(record) => Some(record),
        Err((field, message)) => {
            problems.first_of(field, message);
            None
        }
    };
    match &record {
        Some(Record::Place(place)) => problems.place(place, setting),
        Some(Record::Event(event)) => problems.event(event),
        Some(Record::Route(_)) | None => {}
    }
    match record {
        Some(record) if problems.0.is_empty() => Ok(record),
        _ => Err(problems.0),
    }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn push(&mut self, field: impl Into<String>, kind: ProblemKind, message: impl Into<String>) {
        self.0.push(Problem { field: field.into(), kind, message: message.into() });
    }

    /// What the reader stumbled over, unless it was told already. A reader that misses a member names the object it misses it in.
    fn first_of(&mut self, field: String, message: String) {
        let is_told = |problem: &Problem| {
            let is_missed = || message.contains(&format!("`{}`", problem.field.rsplit('.').next().unwrap_or_default()));
            problem.field.starts_with(&field) && !field.is_empty() || problem.kind == ProblemKind::Missing && is_missed()
        };
        if !self.0.iter().any(is_told) {
            let field = if field == "." { String::new() } else { field };
            self.push(field, ProblemKind::Invalid, message);
        }
    }

    fn required(&mut self, record_type: RecordType, content: &Value) {
        if name(content).is_none() {
            self.push("texts.pt-BR.name", ProblemKind::Missing, "every record has a name in Portuguese");
        }
        let of_type: &[&str] = match record_type {
            RecordType::PointOfInterest => &["category", "latitude", "longitude"],
            RecordType::Event => &["category", "status"],
            RecordType::Route => &["theme", "mode", "stops"],
            _ => &[],
        };
        let of_all = ["slug", "rights.licence", "rights.credit", "provenance.source", "provenance.confidence"];
        for field in of_all.iter().chain(of_type) {
            let is_there = at(content, field).is_some_and(|value| value.as_str().is_none_or(|text| !text.trim().is_empty()));
            if !is_there {
                self.push(*field, ProblemKind::Missing, format!("{field} is missing"));
            }
        }
    }

    fn images(&mut self, content: &Value) {
        for (index, image) in content.get("images").and_then(Value::as_array).into_iter().flatten().enumerate() {
            for (field, why) in [
                ("url", "an image has an address"),
                ("licence", "an image says what may be done with it"),
                ("credit", "an image says whom to credit"),
                ("source", "an image says where it comes from"),
                ("alternativeText.pt-BR", "an image says in Portuguese what it shows, for those who cannot see it"),
            ] {
                if text(image, field).is_none() {
                    self.push(format!("images.{index}.{field}"), ProblemKind::Missing, why);
                }
            }
        }
    }

    fn addresses(&mut self, content: &Value) {
        for wrong in addresses::check_record(content) {
            self.push(wrong.path.join("."), ProblemKind::Invalid, wrong.error.to_string());
        }
    }

    fn place(&mut self, place: &PointOfInterestRecord, setting: &Setting<'_>) {
        self.position(place.position, setting);
        let zone = place.time_zone.unwrap_or(setting.city.time_zone);
        let holidays = setting.holidays.for_municipality(place.municipality.map(|ibge| ibge.0));
        if let Some(raw) = &place.opening_hours
            && let Err(error) = OpeningHours::parse(raw, zone, holidays, Some((place.position.latitude(), place.position.longitude())))
        {
            self.push("openingHours.raw", ProblemKind::Invalid, error.to_string());
        }
    }

    fn position(&mut self, position: Position, setting: &Setting<'_>) {
        if setting.boundaries.locate(position).is_none() && !setting.overrides.contains(&Override::OutsideState) {
            let message = "the position lies in no municipality of Mato Grosso; publish with the override OUTSIDE_STATE if it is meant so";
            self.push("latitude", ProblemKind::OutsideState, message);
        }
        let distance = position.distance_metres(setting.city.position);
        if distance > NEAR_METRES && !setting.overrides.contains(&Override::FarFromCity) {
            let message = format!(
                "the position lies {:.0} km from the centre of its city; publish with the override FAR_FROM_CITY if it is meant so",
                distance / 1_000.0
            );
            self.push("latitude", ProblemKind::FarFromCity, message);
        }
    }

    fn event(&mut self, event: &EventRecord) {
        let Some(start) = &event.schedule.dtstart else { return };
        // The reader has parsed both, so this does not fail.
        let schedule = Schedule::parse(event.schedule.clone(), event.time_zone);
        let start = schedule::instant("dtstart", start, event.time_zone);
        if let (Ok(schedule), Ok(start)) = (schedule, start)
            && schedule.first_occurrences(start, start + OCCURS_WITHIN, 1, &WorkBudget::unlimited()).is_ok_and(|found| found.is_empty())
        {
            self.push("exdate", ProblemKind::Invalid, "the event never takes place: every date is taken out again");
        }
    }
}
