//! A saved trip with everything looked up, in the reader's language.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::labels::{Labels, duration};
use crate::catalogue::snapshot::Snapshot;
use crate::domain::category::CategoryKey;
use crate::domain::geo::Position;
use crate::domain::opening_hours::OpenState;
use crate::domain::point_of_interest::{Hours, PointOfInterest};
use crate::domain::provenance::Provenance;
use crate::domain::text::{Preferences, Text, localize};
use crate::travel::{Confidence, TravelMode};
use crate::trips::plan::answer::{Subject, TripDay, TripLeg, TripPlan, TripStop};
use crate::trips::plan::names::SnapshotNames;
use crate::trips::plan::words::{self, Names, Tongue};

/// What stands over the trip.
#[derive(Clone, Debug)]
pub struct Heading {
    /// Identity of the trip.
    pub id: Uuid,
    /// What its owner calls it.
    pub title: Box<str>,
    /// What its owner wants to remember.
    pub note: Option<Box<str>>,
    /// Its version.
    pub version: u32,
    /// When that was made.
    pub updated_at: DateTime<Utc>,
    /// Last part of the address of the page.
    pub token: Box<str>,
}

/// A trip as it is written.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// What stands over it; its texts have no control characters but line breaks in the note.
    pub heading: Heading,
    /// Language of our words.
    pub tongue: Tongue,
    pub(super) labels: Labels,
    /// The days.
    pub days: Vec<SheetDay>,
    /// What to know of the whole.
    pub warnings: Vec<String>,
    /// What broke since it was planned.
    pub notices: Vec<String>,
    /// Whom to credit, each once.
    pub credits: Vec<String>,
}

/// A day.
#[derive(Clone, Debug)]
pub struct SheetDay {
    /// Number, from 1.
    pub number: usize,
    /// Local date.
    pub date: NaiveDate,
    /// The date as people write it.
    pub title: String,
    /// When the start is left.
    pub depart: DateTime<Tz>,
    /// When the end is reached.
    pub arrive: DateTime<Tz>,
    /// Where it starts; absent when it cannot be travelled.
    pub start: Option<Position>,
    /// Where it ends; absent when it cannot be travelled.
    pub end: Option<Position>,
    /// The stops, each after the leg to it.
    pub stops: Vec<SheetStop>,
    /// The legs: to each stop, and to the end.
    pub legs: Vec<SheetLeg>,
}

impl SheetDay {
    /// Each stop with the way to it.
    pub(super) fn steps(&self) -> impl Iterator<Item = (&SheetStop, &SheetLeg)> {
        self.stops.iter().zip(&self.legs)
    }

    /// The way to the end of the day.
    pub(super) fn home(&self) -> Option<&SheetLeg> {
        self.legs.get(self.stops.len())
    }

    /// Where it leads.
    pub(super) fn positions(&self) -> impl Iterator<Item = Position> {
        self.start.into_iter().chain(self.stops.iter().map(|stop| stop.position)).chain(self.end)
    }
}

/// A stop.
#[derive(Clone, Debug)]
pub struct SheetStop {
    /// Number on its day, from 1.
    pub number: usize,
    /// What is visited.
    pub subject: Subject,
    /// Its name; that it was withdrawn, when it was.
    pub name: String,
    /// Its category.
    pub kind: Option<String>,
    /// One sentence.
    pub summary: Option<String>,
    /// Where.
    pub position: Position,
    /// When one arrives.
    pub arrive: DateTime<Tz>,
    /// When the visit starts.
    pub start: DateTime<Tz>,
    /// When it ends.
    pub depart: DateTime<Tz>,
    /// Why it was chosen.
    pub reasons: Vec<String>,
    /// What to know of it.
    pub warnings: Vec<String>,
    /// Where, in words.
    pub address: Option<String>,
    /// Telephone.
    pub telephone: Option<String>,
    /// Website, `http` or `https`.
    pub website: Option<String>,
    /// Its hours on that day; absent for events, and when it was withdrawn.
    pub hours: Option<String>,
}

impl SheetStop {
    /// What a telephone dials.
    pub(super) fn dialled(&self) -> String {
        self.telephone.iter().flat_map(|telephone| telephone.chars()).filter(|letter| letter.is_ascii_digit() || *letter == '+').collect()
    }

