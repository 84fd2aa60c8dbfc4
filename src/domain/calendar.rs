//! The years this service knows, and the only readers of dates as text. Every date that comes in (schedules, evidence, questions,
//! trips) is read here, so none can lie where arithmetic with it overflows.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// The years of every date that is taken: from the Unix epoch to as far as the holidays are worked out.
pub const YEARS: RangeInclusive<i32> = 1970..=2100;

/// Why a text is no date of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not of the form, or a day or time that does not exist.
    #[error("not a date or time of the required form")]
    Form,
    /// A date outside [`YEARS`].
    #[error("the year is not between {} and {}", YEARS.start(), YEARS.end())]
    Year,
}

/// Whether the date lies in [`YEARS`].
pub fn is_known(date: &impl Datelike) -> bool {
    YEARS.contains(&date.year())
}

/// The first instant of [`YEARS`] in UTC.
pub const fn first_instant() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

/// The first instant after [`YEARS`] in UTC.
pub fn end() -> DateTime<Utc> {
    // The year is one that chrono has.
    NaiveDate::from_ymd_opt(YEARS.end() + 1, 1, 1).unwrap_or(NaiveDate::MAX).and_time(NaiveTime::MIN).and_utc()
}

/// Reads a day, `2026-07-04` (RFC 3339 `full-date`): four digits, two, two, and nothing else.
pub fn parse_date(text: &str) -> Result<NaiveDate, DateError> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return Err(DateError::Form);
    }
    let year = i32::try_from(digits(&bytes[..4])?).map_err(|_| DateError::Form)?;
    let date = NaiveDate::from_ymd_opt(year, digits(&bytes[5..7])?, digits(&bytes[8..])?).ok_or(DateError::Form)?;
    if is_known(&date) { Ok(date) } else { Err(DateError::Year) }
}

/// Reads a local date and time, `2026-07-04T15:00:00`. There are no leap seconds in it.
pub fn parse_local_time(text: &str) -> Result<NaiveDateTime, DateError> {
    let (date, time) = text.split_once('T').ok_or(DateError::Form)?;
    let bytes = time.as_bytes();
    if bytes.len() != 8 || bytes[2] != b':' || bytes[5] != b':' {
        return Err(DateError::Form);
    }
    let time = NaiveTime::from_hms_opt(digits(&bytes[..2])?, digits(&bytes[3..5])?, digits(&bytes[6..])?);
    Ok(parse_date(date)?.and_time(time.ok_or(DateError::Form)?))
}

/// Reads an instant, `2026-07-04T15:00:00-04:00` (RFC 3339 `date-time`).
pub fn parse_instant(text: &str) -> Result<DateTime<FixedOffset>, DateError> {
    // The longest form has nine digits of a second and an offset.
    let instant = if text.len() <= 40 { DateTime::parse_from_rfc3339(text).ok() } else { None }.ok_or(DateError::Form)?;
    // Both are looked at: a local year has to be written in answers, the year in UTC has to be reckoned with.
    if is_known(&instant.naive_utc().date()) && is_known(&instant) { Ok(instant) } else { Err(DateError::Year) }
}

fn digits(bytes: &[u8]) -> Result<u32, DateError> {
    bytes.iter().try_fold(
        0,
        |number, byte| {
            if byte.is_ascii_digit() { Ok(number * 10 + u32::from(byte - b'0')) } else { Err(DateError::Form) }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_one_form_and_a_year_we_know() {
        for good in ["1970-01-01", "2024-02-29", "2100-12-31"] {
            assert_eq!(parse_date(good).unwrap().to_string(), good);
        }
        for bad in ["", "2027-6-1", " 2027-07-07", "2027-07-07 ", "+2027-07-07", "2027-02-29", "2027/07/07", "20270707", "２０27-07-0"] {
            assert_eq!(parse_date(bad), Err(DateError::Form), "{bad}");
        }
        for far in ["1969-12-31", "2101-01-01", "9999-12-31", "0000-01-01"] {
            assert_eq!(parse_date(far), Err(DateError::Year), "{far}");
        }
        for bad in ["-9999-01-01", "+262142-12-31", "+12027-01-01", "12027-01-01"] {
            assert_eq!(parse_date(bad), Err(DateError::Form), "{bad}");
        }
    }

    #[test]
    fn a_local_time_has_seconds_and_no_more() {
        assert_eq!(parse_local_time("2026-06-18T19:30:00").unwrap().to_string(), "2026-06-18 19:30:00");
        for bad in [
            "2026-06-18 19:30:00",
            "2026-06-18T19:30",
            "2026-06-18T24:00:00",
            "2026-06-18T23:59:60",
            "2026-06-18T19:30:00Z",
            "2026-06-18T19:30:00.5",
            "+262142-12-31T23:59:59",
            "-9999-01-01T00:00:00",
        ] {
            assert_eq!(parse_local_time(bad), Err(DateError::Form), "{bad}");
        }
        assert_eq!(parse_local_time("1900-01-01T00:00:00"), Err(DateError::Year));
    }

    #[test]
    fn an_instant_is_known_in_utc_and_where_it_is_written() {
        assert!(parse_instant("2026-07-04T15:00:00-04:00").is_ok());
        assert!(parse_instant("2100-12-31T19:59:59-04:00").is_ok());
        for far in ["2100-12-31T20:00:00-04:00", "1970-01-01T00:00:00+01:00", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z"] {
            assert_eq!(parse_instant(far), Err(DateError::Year), "{far}");
        }
        for bad in ["tomorrow", "+262142-12-31T23:59:59Z", "2026-07-04", "-9999-01-01T00:00:00Z"] {
            assert_eq!(parse_instant(bad), Err(DateError::Form), "{bad}");
        }
    }
}
