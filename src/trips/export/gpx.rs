//! GPX 1.1: a waypoint a stop, and a route a day through its start, its stops and its end.

use ::gpx::{Gpx, GpxVersion, Link, Metadata, Person, Route, Waypoint};
use geo::{Point, Rect};

use super::ExportError;
use super::sheet::{Sheet, SheetDay, SheetStop};
use crate::domain::geo::Position;

/// Writes the document.
pub(super) fn write(sheet: &Sheet) -> Result<String, ExportError> {
    let stops = || sheet.days.iter().flat_map(|day| &day.stops);
    let metadata = Metadata {
        name: Some(sheet.heading.title.to_string()),
        description: sheet.heading.note.as_ref().map(ToString::to_string),
        author: Some(Person { name: Some("Roteiro".to_owned()), ..Person::default() }),
        bounds: bounds(sheet),
        ..Metadata::default()
    };
    let document = Gpx {
        version: GpxVersion::Gpx11,
        creator: Some("Roteiro".to_owned()),
        metadata: Some(metadata),
        waypoints: stops().map(|stop| waypoint(sheet, stop)).collect(),
        routes: sheet.days.iter().map(|day| route(sheet, day)).collect(),
        ..Gpx::default()
    };
    let mut bytes = Vec::new();
    ::gpx::write(&document, &mut bytes)?;
    Ok(String::from_utf8(bytes)?)
}

fn point(position: Position) -> Point {
    // Six decimals are a decimetre; more are noise.
    let rounded = |degrees: f64| (degrees * 1e6).round() / 1e6;
    Point::new(rounded(position.longitude()), rounded(position.latitude()))
}

fn bounds(sheet: &Sheet) -> Option<Rect<f64>> {
    sheet.days.iter().flat_map(SheetDay::positions).map(|position| point(position).0).fold(None, |bounds: Option<Rect>, at| {
        Some(bounds.map_or(Rect::new(at, at), |bounds| {
            let (min, max) = (bounds.min(), bounds.max());
            Rect::new((min.x.min(at.x), min.y.min(at.y)), (max.x.max(at.x), max.y.max(at.y)))
        }))
    })
}

fn waypoint(sheet: &Sheet, stop: &SheetStop) -> Waypoint {
    let times =
        format!("{}, {}–{}", sheet.tongue.long_date(stop.start.date_naive()), stop.start.format("%H:%M"), stop.depart.format("%H:%M"));
    let lines = [Some(times)].into_iter().chain([stop.summary.clone()]).flatten().chain(stop.warnings.iter().cloned());
    let mut waypoint = Waypoint::new(point(stop.position));
    waypoint.name = Some(stop.name.clone());
    waypoint.description = Some(lines.collect::<Vec<_>>().join("\n"));
    waypoint.type_.clone_from(&stop.kind);
    waypoint.links = stop.website.iter().map(|website| Link { href: website.clone(), text: None, type_: None }).collect();
    waypoint
}

fn route(sheet: &Sheet, day: &SheetDay) -> Route {
    let end = |position, name: &str| {
        let mut waypoint = Waypoint::new(point(position));
        waypoint.name = Some(name.to_owned());
        waypoint
    };
    let stops = day.stops.iter().map(|stop| end(stop.position, &stop.name));
    let (start, last) = (day.start.map(|at| end(at, sheet.labels.start)), day.end.map(|at| end(at, sheet.labels.end)));
    Route {
        name: Some(format!("{} {}: {}", sheet.labels.day, day.number, day.title)),
        number: u32::try_from(day.number).ok(),
        points: start.into_iter().chain(stops).chain(last).collect(),
        ..Route::default()
    }
}
