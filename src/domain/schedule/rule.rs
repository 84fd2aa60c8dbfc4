//! A recurrence rule (RFC 5545 §3.3.10) and its walk. The `rrule` crate reads the rule. It is not asked for dates: it walks from
//! DTSTART to whatever is asked for, in steps that nobody counts. This walk begins at the period that is asked for, draws each day it
//! looks at from a budget, and is held against the crate's in the tests. It knows local times only; the zone is the schedule's matter.

use std::ops::ControlFlow;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc, Weekday};
use rrule::{Frequency, NWeekday, RRule, Unvalidated};

use super::{MOST_A_DAY, ScheduleError};
use crate::domain::calendar::{self, YEARS};
use crate::domain::work_budget::{Spent, WorkBudget};

/// The longest rule that is read, in bytes. One that names every hour, minute and second has 380.
const LONGEST: usize = 1_000;

/// What a rule repeats in. What repeats more often than daily is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Day,
    Week,
    Month,
    Year,
}

/// What ends a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Nothing.
    Never,
    /// So many dates, the first included.
    Count(u32),
    /// This day, included.
    Date(NaiveDate),
    /// This instant, included.
    Instant(DateTime<Utc>),
}

/// A rule with the local time it begins at.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    start: NaiveDateTime,
    pub(super) ending: Ending,
    period: Period,
    interval: u32,
    week_start: Weekday,
    /// Bit n is month n; none means any. The lists below are alike: an empty one admits every day.
    months: u16,
    month_days: Vec<i8>,
    year_days: Vec<i16>,
    weeks: Vec<i8>,
    weekdays: Vec<NWeekday>,
    /// Ascending.
    times: Vec<NaiveTime>,
    positions: Vec<i32>,
}

impl Rule {
    /// Reads a rule that begins at a local time, at midnight when `all_day`.
    pub(super) fn parse(text: &str, start: NaiveDateTime, all_day: bool) -> Result<Self, ScheduleError> {
        let wrong = |message: &str| ScheduleError::Rule(message.to_owned());
        if text.len() > LONGEST {
            return Err(ScheduleError::Rule(format!("it has {} bytes, at most {LONGEST} are read", text.len())));
        }
        let (rest, until) = without_until(text, all_day)?;
        let unchecked: RRule<Unvalidated> = rest.parse().map_err(|error: rrule::RRuleError| ScheduleError::Rule(error.to_string()))?;
        unchecked
            .clone()
            .validate(start.and_utc().with_timezone(&rrule::Tz::UTC))
            .map_err(|error| ScheduleError::Rule(error.to_string()))?;
        let ending = match (unchecked.get_count(), until) {
            (Some(_), Ending::Date(_) | Ending::Instant(_)) => return Err(wrong("COUNT and UNTIL exclude each other")),
            (Some(count), _) => Ending::Count(count),
            (None, until) => until,
        };
        let rule = Self::of(&unchecked, start, ending, all_day)?;
        let is_nth = rule.weekdays.iter().any(|day| matches!(day, NWeekday::Nth(..)));
        if is_nth && (matches!(rule.period, Period::Day | Period::Week) || !rule.weeks.is_empty()) {
            return Err(wrong("BYDAY with a number goes with FREQ=MONTHLY, or with FREQ=YEARLY without BYWEEKNO"));
        }
        Ok(rule)
    }

