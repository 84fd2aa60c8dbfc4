//! Who waits: a line for each client, first come first served, and turns that go round among the holders of a share and, within a
//! share, among its clients.

use std::collections::VecDeque;

use crate::domain::client::{Client, Holder};

/// Those who wait.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    /// In the order of their turns.
    shares: VecDeque<Share<T>>,
    count: usize,
}

#[derive(Debug)]
struct Share<T> {
    holder: Holder,
    /// In the order of their turns; none is empty.
    lines: VecDeque<Line<T>>,
    count: usize,
}

#[derive(Debug)]
struct Line<T> {
    client: Client,
    waiters: VecDeque<T>,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self { shares: VecDeque::new(), count: 0 }
    }
}

impl<T> Waiting<T> {
    /// How many wait.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// How many of this client wait.
    pub fn of(&self, client: Client) -> usize {
        let share = self.shares.iter().find(|share| share.holder == client.holder());
        share.and_then(|share| share.lines.iter().find(|line| line.client == client)).map_or(0, |line| line.waiters.len())
    }

    /// Takes a place at the end of the client's line.
    pub fn push(&mut self, client: Client, waiter: T) {
        let holder = client.holder();
        let found = self.shares.iter().position(|share| share.holder == holder);
        let index = found.unwrap_or_else(|| {
            self.shares.push_back(Share { holder, lines: VecDeque::new(), count: 0 });
            self.shares.len() - 1
        });
        let share = &mut self.shares[index];
        match share.lines.iter_mut().find(|line| line.client == client) {
            Some(line) => line.waiters.push_back(waiter),
            None => share.lines.push_back(Line { client, waiters: VecDeque::from([waiter]) }),
        }
        share.count += 1;
        self.count += 1;
    }

    /// Whoever's turn it is.
    pub fn front(&self) -> Option<&T> {
        self.shares.front()?.lines.front()?.waiters.front()
    }

    /// Takes out whoever's turn it is.
    pub fn pop(&mut self) -> Option<T> {
        let mut share = self.shares.pop_front()?;
        let mut line = share.lines.pop_front()?;
        let waiter = line.waiters.pop_front()?;
        self.count -= 1;
        share.count -= 1;
        if !line.waiters.is_empty() {
            share.lines.push_back(line);
        }
        if share.count > 0 {
            self.shares.push_back(share);
        }
        Some(waiter)
    }

    /// Takes out the one of this client that is meant; false when it waits no more.
    pub fn remove(&mut self, client: Client, is_meant: impl Fn(&T) -> bool) -> bool {
        let Some(index) = self.shares.iter().position(|share| share.holder == client.holder()) else { return false };
        let Some(line) = self.shares[index].lines.iter().position(|line| line.client == client) else { return false };
        let Some(place) = self.shares[index].lines[line].waiters.iter().position(is_meant) else { return false };
        self.take(index, line, place).is_some()
    }

    /// Takes out the newest waiter of the greediest other, to make room for one of this client; `None` when nobody waits for so much
    /// more than this client that giving way would be fair.
    pub fn give_way(&mut self, client: Client) -> Option<T> {
        let own = self.shares.iter().find(|share| share.holder == client.holder()).map_or(0, |share| share.count);
        let (index, share) = self.shares.iter().enumerate().max_by_key(|(_, share)| share.count)?;
        if share.holder != client.holder() && share.count >= own + 2 {
            return self.take_newest(index);
        }
        let index = self.shares.iter().position(|share| share.holder == client.holder())?;
        let most = self.shares[index].lines.iter().map(|line| line.waiters.len()).max()?;
        if most >= self.of(client) + 2 { self.take_newest(index) } else { None }
    }

    /// The last of the longest line of a share.
    fn take_newest(&mut self, index: usize) -> Option<T> {
        let (line, longest) = self.shares[index].lines.iter().enumerate().max_by_key(|(_, line)| line.waiters.len())?;
        self.take(index, line, longest.waiters.len().checked_sub(1)?)
    }

    fn take(&mut self, index: usize, line: usize, place: usize) -> Option<T> {
        let share = &mut self.shares[index];
        let waiter = share.lines[line].waiters.remove(place)?;
        share.count -= 1;
        self.count -= 1;
        if share.lines[line].waiters.is_empty() {
            share.lines.remove(line);
        }
        if share.count == 0 {
            self.shares.remove(index);
        }
        Some(waiter)
    }
}
