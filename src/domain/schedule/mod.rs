//! When an event takes place: DTSTART, DTEND, RRULE, RDATE and EXDATE with an IANA zone, by the rules of iCalendar
//! (RFC 5545 §3.8.2.4, §3.8.5). What ends is walked once, when it is read, to see that it stays within bounds. A rule is expanded in the
//! window that somebody asks for alone, and from that one's budget.

mod error;
mod expansion;
mod local;
mod rule;

use std::ops::ControlFlow;

use chrono::{DateTime, Days, Duration, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

pub use self::error::ScheduleError;
use self::expansion::{check_start, dates, length, longest, recurring, same_kind};
use self::local::Local;
use self::rule::Rule;
use super::calendar;
use super::work_budget::{Spent, WorkBudget};

/// Most occurrences of a day: one each half hour.
pub const MOST_A_DAY: usize = 48;
/// Most dates of a series that ends, and most RDATE or EXDATE values of any: thrice a day for more than four years.
pub const MOST_DATES: usize = 5_000;
/// Most days that an occurrence of a series lasts. What takes place once may last as long as the years do.
pub const LONGEST_DAYS: i64 = 366;

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
    zone: Tz,
    all_day: bool,
    length: Length,
    first: Option<DateTime<Utc>>,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The dates are not announced.
    Undated,
    /// These starts, ascending, each once.
    Dates(Box<[DateTime<Utc>]>),
    /// The dates of a rule, and others.
    Rule(Box<Recurring>),
}

#[derive(Clone, Debug)]
struct Recurring {
    rule: Rule,
    /// The last local time of the rule, when it ends.
    last: Option<NaiveDateTime>,
    /// RDATE, ascending.
    extra: Vec<DateTime<Utc>>,
    /// EXDATE, ascending.
    except: Vec<DateTime<Utc>>,
}

/// How long an occurrence lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    /// Nobody said.
    Unknown,
    /// So many days, however long the clocks make them.
    Days(u32),
    /// Exactly so long (RFC 5545 §3.8.5.3).
    Exact(Duration),
}

impl Schedule {
    /// Reads and checks a stored schedule. Without DTSTART the dates are not announced: a rule may still say what is
    /// known of them ("on Thursdays"), but nothing occurs.
    pub fn parse(record: ScheduleRecord, zone: Tz) -> Result<Self, ScheduleError> {
        let Some(start) = record.dtstart.as_deref().map(|value| Local::parse("dtstart", value)).transpose()? else {
            return Self::undated(record, zone);
        };
        let end = record.dtend.as_deref().map(|value| Local::parse("dtend", value)).transpose()?;
        let length = length(start, end, zone)?;
        if (record.rrule.is_some() || !record.rdate.is_empty()) && longest(length) > Duration::days(LONGEST_DAYS + 1) {
            return Err(ScheduleError::TooLong);
        }
        let extra = same_kind("rdate", &record.rdate, start, zone)?;
        let except = same_kind("exdate", &record.exdate, start, zone)?;
        let rule = record.rrule.as_deref().map(|rule| Rule::parse(rule, start.time(), start.is_date())).transpose()?;
        if let Some(rule) = &rule {
            check_start(rule, start)?;
        }
        let kind = match rule {
            Some(rule) => Kind::Rule(Box::new(recurring(rule, extra, except, zone)?)),
            None => Kind::Dates(dates(start.instant(zone), extra, &except, zone)?),
        };
        let mut schedule = Self { record, zone, all_day: start.is_date(), length, first: None, kind };
        schedule.first = schedule.first_from(calendar::first_instant() - Duration::days(1));
        Ok(schedule)
    }