    /// The rule with what it leaves out taken from its start (RFC 5545 §3.3.10: "Information, not contained in the rule, necessary to
    /// determine the various recurrence instance start time and dates are derived from the Start Time").
    fn of(read: &RRule<Unvalidated>, start: NaiveDateTime, ending: Ending, all_day: bool) -> Result<Self, ScheduleError> {
        let period = match read.get_freq() {
            Frequency::Yearly => Period::Year,
            Frequency::Monthly => Period::Month,
            Frequency::Weekly => Period::Week,
            Frequency::Daily => Period::Day,
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                return Err(ScheduleError::Rule("an event repeats daily at most; BYHOUR gives several times a day".to_owned()));
            }
        };
        if read.get_interval() == 0 || read.get_count() == Some(0) {
            return Err(ScheduleError::Rule("INTERVAL and COUNT are at least 1".to_owned()));
        }
        let mut rule = Self {
            start,
            ending,
            period,
            interval: read.get_interval().into(),
            week_start: read.get_week_start(),
            months: read.get_by_month().iter().fold(0, |months, month| months | 1 << month),
            month_days: read.get_by_month_day().to_vec(),
            year_days: read.get_by_year_day().to_vec(),
            weeks: read.get_by_week_no().to_vec(),
            weekdays: read.get_by_weekday().to_vec(),
            times: times(read, start.time(), all_day)?,
            positions: read.get_by_set_pos().to_vec(),
        };
        if rule.month_days.is_empty() && rule.year_days.is_empty() && rule.weeks.is_empty() && rule.weekdays.is_empty() {
            rule.take_day_of_start();
        }
        Ok(rule)
    }

    fn take_day_of_start(&mut self) {
        // A day of a month has at most two digits.
        let day = self.start.day() as i8;
        match self.period {
            Period::Day => {}
            Period::Week => self.weekdays.push(NWeekday::Every(self.start.weekday())),
            Period::Month => self.month_days.push(day),
            Period::Year => {
                self.month_days.push(day);
                if self.months == 0 {
                    self.months = 1 << self.start.month();
                }
            }
        }
    }

    /// How many times of day it names.
    pub(super) fn times_a_day(&self) -> usize {
        self.times.len()
    }

    /// Whether it picks from the dates of a period (BYSETPOS).
    pub(super) fn picks(&self) -> bool {
        !self.positions.is_empty()
    }

    /// Calls `visit` with the local times from `from` to before `to`, ascending, as if nothing ended the rule, until it breaks. Draws
    /// a unit a day looked at and a unit a date.
    pub(super) fn walk(
        &self,
        from: NaiveDateTime,
        to: NaiveDateTime,
        budget: &WorkBudget,
        mut visit: impl FnMut(NaiveDateTime) -> ControlFlow<()>,
    ) -> Result<(), Spent> {
        let from = from.max(self.start);
        let mut number = self.first_period(from.date());
        let mut found = Vec::new();
        while let Some((begin, end)) = self.period(number).filter(|(begin, _)| begin.and_time(NaiveTime::MIN) < to) {
            found.clear();
            // Without BYSETPOS a day outside of what is asked for decides nothing.
            let (first, last) = if self.positions.is_empty() { (begin.max(from.date()), end.min(to.date())) } else { (begin, end) };
            self.dates(first, last, budget, &mut found)?;
            for local in found.iter().copied().filter(|local| (from..to).contains(local)) {
                if !calendar::is_known(&local.date()) || visit(local).is_break() {
                    return Ok(());
                }
            }
            number += 1;
        }
        Ok(())
    }

    /// The number of the first period that ends on or after the date.
    fn first_period(&self, date: NaiveDate) -> u32 {
        let start = self.start.date();
        let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let passed = match self.period {
            Period::Day => (date - start).num_days() + i64::from(self.interval) - 1,
            Period::Week => (self.week_of(date) - self.week_of(start)).num_days() / 7 + i64::from(self.interval) - 1,
            Period::Month => months(date) - months(start) + i64::from(self.interval) - 1,
            Period::Year => i64::from(date.year() - start.year()) + i64::from(self.interval) - 1,
        };
        u32::try_from(passed.max(0)).unwrap_or(u32::MAX) / self.interval
    }

    /// First and last day of a period; none beyond the years that are known.
    fn period(&self, number: u32) -> Option<(NaiveDate, NaiveDate)> {
        let passed = number.checked_mul(self.interval)?;
        let start = self.start.date();
        let (begin, end) = match self.period {
            Period::Day => {
                let day = start.checked_add_days(Days::new(passed.into()))?;
                (day, day)
            }
            Period::Week => {
                let begin = self.week_of(start).checked_add_days(Days::new(u64::from(passed) * 7))?;
                (begin, begin.checked_add_days(Days::new(6))?)
            }
            Period::Month => {
                let begin = start.with_day(1)?.checked_add_months(chrono::Months::new(passed))?;
                (begin, begin.with_day(days_in_month(begin))?)
            }
            Period::Year => {
                let year = start.year().checked_add(i32::try_from(passed).ok()?)?;
                (NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year, 12, 31)?)
            }
        };
        (begin.year() <= *YEARS.end()).then_some((begin, end))
    }

    /// The first day of the week the date is in.
    fn week_of(&self, date: NaiveDate) -> NaiveDate {
        date - Days::new(date.weekday().days_since(self.week_start).into())
    }

    /// Every date of a period within two days of it, ascending.
    fn dates(&self, first: NaiveDate, last: NaiveDate, budget: &WorkBudget, found: &mut Vec<NaiveDateTime>) -> Result<(), Spent> {
        let mut day = first;
        while day <= last {
            if self.months != 0 && self.months & (1 << day.month()) == 0 {
                budget.draw(1)?;
                day = day.with_day(days_in_month(day)).unwrap_or(day) + Days::new(1);
                continue;
            }
            let fits = self.admits(day);
            budget.draw(1 + if fits { self.times.len() as u64 } else { 0 })?;
            if fits {
                found.extend(self.times.iter().map(|time| day.and_time(*time)));
            }
            day = day + Days::new(1);
        }
        if !self.positions.is_empty() {
            *found = at_positions(&self.positions, found);
        }
        Ok(())
    }

    /// Whether the day fits every BYxxx part but BYMONTH.
    fn admits(&self, day: NaiveDate) -> bool {
        let among = |list: &[i16], number: u32, length: u32| {
            list.is_empty() || list.iter().any(|&wanted| is_numbered(wanted.into(), number, length))
        };
        let among_short = |list: &[i8], number: u32, length: u32| {
            list.is_empty() || list.iter().any(|&wanted| is_numbered(wanted.into(), number, length))
        };
        among_short(&self.month_days, day.day(), days_in_month(day))
            && among(&self.year_days, day.ordinal(), days_in_year(day))
            && (self.weeks.is_empty() || {
                let (number, weeks) = self.week_number(day);
                among_short(&self.weeks, number, weeks)
            })
            && (self.weekdays.is_empty() || self.weekdays.iter().any(|wanted| self.is_weekday(*wanted, day)))
    }

    /// The number of the week a day is in, and how many its year has. A week belongs to the year in which it has four days or more.
    fn week_number(&self, day: NaiveDate) -> (u32, u32) {
        let fourth = self.week_of(day) + Days::new(3);
        let passed = fourth.ordinal0();
        (passed / 7 + 1, (days_in_year(fourth) - 1 - passed % 7) / 7 + 1)
    }

    fn is_weekday(&self, wanted: NWeekday, day: NaiveDate) -> bool {
        match wanted {
            NWeekday::Every(weekday) => weekday == day.weekday(),
            NWeekday::Nth(number, weekday) => {
                let in_month = self.period == Period::Month || self.months != 0;
                let (passed, length) = if in_month { (day.day0(), days_in_month(day)) } else { (day.ordinal0(), days_in_year(day)) };
                let weeks = (length - 1 - passed % 7) / 7 + 1;
                weekday == day.weekday() && is_numbered(number.into(), passed / 7 + 1, weeks)
            }
        }
    }
}

