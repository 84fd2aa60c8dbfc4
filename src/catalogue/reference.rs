//! What all cities of a snapshot share: the category tree, municipalities, holidays, rights and accessibility needs.

use std::sync::Arc;

use crate::domain::accessibility::ProfileTable;
use crate::domain::category::CategoryTree;
use crate::domain::city::{Ibge, Municipality};
use crate::domain::holidays::HolidayCalendar;
use crate::domain::rights::LicenceTable;

/// Tables that come with the binary, read once.
#[derive(Clone)]
pub struct Tables {
    /// Holidays.
    pub holidays: Arc<HolidayCalendar>,
    /// Licences.
    pub licences: Arc<LicenceTable>,
    /// Needs of each accessibility profile.
    pub profiles: Arc<ProfileTable>,
}

/// A bundled table is broken, which a test excludes.
#[derive(Debug, thiserror::Error)]
#[error("the bundled table {table} is broken: {reason}")]
pub struct TableError {
    table: &'static str,
    reason: String,
}

impl Tables {
    /// Reads the tables.
    pub fn bundled() -> Result<Self, TableError> {
        let broken = |table| move |reason: String| TableError { table, reason };
        Ok(Self {
            holidays: Arc::new(HolidayCalendar::bundled().map_err(|error| broken("holidays")(error.to_string()))?),
            licences: Arc::new(LicenceTable::bundled().map_err(|error| broken("rights")(error.to_string()))?),
            profiles: Arc::new(ProfileTable::bundled().map_err(|error| broken("accessibility_profiles")(error.to_string()))?),
        })
    }
}

/// Reference data of one snapshot.
pub struct ReferenceData {
    /// The category tree.
    pub categories: Arc<CategoryTree>,
    /// Municipalities by code.
    pub municipalities: Vec<Municipality>,
    /// Holidays.
    pub holidays: Arc<HolidayCalendar>,
    /// Licences.
    pub licences: Arc<LicenceTable>,
    /// Needs of each accessibility profile.
    pub profiles: Arc<ProfileTable>,
}

impl ReferenceData {
    /// The municipality with this code. O(log n).
    pub fn municipality(&self, ibge: Ibge) -> Option<&Municipality> {
        self.municipalities.binary_search_by_key(&ibge, |municipality| municipality.ibge).ok().map(|found| &self.municipalities[found])
    }
}
