//! Records that may be the same thing: a place by its name, its distance and its telephone, an event by its name and its dates. Looked
//! for among what is published, in every city: a waterfall between two towns is entered in both.

use strsim::jaro_winkler;

use super::content::{at, name, text};
use crate::catalogue::collation::fold;
use crate::catalogue::records::Record;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::geo::Position;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::point_of_interest::PointOfInterest;
use crate::domain::schedule;
use crate::domain::work_budget::{Spent, WorkBudget};

/// Most duplicates that are told.
pub const MOST: usize = 5;
/// How far apart two positions of one thing may lie, in metres: two sources put the same waterfall 7 km apart, two entries of one museum
/// stand at two ends of its square.
const SAME_TOWN_METRES: f64 = 8_000.0;
/// Within this distance a name need not be as alike.
const SAME_SQUARE_METRES: f64 = 300.0;
/// Names that are one thing wherever the two lie within [`SAME_TOWN_METRES`] (Jaro–Winkler, Winkler 1990; 1 is equal).
const SAME_NAME: f64 = 0.93;
/// Names that are one thing when the two lie within [`SAME_SQUARE_METRES`].
const ALIKE_NAME: f64 = 0.80;
/// Digits at the end of a telephone that make it the same.
const TELEPHONE_DIGITS: usize = 8;
/// Days that two editions of one event may lie apart.
const SAME_EDITION_DAYS: i64 = 45;

/// Units of work of comparing two names, folded and sorted.
const SIMILARITY_EFFORT: u64 = 64;

/// A published record that may be the same thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Duplicate {
    /// The record.
    pub id: RecordId,
    /// How alike the names are, from 0 to 1.
    pub name_similarity: f64,
    /// Metres between the two; absent when one has no position.
    pub distance: Option<f64>,
    /// Whether both have the same telephone.
    pub same_telephone: bool,
}

/// Published records that may be the same thing as this content, the likeliest first.
pub fn duplicates(
    (record_type, id): (RecordType, RecordId),
    content: &serde_json::Value,
    snapshot: &Snapshot,
    budget: &WorkBudget,
) -> Result<Vec<Duplicate>, Spent> {
    let mut found = match record_type {
        RecordType::PointOfInterest => places(id, content, snapshot, budget)?,
        RecordType::Event => events(id, content, snapshot, budget)?,
        _ => Vec::new(),
    };
    let likelihood = |duplicate: &Duplicate| duplicate.name_similarity + f64::from(u8::from(duplicate.same_telephone));
    found.sort_by(|one, other| likelihood(other).total_cmp(&likelihood(one)).then(one.id.cmp(&other.id)));
    found.truncate(MOST);
    Ok(found)
}

/// How alike two names are: their words in order of the alphabet, so that `Museu Histórico` is `Histórico, Museu`.
fn similarity(one: &str, other: &str) -> f64 {
    let sorted = |name: &str| {
        let folded = fold(name);
        let mut words: Vec<&str> = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        words.join(" ")
    };
    jaro_winkler(&fold(one), &fold(other)).max(jaro_winkler(&sorted(one), &sorted(other)))
}

fn telephone(number: Option<&str>) -> Option<String> {
    let digits: String = number?.chars().filter(char::is_ascii_digit).collect();
    digits.len().checked_sub(TELEPHONE_DIGITS).map(|start| digits[start..].to_owned())
}

fn telephone_of(place: &PointOfInterest) -> Option<String> {
    let contact = place.particulars.as_ref().and_then(|known| known.contact.as_ref());
    telephone(contact.and_then(|contact| contact.telephone.as_deref()))
}

