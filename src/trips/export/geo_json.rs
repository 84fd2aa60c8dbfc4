//! GeoJSON (RFC 7946): a point a stop, a line a way. Longitude stands before latitude.

use geojson::{Feature, FeatureCollection, GeoJson, Geometry, GeometryValue, JsonObject, Position as Pair};
use serde_json::{Value, json};

use super::sheet::{Sheet, SheetDay, SheetLeg, SheetStop};
use crate::domain::geo::Position;

/// Writes the collection.
pub(super) fn write(sheet: &Sheet) -> String {
    let features = sheet.days.iter().flat_map(|day| {
        let ways = day.legs.iter().enumerate().map(|(index, leg)| way(day, index, leg));
        day.stops.iter().map(|stop| place(day, stop)).chain(ways)
    });
    let features: Vec<Feature> = features.collect();
    let members = [
        ("title", json!(sheet.heading.title)),
        ("language", json!(sheet.tongue.tag())),
        ("version", json!(sheet.heading.version)),
        ("attribution", json!(sheet.credits)),
    ];
    let collection = FeatureCollection { bbox: bounds(sheet), features, foreign_members: Some(object(members)) };
    GeoJson::FeatureCollection(collection).to_string()
}

fn object<const COUNT: usize>(members: [(&str, Value); COUNT]) -> JsonObject {
    members.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Longitude, latitude, to a decimetre.
fn pair(position: Position) -> [f64; 2] {
    [position.longitude(), position.latitude()].map(|degrees| (degrees * 1e6).round() / 1e6)
}

fn at(position: Position) -> Pair {
    pair(position).to_vec().into()
}

/// West, south, east, north (§5).
fn bounds(sheet: &Sheet) -> Option<Vec<f64>> {
    sheet
        .days
        .iter()
        .flat_map(SheetDay::positions)
        .map(pair)
        .fold(None, |bounds: Option<[f64; 4]>, [x, y]| {
            Some(bounds.map_or([x, y, x, y], |[west, south, east, north]| [west.min(x), south.min(y), east.max(x), north.max(y)]))
        })
        .map(|bounds| bounds.to_vec())
}

fn place(day: &SheetDay, stop: &SheetStop) -> Feature {
    let properties = object([
        ("type", json!("stop")),
        ("name", json!(stop.name)),
        ("category", json!(stop.kind)),
        ("description", json!(stop.summary)),
        ("day", json!(day.number)),
        ("date", json!(day.date)),
        ("order", json!(stop.number)),
        ("arrive", json!(stop.arrive.to_rfc3339())),
        ("start", json!(stop.start.to_rfc3339())),
        ("depart", json!(stop.depart.to_rfc3339())),
        ("address", json!(stop.address)),
        ("telephone", json!(stop.telephone)),
        ("url", json!(stop.website)),
        ("warnings", json!(stop.warnings)),
    ]);
    let geometry = Geometry::new(GeometryValue::Point { coordinates: at(stop.position) });
    Feature { geometry: Some(geometry), properties: Some(properties), ..Feature::default() }
}

fn way(day: &SheetDay, index: usize, leg: &SheetLeg) -> Feature {
    let properties = object([
        ("type", json!("leg")),
        ("mode", json!(leg.mode)),
        ("day", json!(day.number)),
        ("order", json!(index + 1)),
        ("depart", json!(leg.depart.to_rfc3339())),
        ("arrive", json!(leg.arrive.to_rfc3339())),
        ("distanceMeters", json!(leg.metres)),
        ("confidence", json!(if leg.is_estimated { "ESTIMATED" } else { "ROUTED" })),
        // The line shows which places are joined, not the streets between them.
        ("geometry", json!("STRAIGHT")),
    ]);
    let geometry = Geometry::new(GeometryValue::LineString { coordinates: vec![at(leg.from), at(leg.to)] });
    Feature { geometry: Some(geometry), properties: Some(properties), ..Feature::default() }
}