    /// How long one waits; nothing below a minute.
    pub(super) fn wait(&self) -> Option<String> {
        let seconds = (self.start - self.arrive).num_seconds();
        (seconds >= 60).then(|| duration(seconds))
    }
}

/// A way.
#[derive(Clone, Debug)]
pub struct SheetLeg {
    /// How one moves.
    pub mode: TravelMode,
    /// When.
    pub depart: DateTime<Tz>,
    /// Until when.
    pub arrive: DateTime<Tz>,
    /// Metres along the way.
    pub metres: u32,
    /// From where.
    pub from: Position,
    /// To where.
    pub to: Position,
    /// Whether it comes from a straight line.
    pub is_estimated: bool,
    /// The same in words.
    pub words: String,
}

/// What is known of a stop's subject today.
#[derive(Default)]
struct Known {
    name: Option<String>,
    kind: Option<CategoryKey>,
    summary: Option<String>,
    address: Option<String>,
    telephone: Option<String>,
    website: Option<String>,
    hours: Option<String>,
}

/// Writes the trip down for a reader. `notices` say what broke since it was planned.
pub fn sheet(heading: Heading, plan: &TripPlan, notices: Vec<String>, snapshot: &Snapshot, preferences: &Preferences) -> Sheet {
    let tongue = Tongue::of(preferences);
    let labels = Labels::of(tongue);
    let mut writer =
        Writer { snapshot, preferences, tongue, labels, names: SnapshotNames { snapshot, preferences }, credits: BTreeSet::new() };
    let days = plan.days.iter().enumerate().map(|(index, day)| writer.day(index + 1, day)).collect();
    let warnings = plan.warnings.iter().map(|warning| words::warning(warning, tongue, &writer.names)).collect();
    let heading = Heading {
        title: line(&heading.title).into(),
        note: heading.note.map(|note| {
            note.replace("\r\n", "\n").replace('\r', "\n").replace(|letter: char| letter.is_control() && letter != '\n', " ").into()
        }),
        ..heading
    };
    Sheet { heading, tongue, labels, days, warnings, notices, credits: writer.credits.into_iter().collect() }
}

/// A text on one line, without control characters, which neither XML nor calendars take.
fn line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

struct Writer<'a> {
    snapshot: &'a Snapshot,
    preferences: &'a Preferences,
    tongue: Tongue,
    labels: Labels,
    names: SnapshotNames<'a>,
    credits: BTreeSet<String>,
}

