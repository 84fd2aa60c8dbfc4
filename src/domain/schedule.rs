//! When an event takes place: DTSTART, DTEND, RRULE, RDATE and EXDATE with an IANA zone, by the rules of iCalendar
//! (RFC 5545 §3.8.2.4, §3.8.5). Recurrences are expanded by the `rrule` crate.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use rrule::{Frequency, RRule, RRuleSet, Unvalidated};

/// Most recurrences looked at for one question: a daily event for over ten years.
const MAX_EXPANSION: u16 = 4_000;

/// Why a schedule was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Neither a date nor a local date and time.
    #[error("{field}: `{value}` is neither a date (2026-06-18) nor a local date and time (2026-06-18T19:30:00)")]
    Instant {
        /// Which field.
        field: &'static str,
        /// What it holds.
        value: String,
    },
    /// DTEND, RDATE or EXDATE of another kind than DTSTART (RFC 5545 §3.8.2.2).
    #[error("{0} must be a date when dtstart is one, and a date and time when dtstart is one")]
    Kind(&'static str),
    /// DTEND not after DTSTART.
    #[error("dtend is not after dtstart")]
    EndBeforeStart,
    /// The rule does not parse, or repeats more often than daily.
    #[error("rrule: {0}")]
    Rule(String),
    /// The rule never comes true, or not on DTSTART.
    #[error("rrule: dtstart is not its first occurrence")]
    StartNotOnRule,
    /// DTEND, RDATE or EXDATE without DTSTART.
    #[error("{0} needs dtstart")]
    NoStart(&'static str),
}

impl ScheduleError {
    /// The field that is at fault.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Instant { field, .. } | Self::Kind(field) | Self::NoStart(field) => field,
            Self::EndBeforeStart => "dtend",
            Self::Rule(_) | Self::StartNotOnRule => "rrule",
        }
    }
}

/// One taking place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When it ends, exclusive; absent when not announced.
    pub end: Option<DateTime<Utc>>,
}

/// A schedule as stored: iCalendar values, local to the zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduleRecord {
    /// DTSTART.
    pub dtstart: Option<String>,
    /// DTEND, exclusive.
    pub dtend: Option<String>,
    /// RRULE.
    pub rrule: Option<String>,
    /// RDATE values.
    pub rdate: Vec<String>,
    /// EXDATE values.
    pub exdate: Vec<String>,
}

/// A schedule that was read and checked.
#[derive(Clone, Debug)]
pub struct Schedule {
    record: ScheduleRecord,
    all_day: bool,
    length: Option<Duration>,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The dates are not announced.
    Undated,
    /// These starts, ascending.
    Dates(Vec<DateTime<Utc>>),
    /// These recurrences.
    Rule(Box<RRuleSet>),
}

#[derive(Clone, Copy, PartialEq)]
enum Local {
    Date(NaiveDate),
    Time(NaiveDateTime),
}

impl Local {
    fn parse(field: &'static str, value: &str) -> Result<Self, ScheduleError> {
        value
            .parse::<NaiveDate>()
            .map(Self::Date)
            .or_else(|_| value.parse::<NaiveDateTime>().map(Self::Time))
            .map_err(|_| ScheduleError::Instant { field, value: value.chars().take(40).collect() })
    }

    const fn is_date(self) -> bool {
        matches!(self, Self::Date(_))
    }

    /// The instant in the zone. A local time that a clock change skips is read an hour later, one that happens twice
    /// as the first (RFC 5545 §3.3.5).
    fn instant(self, zone: Tz) -> DateTime<Tz> {
        let local = match self {
            Self::Date(date) => date.and_time(NaiveTime::MIN),
            Self::Time(time) => time,
        };
        zone.from_local_datetime(&local)
            .earliest()
            .or_else(|| zone.from_local_datetime(&(local + Duration::hours(1))).earliest())
            .unwrap_or_else(|| zone.from_utc_datetime(&local))
    }
}

impl Schedule {
    /// Reads and checks a stored schedule. Without DTSTART the dates are not announced: a rule may still say what is
    /// known of them ("on Thursdays"), but nothing occurs.
    pub fn parse(record: ScheduleRecord, zone: Tz) -> Result<Self, ScheduleError> {
        let Some(start) = record.dtstart.as_deref().map(|value| Local::parse("dtstart", value)).transpose()? else {
            return Self::undated(record);
        };
        let end = record.dtend.as_deref().map(|value| Local::parse("dtend", value)).transpose()?;
        let length = length(start, end, zone)?;
        let extra = same_kind("rdate", &record.rdate, start, zone)?;
        let except = same_kind("exdate", &record.exdate, start, zone)?;
        let kind = match &record.rrule {
            None => {
                let mut dates: Vec<DateTime<Utc>> = extra.iter().chain([&start.instant(zone)]).map(DateTime::to_utc).collect();
                dates.retain(|date| !except.iter().any(|skipped| skipped == date));
                dates.sort_unstable();
                dates.dedup();
                Kind::Dates(dates)
            }
            Some(rule) => Kind::Rule(Box::new(recurrence(rule, start.instant(zone), extra, except)?)),
        };
        Ok(Self { record, all_day: start.is_date(), length, kind })
    }

