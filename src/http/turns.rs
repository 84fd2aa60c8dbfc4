//! Turns at a thread that answers. It does one thing after the other anyway; of many requests that are there at once it takes those of
//! each client in turn, however many connections a client has.

use crate::domain::client::Client;
use crate::fair::queue::{Bounds, Busy, FairQueue};
use crate::fair::turns::InTurns;

/// Most requests that wait for a thread: more than a benchmark or a partner's first load has under way.
const WAITING: usize = 4_096;

/// The turns of one thread. Clones are the same.
#[derive(Clone, Debug)]
pub struct Turns(FairQueue);

impl Default for Turns {
    fn default() -> Self {
        Self(FairQueue::new(Bounds::new(1, WAITING)))
    }
}

impl Turns {
    /// Does something in the client's turns.
    pub(super) async fn run<T>(&self, client: Client, task: impl Future<Output = T>) -> Result<T, Busy> {
        let permit = self.0.acquire(client).await?;
        // Lets the thread read what else has arrived: whoever is first has no more than the first turn.
        tokio::task::yield_now().await;
        Ok(InTurns::new(self.0.clone(), client, permit, task).await)
    }
}
