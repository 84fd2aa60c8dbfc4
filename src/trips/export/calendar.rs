//! iCalendar (RFC 5545): one event a stop, with the way there in its description.
//!
//! Instants are in UTC form, so that no reader needs our zones. The UID of a stop is made of trip, subject and day, and SEQUENCE is the
//! version of the trip (§3.8.7.4): who imports a new version changes events instead of adding some.

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, Property};

use super::sheet::{Sheet, SheetDay, SheetStop};
use crate::trips::plan::answer::Subject;

/// Longest content line, in octets, without its line break (§3.1).
const MAX_LINE: usize = 75;

/// Writes the calendar.
pub(super) fn write(sheet: &Sheet) -> String {
    let mut calendar = Calendar::empty();
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Roteiro//Trips//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("X-WR-CALNAME", &*sheet.heading.title),
        // RFC 7986.
        ("NAME", &*sheet.heading.title),
        ("REFRESH-INTERVAL;VALUE=DURATION", "PT12H"),
    ] {
        calendar.append_property(Property::new(key, value));
    }
    for day in &sheet.days {
        for (index, stop) in day.stops.iter().enumerate() {
            calendar.push(event(sheet, day, index, stop));
        }
    }
    folded(&calendar.to_string())
}

fn event(sheet: &Sheet, day: &SheetDay, index: usize, stop: &SheetStop) -> Event {
    let subject = match stop.subject {
        Subject::PointOfInterest(id) | Subject::Event(id, _) => id.0,
    };
    let mut event = Event::new();
    for (key, value) in [
        ("UID", format!("{}-{}-{}@roteiro", sheet.heading.id.simple(), subject.simple(), day.date.format("%Y%m%d"))),
        ("SEQUENCE", sheet.heading.version.to_string()),
        ("DTSTAMP", utc(sheet.heading.updated_at)),
        ("LAST-MODIFIED", utc(sheet.heading.updated_at)),
        ("DTSTART", utc(stop.start.to_utc())),
        ("DTEND", utc(stop.depart.to_utc())),
        ("SUMMARY", stop.name.clone()),
        ("DESCRIPTION", description(sheet, day, index, stop)),
        // Latitude first (§3.8.1.6).
        ("GEO", format!("{:.6};{:.6}", stop.position.latitude(), stop.position.longitude())),
    ] {
        event.append_property(Property::new(key, value));
    }
    if let Some(address) = &stop.address {
        event.append_property(Property::new("LOCATION", address.as_str()));
    }
    if let Some(website) = &stop.website {
        event.append_property(Property::new("URL", website.as_str()));
    }
    event
}

fn description(sheet: &Sheet, day: &SheetDay, index: usize, stop: &SheetStop) -> String {
    let labels = &sheet.labels;
    let mut lines = Vec::new();
    if let Some(leg) = day.legs.get(index) {
        lines.push(format!("{} {}: {}", labels.leave, leg.depart.format("%H:%M"), leg.words));
    }
    lines.extend(stop.summary.clone());
    lines.extend(stop.hours.as_ref().map(|hours| format!("{}: {hours}", labels.hours)));
    lines.extend(stop.telephone.as_ref().map(|telephone| format!("{}: {telephone}", labels.telephone)));
    lines.extend(stop.reasons.iter().cloned());
    lines.extend(stop.warnings.iter().map(|warning| format!("{}: {warning}", labels.warnings)));
    lines.join("\n")
}

fn utc(instant: DateTime<Utc>) -> String {
    instant.format("%Y%m%dT%H%M%SZ").to_string()
}

/// The lines folded anew at 75 octets, at a character: the library gives the last piece of a line one octet too many.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for line in text.replace("\r\n ", "").split_terminator("\r\n") {
        let mut octets = 0;
        for letter in line.chars() {
            if octets + letter.len_utf8() > MAX_LINE {
                folded.push_str("\r\n ");
                octets = 1;
            }
            folded.push(letter);
            octets += letter.len_utf8();
        }
        folded.push_str("\r\n");
    }
    folded
}