    fn undated(record: ScheduleRecord) -> Result<Self, ScheduleError> {
        for (field, present) in
            [("dtend", record.dtend.is_some()), ("rdate", !record.rdate.is_empty()), ("exdate", !record.exdate.is_empty())]
        {
            if present {
                return Err(ScheduleError::NoStart(field));
            }
        }
        if let Some(rule) = &record.rrule {
            read_rule(rule)?;
        }
        Ok(Self { record, all_day: false, length: None, kind: Kind::Undated })
    }

    /// The iCalendar values as stored.
    pub const fn record(&self) -> &ScheduleRecord {
        &self.record
    }

    /// Whether the event has days and no hours.
    pub const fn is_all_day(&self) -> bool {
        self.all_day
    }

    /// Whether any date is announced.
    pub const fn is_dated(&self) -> bool {
        !matches!(self.kind, Kind::Undated)
    }

    /// When it first takes place; `None` when not announced.
    pub fn first_start(&self) -> Option<DateTime<Utc>> {
        match &self.kind {
            Kind::Undated => None,
            Kind::Dates(dates) => dates.first().copied(),
            Kind::Rule(set) => Some(set.get_dt_start().to_utc()),
        }
    }

    /// What takes place at some time in `from..to`, ascending by start. An occurrence without an end counts at its start.
    pub fn occurrences(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Occurrence> {
        let earliest = from.checked_sub_signed(self.length.unwrap_or_default()).unwrap_or(from);
        let starts: Vec<DateTime<Utc>> = match &self.kind {
            Kind::Undated => Vec::new(),
            Kind::Dates(dates) => dates.iter().copied().filter(|start| (earliest..to).contains(start)).collect(),
            Kind::Rule(set) => {
                let utc = |instant: DateTime<Utc>| instant.with_timezone(&rrule::Tz::UTC);
                set.as_ref().clone().after(utc(earliest)).before(utc(to)).all(MAX_EXPANSION).dates.iter().map(DateTime::to_utc).collect()
            }
        };
        starts
            .into_iter()
            .map(|start| Occurrence { start, end: self.length.map(|length| start + length) })
            .filter(|occurrence| occurrence.start < to && (occurrence.start >= from || occurrence.end.is_some_and(|end| end > from)))
            .collect()
    }

    /// Whether something starts at exactly this instant.
    pub fn occurrence_at(&self, start: DateTime<Utc>) -> Option<Occurrence> {
        let next = start.checked_add_signed(Duration::seconds(1))?;
        self.occurrences(start, next).into_iter().find(|occurrence| occurrence.start == start)
    }
}

/// The instant an iCalendar date or local date and time names in the zone.
pub fn instant(field: &'static str, value: &str, zone: Tz) -> Result<DateTime<Utc>, ScheduleError> {
    Local::parse(field, value).map(|local| local.instant(zone).to_utc())
}

/// Seconds from start to end. A date without an end lasts that day (RFC 5545 §3.6.1); a time without an end has none.
fn length(start: Local, end: Option<Local>, zone: Tz) -> Result<Option<Duration>, ScheduleError> {
    let end = match (start, end) {
        (Local::Date(date), None) => Local::Date(date.checked_add_days(Days::new(1)).unwrap_or(date)),
        (Local::Time(_), None) => return Ok(None),
        (_, Some(end)) if end.is_date() == start.is_date() => end,
        _ => return Err(ScheduleError::Kind("dtend")),
    };
    let length = end.instant(zone) - start.instant(zone);
    if length <= Duration::zero() { Err(ScheduleError::EndBeforeStart) } else { Ok(Some(length)) }
}

fn same_kind(field: &'static str, values: &[String], start: Local, zone: Tz) -> Result<Vec<DateTime<Tz>>, ScheduleError> {
    values
        .iter()
        .map(|value| {
            let local = Local::parse(field, value)?;
            if local.is_date() == start.is_date() { Ok(local.instant(zone)) } else { Err(ScheduleError::Kind(field)) }
        })
        .collect()
}

fn read_rule(rule: &str) -> Result<RRule<Unvalidated>, ScheduleError> {
    let parsed: RRule<Unvalidated> = rule.parse().map_err(|error: rrule::RRuleError| ScheduleError::Rule(error.to_string()))?;
    match parsed.get_freq() {
        Frequency::Yearly | Frequency::Monthly | Frequency::Weekly | Frequency::Daily => Ok(parsed),
        _ => Err(ScheduleError::Rule("an event repeats daily at most".to_owned())),
    }
}

fn recurrence(rule: &str, start: DateTime<Tz>, extra: Vec<DateTime<Tz>>, except: Vec<DateTime<Tz>>) -> Result<RRuleSet, ScheduleError> {
    let zoned = |instant: DateTime<Tz>| instant.with_timezone(&rrule::Tz::Tz(instant.timezone()));
    let start = zoned(start);
    let set = read_rule(rule)?.build(start).map_err(|error| ScheduleError::Rule(error.to_string()))?;
    if set.clone().all(1).dates.first() != Some(&start) {
        return Err(ScheduleError::StartNotOnRule);
    }
    let set = extra.into_iter().fold(set, |set, date| set.rdate(zoned(date)));
    Ok(except.into_iter().fold(set, |set, date| set.exdate(zoned(date))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(dtstart: Option<&str>, dtend: Option<&str>, rrule: Option<&str>, rdate: &[&str]) -> Result<Schedule, ScheduleError> {
        let owned = |value: Option<&str>| value.map(ToOwned::to_owned);
        let rdate = rdate.iter().map(|&value| value.to_owned()).collect();
        let record = ScheduleRecord { dtstart: owned(dtstart), dtend: owned(dtend), rrule: owned(rrule), rdate, exdate: Vec::new() };
        Schedule::parse(record, chrono_tz::America::Cuiaba)
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_birthday_recurs_every_year_at_local_midnight() {
        let birthday = schedule(Some("2025-04-08"), None, Some("FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=8"), &[]).unwrap();
        let found = birthday.occurrences(at("2026-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"));
        assert_eq!(
            found.iter().map(|one| one.start.to_rfc3339()).collect::<Vec<_>>(),
            ["2026-04-08T04:00:00+00:00", "2027-04-08T04:00:00+00:00"]
        );
        assert_eq!(found[0].end, Some(at("2026-04-09T04:00:00Z")));
    }

    #[test]
    fn what_began_before_the_window_and_goes_on_is_found() {
        let festival = schedule(Some("2025-08-06"), Some("2025-08-11"), None, &[]).unwrap();
        assert_eq!(festival.occurrences(at("2025-08-10T12:00:00Z"), at("2025-08-10T13:00:00Z")).len(), 1);
        assert_eq!(festival.occurrences(at("2025-08-11T04:00:00Z"), at("2025-08-12T00:00:00Z")).len(), 0);
        assert_eq!(festival.occurrences(at("2025-08-01T00:00:00Z"), at("2025-08-06T04:00:00Z")).len(), 0);
    }

    #[test]
    fn shows_past_midnight_belong_to_the_evening_they_began() {
        let shows = schedule(Some("2026-02-14T21:30:00"), Some("2026-02-15T01:30:00"), Some("FREQ=DAILY;COUNT=4"), &[]).unwrap();
        let at_one = shows.occurrences(at("2026-02-15T05:00:00Z"), at("2026-02-15T05:00:01Z"));
        assert_eq!(at_one.len(), 1);
        assert_eq!(at_one[0].start, at("2026-02-15T01:30:00Z"));
        assert_eq!(shows.occurrences(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).len(), 4);
    }

    #[test]
    fn sparse_dates_are_listed_once_and_an_unannounced_edition_never_occurs() {
        let sparse = schedule(Some("2022-07-01"), None, None, &["2022-07-02", "2022-07-08", "2022-07-02"]).unwrap();
        assert_eq!(sparse.occurrences(at("2022-01-01T00:00:00Z"), at("2023-01-01T00:00:00Z")).len(), 3);
        let unannounced = schedule(None, None, Some("FREQ=WEEKLY;BYDAY=TH"), &[]).unwrap();
        assert!(!unannounced.is_dated());
        assert!(unannounced.occurrences(at("2022-01-01T00:00:00Z"), at("2032-01-01T00:00:00Z")).is_empty());
    }

    #[test]
    fn nonsense_is_refused_by_field() {
        assert!(matches!(schedule(Some("soon"), None, None, &[]), Err(ScheduleError::Instant { field: "dtstart", .. })));
        assert_eq!(schedule(Some("2025-01-02"), Some("2025-01-01"), None, &[]).unwrap_err(), ScheduleError::EndBeforeStart);
        assert_eq!(schedule(Some("2025-01-02"), Some("2025-01-03T00:00:00"), None, &[]).unwrap_err(), ScheduleError::Kind("dtend"));
        assert!(matches!(schedule(Some("2025-01-02T00:00:00"), None, Some("FREQ=SECONDLY"), &[]), Err(ScheduleError::Rule(_))));
        assert_eq!(
            schedule(Some("2025-04-07"), None, Some("FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=8"), &[]).unwrap_err(),
            ScheduleError::StartNotOnRule
        );
        assert_eq!(schedule(None, Some("2025-01-01"), None, &[]).unwrap_err(), ScheduleError::NoStart("dtend"));
    }
}
