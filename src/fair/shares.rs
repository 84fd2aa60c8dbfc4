//! Shares of what clients hold for long: seats of connections, places for images on their way. There is no waiting for it. While less
//! than half is taken whoever comes gets some; from then on only those who have less than a share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::client::{Client, Holder};

/// How much there is, and what a share of it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// In all.
    pub all: usize,
    /// What one holder may have once half is taken.
    pub share: usize,
}

/// What is held. Clones are the same.
#[derive(Clone, Debug)]
pub struct Shares {
    room: Room,
    held: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: HashMap<Holder, usize>,
}

/// One that is held, until it is dropped.
#[derive(Debug)]
pub struct Held {
    shares: Shares,
    holder: Holder,
}

impl Shares {
    /// Of this much.
    pub fn new(room: Room) -> Self {
        Self { room, held: Arc::default() }
    }

    /// One more for the client; `None` when everything is taken, or when half is and the client has its share.
    pub fn take(&self, client: Client) -> Option<Held> {
        let holder = client.holder();
        let mut taken = self.taken();
        let own = taken.by.get(&holder).copied().unwrap_or(0);
        let is_crowded = 2 * taken.all >= self.room.all;
        if taken.all >= self.room.all || is_crowded && own >= self.room.share {
            return None;
        }
        taken.all += 1;
        taken.by.insert(holder, own + 1);
        Some(Held { shares: self.clone(), holder })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut taken = self.shares.taken();
        taken.all -= 1;
        let own = taken.by.get(&self.holder).copied().unwrap_or(1) - 1;
        if own == 0 {
            taken.by.remove(&self.holder);
        } else {
            taken.by.insert(self.holder, own);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::domain::client::Network;

    fn at(number: u8) -> Client {
        Client::Anyone(Network::V4(Ipv4Addr::new(192, 0, 2, number)))
    }

    #[test]
    fn one_gets_half_and_the_others_their_shares_until_all_is_taken() {
        let shares = Shares::new(Room { all: 100, share: 10 });
        let take = |client| std::iter::from_fn(|| shares.take(client)).collect::<Vec<_>>();
        let mut greedy = take(at(1));
        assert_eq!(greedy.len(), 50);
        let others: Vec<_> = (2..=9).map(|number| take(at(number))).collect();
        assert_eq!(others.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 10, 10, 10, 0, 0, 0]);
        // What one gives back goes to whoever has less than a share, and not to itself.
        drop(greedy.pop());
        assert!(shares.take(at(1)).is_none());
        assert!(shares.take(at(9)).is_some());
        drop((greedy, others));
        assert!(shares.taken().by.is_empty() && shares.taken().all == 0);
    }
}
