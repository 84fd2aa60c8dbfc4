//! A saved trip in forms that other programs, and paper, understand. All are written from one [`sheet::Sheet`], in which everything is
//! looked up and in the reader's language. To add a form: a file here, a variant of [`Form`].

mod calendar;
mod geo_json;
mod gpx;
mod labels;
mod page;
pub mod sheet;

use sheet::Sheet;

use crate::domain::work_budget::Spent;

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// HTML to read and to print.
    Page,
    /// iCalendar (RFC 5545).
    Calendar,
    /// GPX 1.1.
    Gpx,
    /// GeoJSON (RFC 7946).
    GeoJson,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::Page, Self::Calendar, Self::Gpx, Self::GeoJson];

    /// What stands behind the address of the page.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Page => "",
            Self::Calendar => ".ics",
            Self::Gpx => ".gpx",
            Self::GeoJson => ".geojson",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Page => "text/html; charset=utf-8",
            Self::Calendar => "text/calendar; charset=utf-8; method=PUBLISH",
            Self::Gpx => "application/gpx+xml",
            Self::GeoJson => "application/geo+json",
        }
    }
}

/// Why a trip cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The work of the request is used up.
    #[error(transparent)]
    Spent(#[from] Spent),
    /// The GPX library refused it.
    #[error("the trip cannot be written as GPX")]
    Gpx(#[from] ::gpx::errors::GpxError),
    /// The template failed.
    #[error("the page of the trip cannot be written")]
    Page(#[from] askama::Error),
    /// What was written is no text.
    #[error("what was written is no text")]
    Encoding(#[from] std::string::FromUtf8Error),
}

/// Writes the trip in a form.
pub fn write(form: Form, sheet: &Sheet) -> Result<String, ExportError> {
    match form {
        Form::Page => page::write(sheet),
        Form::Calendar => Ok(calendar::write(sheet)),
        Form::Gpx => gpx::write(sheet),
        Form::GeoJson => Ok(geo_json::write(sheet)),
    }
}
