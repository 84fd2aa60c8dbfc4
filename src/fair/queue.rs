//! A semaphore that is fair between clients. While a permit is free whoever comes takes it. Otherwise they wait: each client in a line of
//! its own, first come first served, and a permit that is given back goes round among those who wait ([`super::waiting`]). Too many
//! waiting is answered at the expense of whoever has the most waiting, the newest first.
//!
//! Whoever needs several permits takes them together. While the one whose turn it is waits for enough, nobody overtakes it: what is large
//! is not starved by what is small.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::waiting::Waiting;
use crate::domain::client::Client;

/// How much there is, and how many may wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Permits, at least 1: one each, or as many as there are of what is divided.
    pub permits: usize,
    /// Most that wait.
    pub waiting: usize,
    /// Most that wait of one client.
    pub waiting_a_client: usize,
}

impl Bounds {
    /// So many permits and so many waiting, whosever they are.
    pub const fn new(permits: usize, waiting: usize) -> Self {
        Self { permits, waiting, waiting_a_client: waiting }
    }
}

/// There are as many waiting as may be, and the client that asked has the most of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too much is being done at once; ask again in a moment")]
pub struct Busy;

/// The queue. Clones are the same queue.
#[derive(Clone, Debug)]
pub struct FairQueue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    bounds: Bounds,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    waiting: Waiting<Waiter>,
    next_ticket: u64,
}

#[derive(Debug)]
struct Waiter {
    ticket: u64,
    amount: usize,
    answer: oneshot::Sender<Result<Permit, Busy>>,
}

/// The right to go on, until it is dropped.
#[derive(Debug)]
pub struct Permit {
    queue: FairQueue,
    amount: usize,
}

impl FairQueue {
    /// With these bounds.
    pub fn new(bounds: Bounds) -> Self {
        let state = State { free: bounds.permits.max(1), waiting: Waiting::default(), next_ticket: 0 };
        Self(Arc::new(Shared { bounds, state: Mutex::new(state) }))
    }

    /// Waits for a permit. Dropping the future gives up the place.
    pub async fn acquire(&self, client: Client) -> Result<Permit, Busy> {
        self.enter(client, 1, true).await
    }

    /// Waits for so many permits together, at most all there are. Dropping the future gives up the place.
    pub async fn acquire_many(&self, client: Client, amount: usize) -> Result<Permit, Busy> {
        self.enter(client, amount.min(self.0.bounds.permits.max(1)), true).await
    }

    /// Waits for a permit however many wait: for work that has begun and would be lost.
    pub async fn acquire_again(&self, client: Client) -> Result<Permit, Busy> {
        self.enter(client, 1, false).await
    }

    /// How many wait now.
    pub fn waiting(&self) -> usize {
        self.state().waiting.count()
    }

    async fn enter(&self, client: Client, amount: usize, is_bounded: bool) -> Result<Permit, Busy> {
        let (mut place, evicted) = {
            let mut state = self.state();
            if state.waiting.count() == 0 && state.free >= amount {
                state.free -= amount;
                return Ok(Permit { queue: self.clone(), amount });
            }
            let evicted = if is_bounded { self.make_room(&mut state, client)? } else { None };
            let ticket = state.next_ticket;
            state.next_ticket += 1;
            let (answer, answered) = oneshot::channel();
            state.waiting.push(client, Waiter { ticket, amount, answer });
            (Place { queue: self, client, ticket, answered }, evicted)
        };
        if let Some(evicted) = evicted {
            // One that gave up meanwhile needs no answer.
            let _ = evicted.answer.send(Err(Busy));
            self.hand_out();
        }
        // The sender is dropped with the queue alone, which outlives this future.
        (&mut place.answered).await.unwrap_or(Err(Busy))
    }

    /// Gives what is free to those whose turn it is, until one needs more than is left.
    fn hand_out(&self) {
        loop {
            let next = {
                let mut state = self.state();
                let free = state.free;
                if state.waiting.front().is_none_or(|waiter| waiter.amount > free) {
                    return;
                }
                let Some(next) = state.waiting.pop() else { return };
                state.free -= next.amount;
                next
            };
            let permit = Permit { queue: self.clone(), amount: next.amount };
            if let Err(Ok(mut unwanted)) = next.answer.send(Ok(permit)) {
                // To one that gave up meanwhile: then it is the next one's.
                self.state().free += std::mem::take(&mut unwanted.amount);
            }
        }
    }

    /// Makes room for one more waiter of the client: whom to turn away for it, if anybody.
    fn make_room(&self, state: &mut State, client: Client) -> Result<Option<Waiter>, Busy> {
        let bounds = self.0.bounds;
        if state.waiting.of(client) >= bounds.waiting_a_client {
            return Err(Busy);
        }
        if state.waiting.count() < bounds.waiting {
            return Ok(None);
        }
        state.waiting.give_way(client).map(Some).ok_or(Busy)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.amount > 0 {
            self.queue.state().free += self.amount;
            self.queue.hand_out();
        }
    }
}

/// A place in the queue. When it is dropped before its turn it is given up; a permit that is on its way is dropped with `answered`.
struct Place<'a> {
    queue: &'a FairQueue,
    client: Client,
    ticket: u64,
    answered: oneshot::Receiver<Result<Permit, Busy>>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let ticket = self.ticket;
        let was_waiting = self.queue.state().waiting.remove(self.client, |waiter| waiter.ticket == ticket);
        if was_waiting {
            // It may have kept those behind it from what is free.
            self.queue.hand_out();
        }
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