/// Whether `wanted` is this one of `length`, counted from 1, or from -1 backwards.
fn is_numbered(wanted: i32, number: u32, length: u32) -> bool {
    let (number, length) = (number.cast_signed(), length.cast_signed());
    wanted == number || wanted == number - length - 1
}

fn days_in_month(date: NaiveDate) -> u32 {
    date.num_days_in_month().into()
}

fn days_in_year(date: NaiveDate) -> u32 {
    if date.leap_year() { 366 } else { 365 }
}

/// Those at the positions (BYSETPOS), ascending.
fn at_positions(positions: &[i32], dates: &[NaiveDateTime]) -> Vec<NaiveDateTime> {
    let length = dates.len();
    let index = |position: &i32| match *position {
        1.. => usize::try_from(*position - 1).ok(),
        _ => length.checked_sub(position.unsigned_abs() as usize),
    };
    let mut picked: Vec<_> = positions.iter().filter_map(index).filter_map(|index| dates.get(index)).copied().collect();
    picked.sort_unstable();
    picked.dedup();
    picked
}

/// The times of day: each hour with each minute and each second. A rule of whole days has one; RFC 5545 §3.3.10 has BYHOUR, BYMINUTE and
/// BYSECOND ignored there.
fn times(read: &RRule<Unvalidated>, start: NaiveTime, all_day: bool) -> Result<Vec<NaiveTime>, ScheduleError> {
    if all_day {
        return Ok(vec![NaiveTime::MIN]);
    }
    let or = |list: &[u8], own: u32| -> Vec<u32> {
        let mut values: Vec<u32> = if list.is_empty() { vec![own] } else { list.iter().map(|value| (*value).into()).collect() };
        values.sort_unstable();
        values.dedup();
        values
    };
    let hours = or(read.get_by_hour(), start.hour());
    let (minutes, seconds) = (or(read.get_by_minute(), start.minute()), or(read.get_by_second(), start.second()));
    let a_day = hours.len() * minutes.len() * seconds.len();
    if a_day > MOST_A_DAY {
        return Err(ScheduleError::TooManyADay { field: "rrule" });
    }
    let mut times = Vec::with_capacity(a_day);
    for hour in hours {
        for minute in &minutes {
            times.extend(seconds.iter().filter_map(|second| NaiveTime::from_hms_opt(hour, *minute, *second)));
        }
    }
    Ok(times)
}

