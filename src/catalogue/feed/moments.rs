//! When each change of the log was written: what tells a log from the same log after a backup was restored and it went on
//! differently. The numbers are given out anew then, at other moments.

use std::sync::Arc;

use chrono::{DateTime, Utc};

/// Moments a part, parts being shared between snapshots.
const PART: usize = 1_024;

/// Of the changes 1, 2, 3, …: when, in seconds since 1970; 0 where it is not known. 4 bytes a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    full: Vec<Arc<[u32]>>,
    recent: Vec<u32>,
}

impl Moments {
    /// Of the changes with these numbers, which rise.
    pub fn new(changes: impl IntoIterator<Item = (i64, DateTime<Utc>)>) -> Self {
        let mut moments = Self::default();
        for (number, at) in changes {
            moments.push(number, at);
        }
        moments
    }

    /// Notes the next change.
    pub fn push(&mut self, number: i64, at: DateTime<Utc>) {
        let Some(index) = number.checked_sub(1).and_then(|index| usize::try_from(index).ok()) else { return };
        // A log has no gaps; what an older program left out is not known.
        for _ in self.count()..index {
            self.append(0);
        }
        if self.count() == index {
            self.append(seconds(at));
        }
    }

    fn append(&mut self, moment: u32) {
        self.recent.push(moment);
        if self.recent.len() == PART {
            self.full.push(std::mem::take(&mut self.recent).into());
        }
    }

    fn count(&self) -> usize {
        self.full.len() * PART + self.recent.len()
    }

    /// When the change of this number was written; 0 when that is not known.
    pub fn of(&self, number: i64) -> u32 {
        let Some(index) = number.checked_sub(1).and_then(|index| usize::try_from(index).ok()) else { return 0 };
        let part = self.full.get(index / PART).map_or(&*self.recent, |part| part);
        if index < self.count() { part.get(index % PART).copied().unwrap_or(0) } else { 0 }
    }

    /// Whether the change of this number may be the one that was written at `moment`.
    pub fn agree(&self, number: i64, moment: u32) -> bool {
        let known = self.of(number);
        known == 0 || moment == 0 || known == moment
    }
}

/// Seconds since 1970, as they are held; until 2106.
pub fn seconds(at: DateTime<Utc>) -> u32 {
    u32::try_from(at.timestamp().max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: u32) -> DateTime<Utc> {
        DateTime::from_timestamp(second.into(), 0).unwrap()
    }

    proptest! {
        #[test]
        fn each_moment_is_found_under_its_number_however_they_came(seconds in prop::collection::vec(1_u32.., 0..3_000), cut: prop::sample::Index) {
            let numbered: Vec<(i64, u32)> = (1..).zip(seconds).collect();
            let whole = Moments::new(numbered.iter().map(|(number, second)| (*number, at(*second))));
            let cut = cut.index(numbered.len() + 1);
            let mut grown = Moments::new(numbered[..cut].iter().map(|(number, second)| (*number, at(*second))));
            for (number, second) in &numbered[cut..] {
                grown.push(*number, at(*second));
            }
            prop_assert_eq!(&whole, &grown);
            for (number, second) in &numbered {
                prop_assert_eq!(whole.of(*number), *second);
                prop_assert!(!whole.agree(*number, second.wrapping_add(1).max(1)) || *second == u32::MAX);
            }
            prop_assert_eq!(whole.of(numbered.len() as i64 + 1), 0);
            prop_assert_eq!((whole.of(0), whole.of(-1), whole.of(i64::MIN)), (0, 0, 0));
        }
    }

    #[test]
    fn what_a_log_leaves_out_is_not_known() {
        let moments = Moments::new([(1, at(10)), (4, at(40))]);
        assert_eq!([1, 2, 3, 4, 5].map(|number| moments.of(number)), [10, 0, 0, 40, 0]);
        assert!(moments.agree(2, 77) && moments.agree(5, 77) && !moments.agree(4, 77));
    }
}
