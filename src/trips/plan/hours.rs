//! When a visit may start on a day: the opening hours cut down to the day, less the visit, so that one is never shut in.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use planner::Window;

use super::request::Unknown;
use crate::domain::holidays::HolidayCalendar;
use crate::domain::opening_hours::{OpenState, OpeningHours};
use crate::domain::point_of_interest::{Hours, PointOfInterest};

/// Hours assumed for what is not nature and has no known hours.
const USUAL: (u32, u32) = (9, 17);

/// A day of the trip as instants.
#[derive(Clone, Copy, Debug)]
pub struct DaySpan {
    /// Local date.
    pub date: NaiveDate,
    /// Zone of its local times.
    pub zone: Tz,
    /// Local midnight: times of the planner are seconds from here.
    pub origin: DateTime<Utc>,
    /// When the start may be left.
    pub begin: DateTime<Utc>,
    /// When the end must be reached.
    pub end: DateTime<Utc>,
}

impl DaySpan {
    /// The day in its zone. Where a clock change skips a time, the first one after it counts.
    pub fn new(date: NaiveDate, zone: Tz, begin: NaiveTime, end: NaiveTime) -> Self {
        let origin = at(date, NaiveTime::MIN, zone);
        Self { date, zone, origin, begin: at(date, begin, zone), end: at(date, end, zone) }
    }

    /// The end of its date.
    fn midnight(&self) -> DateTime<Utc> {
        at(self.date.succ_opt().unwrap_or(self.date), NaiveTime::MIN, self.zone)
    }

    /// Seconds from the day's origin; what lies before it is 0.
    pub fn seconds(&self, instant: DateTime<Utc>) -> u32 {
        (instant - self.origin).num_seconds().clamp(0, i64::from(planner::MAX_TIME)) as u32
    }

    /// The instant so many seconds after the day's origin.
    pub fn instant(&self, seconds: u32) -> DateTime<Utc> {
        self.origin + chrono::Duration::seconds(i64::from(seconds))
    }
}

/// The instant of a local time.
pub fn at(date: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let local = date.and_time(time);
    let skipped = || zone.from_local_datetime(&(local + chrono::Duration::hours(1))).earliest();
    zone.from_local_datetime(&local).earliest().or_else(skipped).map_or_else(|| local.and_utc(), |instant| instant.to_utc())
}

/// When visits may start, and whether that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Spans of the start, ascending and apart, in seconds from the day's origin.
    pub windows: Vec<Window>,
    /// Whether somebody said these hours; else they are assumed.
    pub is_known: bool,
    /// Whether it is open at all on that day, be it too short or outside of the visitor's hours.
    pub is_open: bool,
}

/// When a visit of so many seconds to the place may start on the day. Where the hours are not known, or leave the day open, the
/// policy decides; `daylight` are the hours assumed in place of the usual ones.
pub fn opening(place: &PointOfInterest, day: &DaySpan, seconds: u32, daylight: Option<&OpeningHours>, unknown: Unknown) -> Opening {
    match &place.hours {
        Hours::Known(hours) => {
            let known = spans(hours, day, OpenState::Open);
            let windows = starts(&known, day, seconds);
            let unsure = spans(hours, day, OpenState::Unknown);
            if windows.is_empty() && !unsure.is_empty() && unknown == Unknown::AllowWithWarning {
                return Opening { windows: starts(&unsure, day, seconds), is_known: false, is_open: true };
            }
            Opening { windows, is_known: true, is_open: known.iter().any(|(start, _)| *start < day.midnight()) }
        }
        Hours::Unknown | Hours::Unreadable { .. } if unknown == Unknown::Exclude => {
            Opening { windows: Vec::new(), is_known: false, is_open: false }
        }
        Hours::Unknown | Hours::Unreadable { .. } => {
            let assumed = daylight.map(|hours| spans(hours, day, OpenState::Open)).filter(|spans| !spans.is_empty());
            let usual = || {
                let hour = |hour| at(day.date, NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default(), day.zone);
                vec![(hour(USUAL.0), hour(USUAL.1))]
            };
            Opening { windows: starts(&assumed.unwrap_or_else(usual), day, seconds), is_known: false, is_open: true }
        }
    }
}

/// Sunrise to sunset at a place of which the hours are not known, by the same engine as all opening hours.
pub fn daylight(place: &PointOfInterest, holidays: &HolidayCalendar) -> Option<OpeningHours> {
    if matches!(place.hours, Hours::Known(_)) {
        return None;
    }
    let position = (place.position.latitude(), place.position.longitude());
    OpeningHours::parse("sunrise-sunset", place.time_zone, holidays.for_municipality(None), Some(position)).ok()
}

/// The times of the day in a state, those that touch made one.
fn spans(hours: &OpeningHours, day: &DaySpan, state: OpenState) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    // What is open past midnight belongs to the day's evening too.
    let next = day.date.succ_opt().unwrap_or(day.date);
    let Ok(days) = hours.days(day.date, next) else { return Vec::new() };
    let mut spans: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for interval in days.into_iter().flat_map(|schedule| schedule.intervals).filter(|interval| interval.state == state) {
        let (start, end) = (interval.start.to_utc(), interval.end.to_utc());
        match spans.last_mut().filter(|last| last.1 >= start) {
            Some(last) => last.1 = last.1.max(end),
            None => spans.push((start, end)),
        }
    }
    spans
}

/// When a visit may start so that it lies in one of the spans and in the day.
fn starts(spans: &[(DateTime<Utc>, DateTime<Utc>)], day: &DaySpan, seconds: u32) -> Vec<Window> {
    let visit = chrono::Duration::seconds(i64::from(seconds));
    spans
        .iter()
        .map(|(start, end)| ((*start).max(day.begin), (*end).min(day.end) - visit))
        .filter(|(first, last)| first <= last)
        .map(|(first, last)| Window { open: day.seconds(first), close: day.seconds(last) })
        .collect()
}