/// The rule without its UNTIL, which is read here: the crate refuses the DATE that whole days demand (RFC 5545 §3.3.10).
fn without_until(text: &str, all_day: bool) -> Result<(String, Ending), ScheduleError> {
    let text = text.strip_prefix("RRULE:").unwrap_or(text);
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"=;,+-".contains(&byte)) {
        return Err(ScheduleError::Rule("it has other characters than those of a rule (RFC 5545 §3.3.10)".to_owned()));
    }
    let mut until = Ending::Never;
    let mut rest = Vec::new();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some((name, _)) if name.eq_ignore_ascii_case("UNTIL") && until != Ending::Never => {
                return Err(ScheduleError::Rule("UNTIL stands there twice".to_owned()));
            }
            Some((name, value)) if name.eq_ignore_ascii_case("UNTIL") => until = read_until(value, all_day)?,
            _ => rest.push(part),
        }
    }
    Ok((rest.join(";"), until))
}

/// Reads UNTIL: a DATE where DTSTART is one, a DATE-TIME in UTC where DTSTART has a zone. One in UTC is taken for whole days too, as
/// many programs write it.
fn read_until(value: &str, all_day: bool) -> Result<Ending, ScheduleError> {
    let wrong = || {
        ScheduleError::Rule(format!(
            "UNTIL is a date, 20261220, when dtstart is one, else an instant in UTC, 20261220T230000Z, not {value}"
        ))
    };
    let far = |error| match error {
        calendar::DateError::Year => ScheduleError::Year { field: "rrule", value: value.chars().take(40).collect() },
        calendar::DateError::Form => wrong(),
    };
    let part = |range: std::ops::Range<usize>| value.get(range).ok_or_else(wrong);
    let date = format!("{}-{}-{}", part(0..4)?, part(4..6)?, part(6..8)?);
    match (value.len(), all_day) {
        (8, true) => Ok(Ending::Date(calendar::parse_date(&date).map_err(far)?)),
        (16, _) if part(8..9)? == "T" && value.ends_with('Z') => {
            let time = format!("{date}T{}:{}:{}", part(9..11)?, part(11..13)?, part(13..15)?);
            Ok(Ending::Instant(calendar::parse_local_time(&time).map_err(far)?.and_utc()))
        }
        _ => Err(wrong()),
    }
}
