//! The page of a trip: to read on a phone and to print. No script, no other host; the template escapes whatever is put into it.

use askama::Template;

use super::sheet::Sheet;
use super::{ExportError, Form};

#[derive(Template)]
#[template(path = "trip.html")]
struct Page<'a> {
    sheet: &'a Sheet,
}

impl Page<'_> {
    /// The note, line by line.
    fn note(&self) -> Vec<&str> {
        self.sheet.heading.note.as_deref().map(|note| note.lines().collect()).unwrap_or_default()
    }

    /// The other forms, beside the page.
    fn files(&self) -> [(&'static str, String); 3] {
        let of = |label, form: Form| (label, format!("{}{}", self.sheet.heading.token, form.suffix()));
        [of(self.sheet.labels.calendar, Form::Calendar), of(self.sheet.labels.map_track, Form::Gpx), of("GeoJSON", Form::GeoJson)]
    }
}

/// Writes the page.
pub(super) fn write(sheet: &Sheet) -> Result<String, ExportError> {
    Ok(Page { sheet }.render()?)
}