    fn undated(record: ScheduleRecord, zone: Tz) -> Result<Self, ScheduleError> {
        for (field, present) in
            [("dtend", record.dtend.is_some()), ("rdate", !record.rdate.is_empty()), ("exdate", !record.exdate.is_empty())]
        {
            if present {
                return Err(ScheduleError::NoStart(field));
            }
        }
        if let Some(rule) = &record.rrule {
            // Any start serves to see whether the rule can be read.
            let is_of_days = rule.to_ascii_uppercase().split_once("UNTIL=").is_some_and(|(_, until)| !until.contains('T'));
            Rule::parse(rule, calendar::first_instant().naive_utc(), is_of_days)?;
        }
        Ok(Self { record, zone, all_day: false, length: Length::Unknown, first: None, kind: Kind::Undated })
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

    /// When it first takes place; `None` when not announced, or when every date is taken out again.
    pub const fn first_start(&self) -> Option<DateTime<Utc>> {
        self.first
    }

    /// What takes place at some time in `from..to`, ascending by start. An occurrence without an end counts at its start.
    pub fn occurrences(&self, from: DateTime<Utc>, to: DateTime<Utc>, budget: &WorkBudget) -> Result<Vec<Occurrence>, Spent> {
        let earliest = clamp(from) - longest(self.length);
        let starts = self.starts(earliest, clamp(to), budget)?;
        let all = starts.into_iter().map(|start| self.occurrence(start));
        Ok(all.filter(|one| one.start >= from || one.end.is_some_and(|end| end > from)).collect())
    }

    /// The first `most` of [`Self::occurrences`], without looking further than it must.
    pub fn first_occurrences(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        most: usize,
        budget: &WorkBudget,
    ) -> Result<Vec<Occurrence>, Spent> {
        let to = clamp(to);
        let (mut begin, mut found) = (clamp(from) - longest(self.length), Vec::new());
        while begin < to && found.len() < most {
            let end = to.min(begin + Duration::days(LONGEST_DAYS));
            let all = self.starts(begin, end, budget)?.into_iter().map(|start| self.occurrence(start));
            found.extend(all.filter(|one| one.start >= from || one.end.is_some_and(|end| end > from)));
            begin = end;
        }
        found.truncate(most);
        Ok(found)
    }

    /// Whether something starts at exactly this instant. That takes a look at three days, and with BYSETPOS at two periods.
    pub fn occurrence_at(&self, start: DateTime<Utc>) -> Option<Occurrence> {
        if clamp(start) != start {
            return None;
        }
        let found = self.starts(start, start + Duration::seconds(1), &WorkBudget::unlimited()).ok()?;
        found.into_iter().find(|found| *found == start).map(|start| self.occurrence(start))
    }

    fn occurrence(&self, start: DateTime<Utc>) -> Occurrence {
        let end = match self.length {
            Length::Unknown => None,
            Length::Exact(length) => Some(start + length),
            // Where the clocks skip midnight the day begins later, and is the same day.
            Length::Days(days) => {
                let day = start.with_timezone(&self.zone).date_naive() + Days::new(days.into());
                Some(local::instant(day.and_time(NaiveTime::MIN), self.zone))
            }
        };
        Occurrence { start, end }
    }

    fn first_from(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let found = self.first_occurrences(from, calendar::end() + Duration::days(1), 1, &WorkBudget::unlimited());
        found.ok()?.first().map(|one| one.start)
    }

    /// The starts in `from..to`, ascending, each once.
    fn starts(&self, from: DateTime<Utc>, to: DateTime<Utc>, budget: &WorkBudget) -> Result<Vec<DateTime<Utc>>, Spent> {
        match &self.kind {
            Kind::Undated => Ok(Vec::new()),
            Kind::Dates(dates) => {
                let found = in_window(dates, from, to);
                budget.draw(1 + found.len() as u64)?;
                Ok(found.to_vec())
            }
            Kind::Rule(recurring) => recurring.starts(from, to, self.zone, budget),
        }
    }
}

impl Recurring {
    fn starts(&self, from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz, budget: &WorkBudget) -> Result<Vec<DateTime<Utc>>, Spent> {
        // Local times are within a day of UTC everywhere.
        let local = |instant: DateTime<Utc>, days: i64| instant.naive_utc() + Duration::days(days);
        let mut found = Vec::new();
        let end = self.last.map_or(local(to, 1), |last| local(to, 1).min(last + Duration::seconds(1)));
        self.rule.walk(local(from, -1), end, budget, |time| {
            let start = local::instant(time, zone);
            if (from..to).contains(&start) {
                found.push(start);
            }
            ControlFlow::Continue(())
        })?;
        let extra = in_window(&self.extra, from, to);
        budget.draw((extra.len() + found.len()) as u64)?;
        found.extend_from_slice(extra);
        // A change of the clocks may swap two starts, or make them one.
        found.sort_unstable();
        found.dedup();
        found.retain(|start| self.except.binary_search(start).is_err());
        Ok(found)
    }
}

/// The instant an iCalendar date or local date and time names in the zone.
pub fn instant(field: &'static str, value: &str, zone: Tz) -> Result<DateTime<Utc>, ScheduleError> {
    Local::parse(field, value).map(|local| local.instant(zone))
}

/// An instant that can be reckoned with: nothing occurs beyond.
fn clamp(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant.clamp(calendar::first_instant() - Duration::days(1), calendar::end() + Duration::days(1))
}

fn in_window(dates: &[DateTime<Utc>], from: DateTime<Utc>, to: DateTime<Utc>) -> &[DateTime<Utc>] {
    let (first, last) = (dates.partition_point(|date| *date < from), dates.partition_point(|date| *date < to));
    dates.get(first..last).unwrap_or_default()
}

#[cfg(test)]
mod tests;
