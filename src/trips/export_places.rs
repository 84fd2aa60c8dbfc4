//! How many are handed all that is kept of them at a time: one file a visitor, four a network, so that it takes many networks to keep
//! others waiting. A place ends by itself: who does not read what was asked for holds it for minutes at most.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::client::Network;
use crate::domain::ids::VisitorId;

/// Most at a time. One takes a page of its rows, some hundred KB, and now and then a turn at the database.
const ALL: usize = 64;
/// Most at a time for one network, with all its visitors.
const A_NETWORK: usize = 4;
/// How long a file may take: 20 MB at 1 Mbit/s.
const LONGEST: Duration = Duration::from_mins(3);
/// When one may ask again, in seconds.
pub const RETRY_AFTER_SECONDS: u32 = 5;

/// There is no place now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("your data is being handed over already, or that of many others; ask again in a moment")]
pub struct NoPlace;

/// The place has ended: somebody else may have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file was read too slowly")]
pub struct TooSlow;

/// The places of a process. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct ExportPlaces(Arc<Mutex<Vec<Taken>>>);

#[derive(Debug)]
struct Taken {
    visitor: VisitorId,
    network: Network,
    ends: Instant,
    place: std::sync::Weak<()>,
}

/// A place, until it is dropped or ends.
#[derive(Debug)]
pub(super) struct ExportPlace {
    ends: Instant,
    /// What the place is known by; gone with it.
    _here: Arc<()>,
}

impl ExportPlaces {
    /// A place for one file of the visitor.
    pub fn take(&self, visitor: VisitorId, network: Network) -> Result<ExportPlace, NoPlace> {
        self.take_at(visitor, network, Instant::now())
    }

    fn take_at(&self, visitor: VisitorId, network: Network, now: Instant) -> Result<ExportPlace, NoPlace> {
        let mut taken = self.taken();
        taken.retain(|taken| taken.ends > now && taken.place.strong_count() > 0);
        let is_theirs = taken.iter().any(|taken| taken.visitor == visitor);
        let of_network = taken.iter().filter(|taken| taken.network == network).count();
        if is_theirs || of_network >= A_NETWORK || taken.len() >= ALL {
            return Err(NoPlace);
        }
        let (here, ends) = (Arc::new(()), now + LONGEST);
        taken.push(Taken { visitor, network, ends, place: Arc::downgrade(&here) });
        Ok(ExportPlace { ends, _here: here })
    }

    fn taken(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ExportPlace {
    /// Fails once the place has ended.
    pub fn check(&self) -> Result<(), TooSlow> {
        self.check_at(Instant::now())
    }

    fn check_at(&self, now: Instant) -> Result<(), TooSlow> {
        if now < self.ends { Ok(()) } else { Err(TooSlow) }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use uuid::Uuid;

    use super::*;

    fn visitor(number: u128) -> VisitorId {
        VisitorId(Uuid::from_u128(number))
    }

    fn network(number: u8) -> Network {
        Network::V4(Ipv4Addr::new(192, 0, 2, number))
    }

    #[test]
    fn a_visitor_has_one_a_network_four_and_all_together_64_until_they_end() {
        let (places, now) = (ExportPlaces::default(), Instant::now());
        let take = |who, from| places.take_at(visitor(who), network(from), now);
        let first = take(1, 1).unwrap();
        assert_eq!(take(1, 2).unwrap_err(), NoPlace, "one a visitor");
        let mut held: Vec<ExportPlace> = (2..=4).map(|number| take(number, 1).unwrap()).collect();
        assert!(take(5, 1).is_err(), "the network has its four");
        drop(held.pop());
        held.push(take(1_000, 1).unwrap());
        held.extend((5..=64).map(|number| take(number.into(), number / 4 + 1).unwrap()));
        assert!(take(65, 100).is_err(), "all are taken");
        let (later, just_before) = (now + LONGEST, now + Duration::from_secs(179));
        first.check_at(just_before).unwrap();
        assert_eq!(first.check_at(later), Err(TooSlow));
        places.take_at(visitor(1), network(1), later).unwrap();
    }
}
