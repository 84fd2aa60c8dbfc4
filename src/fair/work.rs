//! For whom work is done. The task that does it carries this along, as it carries a tracing span: whatever it comes to need, in whichever
//! room, it waits for in its client's name. Nothing else may depend on it: no answer, no right, no time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::StreamExt;
use futures::stream::{self, BoxStream, Stream};
use tokio::sync::Semaphore;

use crate::domain::client::Client;

/// Connections to the database that one operation uses at a time.
const CONNECTIONS_AN_OPERATION: usize = 2;

tokio::task_local! {
    static WORK: Work;
}

/// Work for a client: one operation, or one file that is sent or fetched.
#[derive(Clone, Debug)]
pub struct Work {
    /// For whom.
    pub client: Client,
    /// The operation's own connections to the database.
    lane: Arc<Semaphore>,
    /// Transactions that this task has open.
    open: Arc<AtomicUsize>,
}

impl Work {
    fn new(client: Client) -> Self {
        Self { client, lane: Arc::new(Semaphore::new(CONNECTIONS_AN_OPERATION)), open: Arc::default() }
    }

    /// The operation's own connections to the database.
    pub(crate) const fn lane(&self) -> &Arc<Semaphore> {
        &self.lane
    }

    /// Whether the task holds a connection already. It does not wait for another: it would wait for itself.
    pub(crate) fn is_in_transaction(&self) -> bool {
        self.open.load(Ordering::SeqCst) > 0
    }

    /// Notes that the task holds a connection, until the mark is dropped.
    pub(crate) fn mark_transaction(&self) -> InTransaction {
        self.open.fetch_add(1, Ordering::SeqCst);
        InTransaction(Arc::clone(&self.open))
    }
}

/// A transaction is open until this is dropped.
#[derive(Debug)]
pub(crate) struct InTransaction(Arc<AtomicUsize>);

impl Drop for InTransaction {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Does something for a client.
pub async fn on_behalf_of<T>(client: Client, work: impl Future<Output = T>) -> T {
    WORK.scope(Work::new(client), work).await
}

/// Gives events for a client.
pub fn stream_on_behalf_of<T>(client: Client, events: impl Stream<Item = T> + Unpin + Send + 'static) -> BoxStream<'static, T> {
    let work = Work::new(client);
    let next = |(mut events, work): (_, Work)| async move {
        let event = WORK.scope(work.clone(), StreamExt::next(&mut events)).await?;
        Some((event, (events, work)))
    };
    stream::unfold((events, work), next).boxed()
}

/// What the current task does, when it is for a client.
pub fn current() -> Option<Work> {
    WORK.try_with(Work::clone).ok()
}

/// The client that the current task works for; the process itself when it is for nobody.
pub fn client() -> Client {
    WORK.try_with(|work| work.client).unwrap_or(Client::Process)
}

/// The same work in a task of its own, with transactions of its own; within one it goes on in that.
pub async fn carry<T>(work: Option<Work>, task: impl Future<Output = T>) -> T {
    match work {
        Some(work) if work.is_in_transaction() => WORK.scope(work, task).await,
        Some(work) => WORK.scope(Work { open: Arc::default(), ..work }, task).await,
        None => task.await,
    }
}
