//! Scalars of the contract. Each says by which specification its text is read, and refuses at once what is not of it.

use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::failure::Code;
use crate::domain::calendar::{self, DateError};
use crate::domain::city::Ibge;
use crate::domain::language::LanguageTag;
use crate::domain::money::Amount;
use crate::domain::provenance::PartialDate;

/// A refusal with the code clients act on.
fn refuse<T: InputType>(code: Code, message: impl std::fmt::Display) -> InputValueError<T> {
    InputValueError::custom(message).with_extension("code", code.as_str())
}

/// Refuses a date: one of another form, or one outside the years that are known.
fn refuse_date<T: InputType>(error: DateError, form: &str, shown: &str) -> InputValueError<T> {
    match error {
        DateError::Form => refuse(Code::BadUserInput, format!("{form}, not {}", short(shown))),
        DateError::Year => refuse(Code::TimeOutOfRange, format!("{error}: {}", short(shown))),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        _ => None,
    }
}

fn string(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Degrees north in WGS84, from -90 to 90.
#[derive(Clone, Copy, Debug)]
pub struct Latitude(pub f64);

/// Degrees north in WGS84, from -90 to 90.
#[Scalar(specified_by_url = "https://earth-info.nga.mil/index.php?dir=wgs84&action=wgs84")]
impl ScalarType for Latitude {
    fn parse(value: Value) -> InputValueResult<Self> {
        match number(&value) {
            Some(degrees) if (-90.0..=90.0).contains(&degrees) => Ok(Self(degrees)),
            _ => Err(refuse(Code::BadUserInput, format!("latitude is a number from -90 to 90, not {value}"))),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}

/// Degrees east in WGS84, from -180 to 180.
#[derive(Clone, Copy, Debug)]
pub struct Longitude(pub f64);

/// Degrees east in WGS84, from -180 to 180.
#[Scalar(specified_by_url = "https://earth-info.nga.mil/index.php?dir=wgs84&action=wgs84")]
impl ScalarType for Longitude {
    fn parse(value: Value) -> InputValueResult<Self> {
        match number(&value) {
            Some(degrees) if (-180.0..=180.0).contains(&degrees) => Ok(Self(degrees)),
            _ => Err(refuse(Code::BadUserInput, format!("longitude is a number from -180 to 180, not {value}"))),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}

/// An instant in the years 1970 to 2100, RFC 3339 with an offset: `2026-07-04T15:00:00-04:00`. Answers carry the offset of the place they
/// speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(pub DateTime<FixedOffset>);

impl Instant {
    /// The instant as clocks show it in the zone.
    pub fn in_zone(instant: DateTime<Utc>, zone: Tz) -> Self {
        let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
        Self(instant.with_timezone(&offset))
    }

    /// The instant.
    pub fn utc(self) -> DateTime<Utc> {
        self.0.to_utc()
    }
}

/// An instant in the years 1970 to 2100, RFC 3339 with an offset: `2026-07-04T15:00:00-04:00`. Answers carry the offset of the place they
/// speak of.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for Instant {
    fn parse(value: Value) -> InputValueResult<Self> {
        let shown = value.to_string();
        calendar::parse_instant(&string(value).unwrap_or_default())
            .map(Self)
            .map_err(|error| refuse_date(error, "a DateTime looks like 2026-07-04T15:00:00-04:00 (RFC 3339)", &shown))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
    }
}

/// A day in the years 1970 to 2100, `2026-07-04` (RFC 3339 full-date).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A day in the years 1970 to 2100, `2026-07-04` (RFC 3339 full-date).
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let shown = value.to_string();
        calendar::parse_date(&string(value).unwrap_or_default())
            .map(Self)
            .map_err(|error| refuse_date(error, "a Date looks like 2026-07-04", &shown))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A time of day as local clocks show it, `14:30` (RFC 3339 partial-time without seconds; seconds are read too).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime(pub NaiveTime);

/// A time of day as local clocks show it, `14:30` (RFC 3339 partial-time without seconds; seconds are read too).
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/local-time.html")]
impl ScalarType for LocalTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let shown = value.to_string();
        let time = string(value)
            .and_then(|text| NaiveTime::parse_from_str(&text, "%H:%M").or_else(|_| NaiveTime::parse_from_str(&text, "%H:%M:%S")).ok());
        time.map(Self).ok_or_else(|| refuse(Code::BadUserInput, format!("a LocalTime looks like 14:30, not {}", short(&shown))))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%H:%M").to_string())
    }
}

/// A date with reduced precision in the years 1970 to 2100, `2026`, `2026-07` or `2026-07-04` (EDTF level 0): as exact as the source is, no
/// more.
#[derive(Clone, Debug)]
pub struct ReducedDate(pub PartialDate);

/// A date with reduced precision in the years 1970 to 2100, `2026`, `2026-07` or `2026-07-04` (EDTF level 0): as exact as the source is, no
/// more.
#[Scalar(name = "PartialDate", specified_by_url = "https://www.loc.gov/standards/datetime/")]
impl ScalarType for ReducedDate {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = string(value).unwrap_or_default();
        PartialDate::try_from(text).map(Self).map_err(|error| refuse(Code::BadUserInput, error))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A duration, ISO 8601: `PT45M`, `PT2H30M`.
#[derive(Clone, Copy, Debug)]
pub struct Duration(pub chrono::Duration);

impl Duration {
    /// Seconds of the minute, to the millisecond where they are not whole.
    fn seconds_part(self) -> String {
        match (self.0.num_seconds() % 60, self.0.subsec_nanos() / 1_000_000) {
            (0, 0) => String::new(),
            (seconds, 0) => format!("{seconds}S"),
            (seconds, milliseconds) => format!("{seconds}.{milliseconds:03}S"),
        }
    }

    /// So many minutes.
    pub fn minutes(minutes: u32) -> Self {
        Self(chrono::Duration::minutes(i64::from(minutes)))
    }
}

/// A duration, ISO 8601: `PT45M`, `PT2H30M`.
#[Scalar(specified_by_url = "https://scalars.graphql.org/chillicream/duration.html")]
impl ScalarType for Duration {
    fn parse(_value: Value) -> InputValueResult<Self> {
        Err(refuse(Code::BadUserInput, "durations are only answered, never read"))
    }

    fn to_value(&self) -> Value {
        let seconds = self.0.num_seconds();
        let part = |count: i64, letter: char| if count == 0 { String::new() } else { format!("{count}{letter}") };
        let text = [part(seconds / 3_600, 'H'), part(seconds / 60 % 60, 'M'), self.seconds_part()].concat();
        Value::String(if text.is_empty() { "PT0M".to_owned() } else { format!("PT{text}") })
    }
}

/// A language, BCP 47: `pt-BR`, `en`, `es-419`.
#[derive(Clone, Debug)]
pub struct Language(pub LanguageTag);

/// A language, BCP 47: `pt-BR`, `en`, `es-419`.
#[Scalar(name = "LanguageTag", specified_by_url = "https://www.rfc-editor.org/info/bcp47")]
impl ScalarType for Language {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = string(value).unwrap_or_default();
        LanguageTag::parse(&text).map(Self).map_err(|error| refuse(Code::BadLanguage, error))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A Brazilian municipality by its IBGE code of 7 digits, as a string; a number is read too.
#[derive(Clone, Copy, Debug)]
pub struct IbgeCode(pub Ibge);

/// A Brazilian municipality by its IBGE code of 7 digits, as a string; a number is read too.
#[Scalar(specified_by_url = "https://www.ibge.gov.br/explica/codigos-dos-municipios.php")]
impl ScalarType for IbgeCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        let code = match &value {
            Value::String(text) if text.len() == 7 => text.parse().ok(),
            Value::Number(number) => number.as_u64().and_then(|code| u32::try_from(code).ok()),
            _ => None,
        };
        match code {
            Some(code @ 1_000_000..=9_999_999) => Ok(Self(Ibge(code))),
            _ => Err(refuse(Code::BadUserInput, "an IBGE municipality code has 7 digits")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.0.to_string())
    }
}

/// A GeoJSON geometry object (RFC 7946; positions are [longitude, latitude]). A string that holds one is read too.
#[derive(Clone, Debug)]
pub struct GeoJson(pub serde_json::Value);

/// A GeoJSON geometry object (RFC 7946; positions are [longitude, latitude]). A string that holds one is read too.
#[Scalar(name = "GeoJSON", specified_by_url = "https://www.rfc-editor.org/rfc/rfc7946")]
impl ScalarType for GeoJson {
    fn parse(value: Value) -> InputValueResult<Self> {
        let json = match value {
            Value::String(text) => serde_json::from_str(&text).ok(),
            Value::Object(_) => value.into_json().ok(),
            _ => None,
        };
        json.map(Self).ok_or_else(|| refuse(Code::InvalidPolygon, "GeoJSON is an object with `type` and `coordinates`"))
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

/// A line as an encoded polyline with five decimals, latitude first.
#[derive(Clone, Debug)]
pub struct Polyline(pub String);

/// A line as an encoded polyline with five decimals, latitude first.
#[Scalar(specified_by_url = "https://developers.google.com/maps/documentation/utilities/polylinealgorithm")]
impl ScalarType for Polyline {
    fn parse(value: Value) -> InputValueResult<Self> {
        string(value).map(Self).ok_or_else(|| refuse(Code::BadUserInput, "a polyline is a string"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Where a reader of the feed of changes stands: opaque text, to be given back as it came.
#[derive(Clone, Debug)]
pub struct Cursor(pub String);

/// Where a reader of the feed of changes stands: opaque text, to be given back as it came.
#[Scalar]
impl ScalarType for Cursor {
    fn parse(value: Value) -> InputValueResult<Self> {
        string(value).map(Self).ok_or_else(|| refuse(Code::BadCursor, "a cursor is a string"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A decimal number as a string, `60.00`: money is never a binary fraction.
#[derive(Clone, Debug)]
pub struct Decimal(pub String);

/// A decimal number as a string, `60.00`: money is never a binary fraction.
#[Scalar(specified_by_url = "https://scalars.graphql.org/chillicream/decimal.html")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = string(value).unwrap_or_default();
        Amount::try_from(text).map(|amount| Self(amount.as_str().to_owned())).map_err(|error| refuse(Code::BadUserInput, error))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// The beginning of what a client sent, enough to find it.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}
