//! Where a fact comes from, how sure it is, and when somebody last looked.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::calendar::{self, DateError, YEARS};
use super::rights::Rights;

/// How sure a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Confidence {
    /// Several sources agree, or an official one.
    High,
    /// One good source.
    Medium,
    /// One weak source.
    Low,
}

/// A date with reduced precision (ISO 8601-1 §5.2.2, EDTF level 0): `2025`, `2025-03` or `2025-03-01`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartialDate(Box<str>);

/// A date that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartialDateError {
    /// Of another form, or a day that does not exist.
    #[error("`{0}` is not a date of the form YYYY, YYYY-MM or YYYY-MM-DD")]
    Form(String),
    /// Outside the years that are known.
    #[error("`{0}` is not between the years {first} and {last}", first = YEARS.start(), last = YEARS.end())]
    Year(String),
}

impl PartialDate {
    /// The date as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PartialDate {
    type Error = PartialDateError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let padded = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            _ => text.clone(),
        };
        match calendar::parse_date(&padded) {
            Ok(_) => Ok(Self(text.into())),
            Err(DateError::Form) => Err(PartialDateError::Form(text.chars().take(40).collect())),
            Err(DateError::Year) => Err(PartialDateError::Year(text)),
        }
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.0.into()
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Source, confidence and rights of a record. Equal values are shared between records.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// Dataset that owns the record.
    pub dataset: Arc<str>,
    /// Where the facts come from.
    pub source: Arc<str>,
    /// How sure they are.
    pub confidence: Confidence,
    /// When somebody last verified them.
    pub last_verified_on: Option<PartialDate>,
    /// The same thing elsewhere (schema.org `sameAs`).
    pub same_as: Arc<[Box<str>]>,
    /// What a reader may do with the record, and whom to credit.
    pub rights: Rights,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_may_stop_at_the_year_but_must_exist() {
        for good in ["2025", "2025-03", "2024-02-29"] {
            assert!(PartialDate::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "25", "2025-13", "2025-02-29", "n/d", "2025-3", "+262", "-262143", "1900", "2101-01", "9999-12-31", " 2025-01-0"] {
            assert!(PartialDate::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