fn places(id: RecordId, content: &serde_json::Value, snapshot: &Snapshot, budget: &WorkBudget) -> Result<Vec<Duplicate>, Spent> {
    let degrees = |field| at(content, field).and_then(serde_json::Value::as_f64);
    let position = degrees("latitude").zip(degrees("longitude")).and_then(|(north, east)| Position::new(north, east).ok());
    let (name, number) = (name(content), telephone(text(content, "contact.telephone")));
    let mut meter = budget.meter(SIMILARITY_EFFORT);
    let mut examine = |place: &PointOfInterest| {
        meter.step()?;
        let known = telephone_of(place);
        let distance = position.map(|position| position.distance_metres(place.position));
        let duplicate = Duplicate {
            id: place.id,
            name_similarity: name.map_or(0.0, |name| similarity(name, place.name())),
            distance,
            same_telephone: known.is_some() && known == number,
        };
        let within = |metres| distance.is_none_or(|distance| distance <= metres);
        let is_same = duplicate.same_telephone
            || duplicate.name_similarity >= SAME_NAME && within(SAME_TOWN_METRES)
            || duplicate.name_similarity >= ALIKE_NAME && distance.is_some() && within(SAME_SQUARE_METRES);
        Ok((is_same && place.id != id).then_some(duplicate))
    };
    let mut found: Vec<Duplicate> = Vec::new();
    for shard in &snapshot.shards {
        match position {
            // Far away nothing but the telephone counts, and few have one.
            Some(position) => {
                let near = shard.spatial.within_chord(position.earth_centred(), SAME_TOWN_METRES);
                let near: Vec<&PointOfInterest> = near.filter_map(|number| shard.places.get(number as usize)).collect();
                // Names are compared of those alone whose telephone is the same.
                budget.draw(if number.is_some() { shard.places.len() as u64 } else { 0 })?;
                let by_telephone = shard.places.iter().filter(|place| number.is_some() && telephone_of(place) == number);
                for place in near.into_iter().chain(by_telephone) {
                    found.extend(examine(place)?);
                }
            }
            None => {
                for place in shard.places.iter() {
                    found.extend(examine(place)?);
                }
            }
        }
    }
    found.sort_by_key(|duplicate| duplicate.id);
    found.dedup_by_key(|duplicate| duplicate.id);
    Ok(found)
}

fn events(id: RecordId, content: &serde_json::Value, snapshot: &Snapshot, budget: &WorkBudget) -> Result<Vec<Duplicate>, Spent> {
    let Some(name) = name(content) else { return Ok(Vec::new()) };
    let mut meter = budget.meter(SIMILARITY_EFFORT);
    let start = text(content, "dtstart").and_then(|start| schedule::instant("dtstart", start, chrono_tz::UTC).ok());
    let events = snapshot.shards.iter().flat_map(|shard| shard.events.iter());
    let examine = |event: &crate::domain::event::Event| {
        if let Err(spent) = meter.step() {
            return Some(Err(spent));
        }
        let similarity = similarity(name, event.name());
        let is_near = match (start, event.schedule.first_start()) {
            (Some(start), Some(known)) => (start - known).num_days().abs() <= SAME_EDITION_DAYS,
            (None, None) => true,
            _ => false,
        };
        let is_same = similarity >= SAME_NAME && is_near && event.id != id;
        is_same.then_some(Ok(Duplicate { id: event.id, name_similarity: similarity, distance: None, same_telephone: false }))
    };
    events.filter_map(examine).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_whatever_their_accents_and_order() {
        assert!(similarity("Cachoeira Véu de Noiva", "cachoeira veu de noiva") > 0.99);
        assert!(similarity("Museu Histórico de Mato Grosso", "Histórico de Mato Grosso, Museu") > 0.99);
        assert!(similarity("Cachoeira da Prainha", "Cachoeira da Praínha") >= SAME_NAME);
        assert!(similarity("Museu do Rio", "Museu da Caixa d'Água") < SAME_NAME);
        assert_eq!(telephone(Some("+55 (65) 3000-1234")), telephone(Some("65 3000 1234")));
        assert_eq!(telephone(Some("190")), None);
    }
}
