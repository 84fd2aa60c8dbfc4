//! Threads for what takes a core longer than a moment, so that short requests are never behind it. Clients take turns at the cores: a
//! task has one while it computes and gives it back while it waits for something else.

use tokio::runtime::{Builder, Runtime};
use tokio::task::AbortHandle;
use tracing::Instrument;

use super::queue::{Bounds, Busy, FairQueue};
use super::turns::InTurns;
use super::work;
use crate::domain::client::Client;

/// Most tasks that wait to begin.
const WAITING: usize = 256;

/// The threads.
pub struct Pool {
    runtime: Option<Runtime>,
    turns: FairQueue,
}

/// Why a task has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// Too many wait to begin.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// It panicked.
    #[error("the task panicked")]
    Panicked,
}

impl Pool {
    /// As wide as the machine has cores. Fails when it has no threads to give.
    pub fn new() -> std::io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let runtime = Builder::new_multi_thread().worker_threads(cores).thread_name("heavy").enable_all().build()?;
        Ok(Self { runtime: Some(runtime), turns: FairQueue::new(Bounds::new(cores, WAITING)) })
    }

    /// Does something for a client in its turns. Dropping the future gives the task up where it waits next.
    pub async fn run<T: Send + 'static>(&self, client: Client, task: impl Future<Output = T> + Send + 'static) -> Result<T, PoolError> {
        let permit = self.turns.acquire(client).await?;
        let runtime = self.runtime.as_ref().ok_or(PoolError::Panicked)?;
        let task = InTurns::new(self.turns.clone(), client, permit, task);
        let running = runtime.spawn(work::on_behalf_of(client, task).in_current_span());
        let _abandoned = Abandon(running.abort_handle());
        running.await.map_err(|_| PoolError::Panicked)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Threads are not waited for: a runtime may not be where another one drops this.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Ends a task when nobody waits for it any more.
struct Abandon(AbortHandle);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, mpsc};

    use super::*;
    use crate::domain::client::Network;

    #[tokio::test]
    async fn a_task_that_waits_leaves_its_core_to_others() {
        let pool = Pool::new().unwrap();
        let client = Client::Anyone(Network::Unknown);
        let cores = std::thread::available_parallelism().unwrap().get();
        let (sender, receiver) = tokio::sync::watch::channel(false);
        let waiting = futures::future::join_all((0..4 * cores).map(|_| {
            let mut receiver = receiver.clone();
            pool.run(client, async move { receiver.wait_for(|is_time| *is_time).await.is_ok() })
        }));
        // All of them wait for this one, which finds a core.
        let last = async {
            tokio::task::yield_now().await;
            assert_eq!(pool.run(client, async { 7 }).await, Ok(7));
            sender.send_replace(true);
        };
        let (waiting, ()) = tokio::join!(waiting, last);
        assert!(waiting.iter().all(|one| *one == Ok(true)));
    }

    #[tokio::test]
    async fn what_panics_says_so_and_what_nobody_waits_for_is_given_up() {
        let pool = Pool::new().unwrap();
        let client = Client::Process;
        let panicked: Result<(), _> = pool.run(client, async { panic!("as asked") }).await;
        assert_eq!(panicked, Err(PoolError::Panicked));
        let (dropped, was_dropped) = mpsc::channel::<()>();
        let ran = Arc::new(AtomicUsize::new(0));
        {
            let counted = Arc::clone(&ran);
            let endless = pool.run(client, async move {
                counted.fetch_add(1, Ordering::SeqCst);
                let _dropped = dropped;
                std::future::pending::<()>().await;
            });
            tokio::pin!(endless);
            while ran.load(Ordering::SeqCst) == 0 {
                let _ = tokio::time::timeout(std::time::Duration::from_millis(5), &mut endless).await;
            }
        }
        // Its end of the channel goes with it.
        let gone = tokio::task::spawn_blocking(move || was_dropped.recv()).await.unwrap();
        assert!(gone.is_err());
    }
}
