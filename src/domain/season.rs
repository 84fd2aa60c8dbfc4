//! Seasons: the months in which a place or route can be visited (river beaches from June to August, no fishing from
//! October to January).

use serde::{Deserialize, Serialize};

/// The months of a season.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Season {
    /// Months 1 to 12, ascending, at least one.
    pub months: Months,
    /// Where this comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Box<str>>,
}

/// Months of the year as a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
pub struct Months(u16);

/// Months that are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("months are numbers from 1 to 12, at least one")]
pub struct MonthsError;

impl Months {
    /// Whether the month (1 to 12) is in the season.
    pub const fn contains(self, month: u32) -> bool {
        month >= 1 && month <= 12 && self.0 & (1 << month) != 0
    }

    /// The months, ascending.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (1..=12).filter(move |month| self.0 & (1 << month) != 0)
    }
}

impl TryFrom<Vec<u8>> for Months {
    type Error = MonthsError;

    fn try_from(months: Vec<u8>) -> Result<Self, Self::Error> {
        if months.is_empty() || months.iter().any(|month| !(1..=12).contains(month)) {
            return Err(MonthsError);
        }
        Ok(Self(months.iter().fold(0, |set, month| set | 1 << month)))
    }
}

impl From<Months> for Vec<u8> {
    fn from(months: Months) -> Self {
        months.iter().collect()
    }
}
