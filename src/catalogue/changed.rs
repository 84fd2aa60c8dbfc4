//! What the change log says, city by city: which records to read again, or that the city must be read whole.

use std::collections::{HashMap, HashSet};

use crate::domain::ids::{RecordId, RecordType};
use crate::store::read::Change;

/// Most records of a city that are read one by one; beyond that it is cheaper to read the city.
const MOST_RECORDS: usize = 256;

/// What happened to a city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityChange {
    /// Number of its last change.
    pub last: i64,
    /// What has to be read again.
    pub what: Reread,
}

/// What has to be read again of a city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reread {
    /// These records.
    Records(HashSet<(RecordType, RecordId)>),
    /// The whole city: some change named no record, or too many did.
    Whole,
}

/// The changes by city, as they rise in the log; nothing when one is of no city, and so of all.
pub fn by_city(changes: &[Change]) -> Option<HashMap<RecordId, CityChange>> {
    let mut cities: HashMap<RecordId, CityChange> = HashMap::new();
    for change in changes {
        let city = cities.entry(change.city?).or_insert_with(|| CityChange { last: 0, what: Reread::Records(HashSet::new()) });
        city.last = change.number;
        city.what.add(change);
    }
    Some(cities)
}

impl Reread {
    fn add(&mut self, change: &Change) {
        let Self::Records(records) = self else { return };
        let named = change.record_type.filter(|record_type| is_of_a_city(*record_type)).zip(change.record);
        match named {
            Some(named) if records.len() < MOST_RECORDS || records.contains(&named) => drop(records.insert(named)),
            Some(_) | None => *self = Self::Whole,
        }
    }
}

fn is_of_a_city(record_type: RecordType) -> bool {
    match record_type {
        RecordType::PointOfInterest | RecordType::Event | RecordType::Route => true,
        RecordType::City | RecordType::Category | RecordType::Municipality => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::write::ChangeKind;
    use uuid::Uuid;

    fn id(number: u128) -> RecordId {
        RecordId(Uuid::from_u128(number))
    }

    fn change(number: i64, city: u128, record: Option<u128>) -> Change {
        Change {
            number,
            at: chrono::DateTime::UNIX_EPOCH,
            city: Some(id(city)),
            record_type: Some(RecordType::PointOfInterest),
            record: record.map(id),
            kind: ChangeKind::Upsert,
        }
    }

    #[test]
    fn records_are_gathered_by_city() {
        let cities = by_city(&[change(1, 7, Some(1)), change(2, 8, Some(1)), change(3, 7, Some(2)), change(4, 7, Some(1))]).unwrap();
        let place = |number| (RecordType::PointOfInterest, id(number));
        assert_eq!(cities[&id(7)], CityChange { last: 4, what: Reread::Records(HashSet::from([place(1), place(2)])) });
        assert_eq!(cities[&id(8)], CityChange { last: 2, what: Reread::Records(HashSet::from([place(1)])) });
    }

    #[test]
    fn a_city_is_read_whole_when_a_change_names_no_record_or_too_many_do() {
        let without = by_city(&[change(1, 7, Some(1)), change(2, 7, None), change(3, 7, Some(3))]).unwrap();
        assert_eq!(without[&id(7)], CityChange { last: 3, what: Reread::Whole });
        let of_unknown_type = Change { record_type: None, ..change(1, 7, Some(1)) };
        assert_eq!(by_city(&[of_unknown_type]).unwrap()[&id(7)].what, Reread::Whole);
        let named = |count: usize| (0..count).map(|number| change(number as i64, 7, Some(number as u128))).collect::<Vec<_>>();
        assert_ne!(by_city(&named(MOST_RECORDS)).unwrap()[&id(7)].what, Reread::Whole);
        assert_eq!(by_city(&named(MOST_RECORDS + 1)).unwrap()[&id(7)].what, Reread::Whole);
    }

    #[test]
    fn a_change_of_no_city_is_one_of_all() {
        assert_eq!(by_city(&[change(1, 7, Some(1)), Change { city: None, ..change(2, 7, Some(1)) }]), None);
    }
}
