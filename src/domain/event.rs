//! Events: one record an edition, so that past editions stay as history and the next one can be waited for.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::category::CategoryKey;
use super::ids::RecordId;
use super::language::LanguageTag;
use super::media::Image;
use super::provenance::Provenance;
use super::schedule::{Schedule, ScheduleRecord};
use super::text::Text;

/// schema.org `eventStatus`, and one word more for what is known to come at a date nobody announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventStatus {
    /// It takes place as announced.
    Scheduled,
    /// It does not take place.
    Cancelled,
    /// It takes place later, at a date not announced.
    Postponed,
    /// It was moved to the dates given; the dates before are kept.
    Rescheduled,
    /// Its dates are to be announced.
    ToBeAnnounced,
}

/// Where an event takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venue {
    /// Name, when it has one.
    pub name: Option<Box<str>>,
    /// The place, when it is in the catalogue.
    pub point_of_interest: Option<RecordId>,
}

/// An edition of an event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Identity.
    pub id: RecordId,
    /// Address in links.
    pub slug: Box<str>,
    /// Leaf of the category tree.
    pub category: CategoryKey,
    /// Key shared by the editions of one festival.
    pub series: Option<Box<str>>,
    /// Number of this edition.
    pub edition: Option<u32>,
    /// Where.
    pub venue: Option<Venue>,
    /// Zone of the schedule.
    pub time_zone: Tz,
    /// When.
    pub schedule: Schedule,
    /// Status of every occurrence.
    pub status: EventStatus,
    /// Start before it was rescheduled.
    pub previous_start: Option<DateTime<Utc>>,
    /// Whether one enters without paying; absent when unknown.
    pub is_accessible_for_free: Option<bool>,
    /// Texts by language, one at least.
    pub texts: Box<[Text]>,
    /// What a visitor should know about the dates, by language.
    pub notes: Box<[(LanguageTag, Box<str>)]>,
    /// Images in order.
    pub images: Vec<Image>,
    /// Source and rights.
    pub provenance: Provenance,
}

/// An edition as it is stored and imported: its category by slug, its schedule as iCalendar values.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRecord {
    /// Identity.
    pub id: RecordId,
    /// Address in links.
    pub slug: Box<str>,
    /// Slug of the category.
    pub category: Box<str>,
    /// Key shared by the editions of one festival.
    pub series: Option<Box<str>>,
    /// Number of this edition.
    pub edition: Option<u32>,
    /// Where.
    pub venue: Option<Venue>,
    /// Zone of the schedule.
    pub time_zone: Tz,
    /// When, as iCalendar values.
    pub schedule: ScheduleRecord,
    /// Status.
    pub status: EventStatus,
    /// DTSTART before it was rescheduled, as an iCalendar value.
    pub previous_start: Option<String>,
    /// Whether one enters without paying.
    pub is_accessible_for_free: Option<bool>,
    /// Texts by language, one at least.
    pub texts: Vec<Text>,
    /// Notes on the dates by language.
    pub notes: Vec<(LanguageTag, Box<str>)>,
    /// Images in order.
    pub images: Vec<Image>,
    /// Source and rights.
    pub provenance: Provenance,
}
