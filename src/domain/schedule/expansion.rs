//! What a schedule holds, worked out and bounded when it is read.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use super::local::{self, Local};
use super::rule::{Ending, Rule};
use super::{Length, MOST_A_DAY, MOST_DATES, Recurring, ScheduleError};
use crate::domain::calendar;
use crate::domain::work_budget::WorkBudget;

/// From start to end. A date without an end lasts that day (RFC 5545 §3.6.1); a time without an end has none.
pub(super) fn length(start: Local, end: Option<Local>, zone: Tz) -> Result<Length, ScheduleError> {
    match (start, end) {
        (Local::Date(_), None) => Ok(Length::Days(1)),
        (Local::Time(_), None) => Ok(Length::Unknown),
        (Local::Date(start), Some(Local::Date(end))) => {
            let days = u32::try_from((end - start).num_days()).map_err(|_| ScheduleError::EndBeforeStart)?;
            if days == 0 { Err(ScheduleError::EndBeforeStart) } else { Ok(Length::Days(days)) }
        }
        (Local::Time(_), Some(end @ Local::Time(_))) => {
            let length = end.instant(zone) - start.instant(zone);
            if length <= Duration::zero() { Err(ScheduleError::EndBeforeStart) } else { Ok(Length::Exact(length)) }
        }
        (Local::Date(_), Some(Local::Time(_))) | (Local::Time(_), Some(Local::Date(_))) => Err(ScheduleError::Kind("dtend")),
    }
}

/// What no occurrence of the length is longer than: the clocks may make a day longer, by less than another.
pub(super) fn longest(length: Length) -> Duration {
    match length {
        Length::Unknown => Duration::zero(),
        Length::Exact(length) => length,
        Length::Days(days) => Duration::days(i64::from(days) + 1),
    }
}

/// The values of RDATE or EXDATE, ascending, each once.
pub(super) fn same_kind(field: &'static str, values: &[String], start: Local, zone: Tz) -> Result<Vec<DateTime<Utc>>, ScheduleError> {
    if values.len() > MOST_DATES {
        return Err(ScheduleError::TooManyDates { field });
    }
    let read = |value: &String| {
        let local = Local::parse(field, value)?;
        if local.is_date() == start.is_date() { Ok(local.instant(zone)) } else { Err(ScheduleError::Kind(field)) }
    };
    let mut dates = values.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    dates.sort_unstable();
    dates.dedup();
    Ok(dates)
}

/// DTSTART is the first occurrence of its rule (RFC 5545 §3.8.5.3 leaves open what becomes of one that is not).
pub(super) fn check_start(rule: &Rule, start: Local) -> Result<(), ScheduleError> {
    let mut is_on = false;
    let walked = rule.walk(start.time(), start.time() + Duration::seconds(1), &WorkBudget::unlimited(), |_| {
        is_on = true;
        ControlFlow::Break(())
    });
    if walked.is_ok() && is_on { Ok(()) } else { Err(ScheduleError::StartNotOnRule) }
}

/// A rule with its other dates, when they stay within bounds.
pub(super) fn recurring(rule: Rule, extra: Vec<DateTime<Utc>>, except: Vec<DateTime<Utc>>, zone: Tz) -> Result<Recurring, ScheduleError> {
    // With BYSETPOS a look at a day costs a look at its period, so the dates of the rule are not told from the others there.
    let end = end(&rule, zone)?;
    let series = Recurring { rule, last: end.map(|end| end.last), extra, except: Vec::new() };
    let alone = Recurring { extra: Vec::new(), rule: series.rule.clone(), except: Vec::new(), last: series.last };
    let is_on_rule = |start: &&DateTime<Utc>| {
        alone.starts(**start, **start + Duration::seconds(1), zone, &WorkBudget::unlimited()).is_ok_and(|found| !found.is_empty())
    };
    if let Some(end) = end
        && end.dates + series.extra.len() > MOST_DATES
        && (series.rule.picks() || end.dates + series.extra.iter().filter(|start| !is_on_rule(start)).count() > MOST_DATES)
    {
        return Err(ScheduleError::TooManyDates { field: "rdate" });
    }
    // By itself the rule does not come true too often on any day.
    for (day, count) in by_day(&series.extra, zone) {
        let midnight = |date: NaiveDate| local::instant(date.and_time(NaiveTime::MIN), zone);
        let found = || series.starts(midnight(day), midnight(day + Days::new(1)), zone, &WorkBudget::unlimited());
        let may_be_too_many = count + series.rule.times_a_day() > MOST_A_DAY;
        if may_be_too_many && (series.rule.picks() || found().is_ok_and(|found| found.len() > MOST_A_DAY)) {
            return Err(ScheduleError::TooManyADay { field: "rdate" });
        }
    }
    Ok(Recurring { except, ..series })
}

/// Where a rule ends.
#[derive(Clone, Copy)]
struct End {
    /// How many dates it has.
    dates: usize,
    /// The last of them.
    last: NaiveDateTime,
}

/// Where the rule ends, unless nothing ends it.
fn end(rule: &Rule, zone: Tz) -> Result<Option<End>, ScheduleError> {
    let too_many = ScheduleError::TooManyDates { field: "rrule" };
    let count = match rule.ending {
        Ending::Never => return Ok(None),
        Ending::Count(count) => Some(usize::try_from(count).unwrap_or(usize::MAX)),
        Ending::Date(_) | Ending::Instant(_) => None,
    };
    if count.is_some_and(|count| count > MOST_DATES) {
        return Err(too_many);
    }
    let (mut dates, mut last) = (0, None);
    let begin = calendar::first_instant().naive_utc();
    let walked = rule.walk(begin, calendar::end().naive_utc(), &WorkBudget::unlimited(), |local| {
        let is_over = match rule.ending {
            Ending::Date(last) => local.date() > last,
            Ending::Instant(last) => local::instant(local, zone) > last,
            Ending::Count(_) | Ending::Never => false,
        };
        if is_over || dates > MOST_DATES {
            return ControlFlow::Break(());
        }
        (dates, last) = (dates + 1, Some(local));
        if count == Some(dates) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if walked.is_err() || dates > MOST_DATES {
        return Err(too_many);
    }
    let last = last.ok_or_else(|| ScheduleError::Rule("UNTIL is before dtstart".to_owned()))?;
    if count.is_some_and(|count| dates < count) {
        return Err(ScheduleError::Rule(format!("its last date is after {}", calendar::YEARS.end())));
    }
    Ok(Some(End { dates, last }))
}

/// DTSTART and the RDATE values, ascending, each once, without those taken out.
pub(super) fn dates(
    start: DateTime<Utc>,
    extra: Vec<DateTime<Utc>>,
    except: &[DateTime<Utc>],
    zone: Tz,
) -> Result<Box<[DateTime<Utc>]>, ScheduleError> {
    let mut own = extra;
    own.push(start);
    own.sort_unstable();
    own.dedup();
    if own.len() > MOST_DATES {
        return Err(ScheduleError::TooManyDates { field: "rdate" });
    }
    if by_day(&own, zone).into_values().any(|count| count > MOST_A_DAY) {
        return Err(ScheduleError::TooManyADay { field: "rdate" });
    }
    own.retain(|start| except.binary_search(start).is_err());
    Ok(own.into())
}

/// How many of the starts are on each day.
fn by_day(starts: &[DateTime<Utc>], zone: Tz) -> BTreeMap<NaiveDate, usize> {
    let mut of_day = BTreeMap::new();
    for start in starts {
        *of_day.entry(start.with_timezone(&zone).date_naive()).or_default() += 1;
    }
    of_day
}