impl Writer<'_> {
    fn day(&mut self, number: usize, day: &TripDay) -> SheetDay {
        // The name was written by us from a zone.
        let zone: Tz = day.zone.parse().unwrap_or(chrono_tz::America::Cuiaba);
        let local = |instant: DateTime<Utc>| zone.from_utc_datetime(&instant.naive_utc());
        // Each stop has the leg to it.
        let stops: Vec<SheetStop> = (day.stops.iter().zip(&day.legs).enumerate())
            .map(|(index, (stop, leg))| self.stop(index + 1, stop, leg.to, day.date, zone))
            .collect();
        let legs = day.legs.iter().enumerate().map(|(index, leg)| self.leg(leg, stops.get(index), zone)).collect();
        let (start, end) = (day.legs.first().map(|leg| leg.from), day.legs.last().map(|leg| leg.to));
        SheetDay {
            number,
            date: day.date,
            title: self.tongue.long_date(day.date),
            depart: local(day.depart),
            arrive: local(day.arrive),
            start,
            end,
            stops,
            legs,
        }
    }

    fn leg(&self, leg: &TripLeg, to: Option<&SheetStop>, zone: Tz) -> SheetLeg {
        let local = |instant: DateTime<Utc>| zone.from_utc_datetime(&instant.naive_utc());
        let is_estimated = leg.confidence == Confidence::Estimated;
        let about = if is_estimated { format!("{} ", self.labels.approximately) } else { String::new() };
        let seconds = (leg.arrive - leg.depart).num_seconds();
        let whereto = if to.is_none() { format!(" {}", self.labels.to_home) } else { String::new() };
        let words = format!("{about}{} {}, {}{whereto}", duration(seconds), self.tongue.mode(leg.mode), self.tongue.distance(leg.metres));
        SheetLeg {
            mode: leg.mode,
            depart: local(leg.depart),
            arrive: local(leg.arrive),
            metres: leg.metres,
            from: leg.from,
            to: leg.to,
            is_estimated,
            words,
        }
    }

    fn stop(&mut self, number: usize, stop: &TripStop, position: Position, date: NaiveDate, zone: Tz) -> SheetStop {
        let local = |instant: DateTime<Utc>| zone.from_utc_datetime(&instant.naive_utc());
        let known = match stop.subject {
            Subject::PointOfInterest(id) => self.snapshot.place(id).map(|found| found.record).map(|place| self.place(place, date)),
            Subject::Event(id, _) => {
                let found = self.snapshot.event(id);
                found.map(|found| {
                    let event = found.record;
                    self.credit(&event.provenance);
                    Known {
                        kind: Some(event.category),
                        address: event.venue.as_ref().and_then(|venue| venue.name.as_deref()).map(line),
                        ..self.texts(&event.texts)
                    }
                })
            }
        };
        let known = known.unwrap_or_default();
        let kind = known.kind.and_then(|key| self.snapshot.reference.categories.get(key)).map(|category| category.slug.clone());
        SheetStop {
            number,
            subject: stop.subject,
            name: known.name.unwrap_or_else(|| self.labels.withdrawn.to_owned()),
            kind: kind.map(|slug| self.names.category(&slug)),
            summary: known.summary,
            position,
            arrive: local(stop.arrive),
            start: local(stop.start),
            depart: local(stop.depart),
            reasons: stop.reasons.iter().map(|reason| words::reason(reason, self.tongue, &self.names)).collect(),
            warnings: stop.warnings.iter().map(|warning| words::warning(warning, self.tongue, &self.names)).collect(),
            address: known.address,
            telephone: known.telephone,
            website: known.website,
            hours: known.hours,
        }
    }

    fn texts(&self, texts: &[Text]) -> Known {
        let text = |pick: fn(&Text) -> Option<&str>| localize(texts, self.preferences, pick).map(|found| line(found.value));
        Known { name: text(|text| Some(&text.name)), summary: text(|text| text.summary.as_deref()), ..Known::default() }
    }

    fn credit(&mut self, provenance: &Provenance) {
        let licences = &self.snapshot.reference.licences;
        self.credits.insert(line(&provenance.rights.attribution(&provenance.source, licences, self.preferences)));
    }

    fn place(&mut self, place: &PointOfInterest, date: NaiveDate) -> Known {
        self.credit(&place.provenance);
        let particulars = place.particulars.as_deref();
        let address = particulars.and_then(|particulars| particulars.address.as_ref()).map(|address| {
            let parts = [&address.street_address, &address.locality, &address.postal_code];
            parts.into_iter().flatten().map(|part| line(part)).collect::<Vec<_>>().join(", ")
        });
        let contact = particulars.and_then(|particulars| particulars.contact.as_ref());
        let url = contact.and_then(|contact| contact.url.as_deref());
        Known {
            kind: Some(place.category),
            address: address.filter(|address| !address.is_empty()),
            telephone: contact.and_then(|contact| contact.telephone.as_deref()).map(line),
            // Only what a browser opens: never `javascript:`.
            website: url.filter(|url| url.starts_with("https://") || url.starts_with("http://")).map(line),
            hours: Some(self.hours(place, date)),
            ..self.texts(&place.texts)
        }
    }

    fn hours(&self, place: &PointOfInterest, date: NaiveDate) -> String {
        let Hours::Known(hours) = &place.hours else { return self.labels.unknown_hours.to_owned() };
        let days = hours.days(date, date).unwrap_or_default();
        let open = days.iter().flat_map(|day| &day.intervals).filter(|interval| interval.state == OpenState::Open);
        let spans: Vec<String> =
            open.map(|interval| format!("{}–{}", interval.start.format("%H:%M"), interval.end.format("%H:%M"))).collect();
        if spans.is_empty() { line(hours.raw()) } else { spans.join(", ") }
    }
}
