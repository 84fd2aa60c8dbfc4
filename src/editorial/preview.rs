//! What opening hours mean, day by day, in Portuguese: what an editor reads before believing a line of syntax.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;

use crate::domain::holidays::Holidays;
use crate::domain::opening_hours::{DaySchedule, Interval, OpenState, OpeningHours};

/// Days that are shown.
pub const DAYS: u64 = 14;

/// One day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewDay {
    /// Which.
    pub date: NaiveDate,
    /// The same day in Portuguese with what happens on it: `seg., 23/11: das 9h às 18h`.
    pub text: String,
}

/// The next 14 days of hours that parse, beginning with today; or why they do not, in the parser's words.
pub fn preview(
    raw: &str,
    zone: Tz,
    holidays: Arc<Holidays>,
    position: Option<(f64, f64)>,
    now: DateTime<Utc>,
) -> Result<Vec<PreviewDay>, String> {
    let hours = OpeningHours::parse(raw, zone, holidays, position).map_err(|error| error.to_string())?;
    let today = now.with_timezone(&zone).date_naive();
    let days = hours.days(today, today + Days::new(DAYS - 1)).map_err(|error| error.to_string())?;
    Ok(days.into_iter().map(|day| PreviewDay { date: day.date, text: describe(&day) }).collect())
}

fn describe(day: &DaySchedule) -> String {
    let times: Vec<String> = day.intervals.iter().map(interval).collect();
    let times = if times.is_empty() { "fechado".to_owned() } else { times.join("; ") };
    let holiday = day.holiday.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    format!("{}, {:02}/{:02}{holiday}: {times}", weekday(day.date.weekday()), day.date.day(), day.date.month())
}

fn interval(interval: &Interval) -> String {
    let (start, end) = (interval.start.format("%H:%M").to_string(), interval.end.format("%H:%M").to_string());
    let is_whole_day = start == "00:00" && end == "00:00";
    let times = if is_whole_day {
        "o dia todo".to_owned()
    } else {
        format!("das {} às {}", clock(&start), clock(if end == "00:00" { "24:00" } else { &end }))
    };
    let state = match interval.state {
        OpenState::Open => "",
        OpenState::Closed => ", fechado",
        OpenState::Unknown => ", a confirmar",
    };
    let comment = interval.comment.as_ref().map(|comment| format!(" ({comment})")).unwrap_or_default();
    format!("{times}{state}{comment}")
}

/// `09:00` as it is said: `9h`, `9h30`.
fn clock(time: &str) -> String {
    let (hour, minute) = time.split_once(':').unwrap_or((time, "00"));
    let hour = hour.trim_start_matches('0');
    let hour = if hour.is_empty() { "0" } else { hour };
    if minute == "00" { format!("{hour}h") } else { format!("{hour}h{minute}") }
}

const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "seg.",
        Weekday::Tue => "ter.",
        Weekday::Wed => "qua.",
        Weekday::Thu => "qui.",
        Weekday::Fri => "sex.",
        Weekday::Sat => "sáb.",
        Weekday::Sun => "dom.",
    }
}
