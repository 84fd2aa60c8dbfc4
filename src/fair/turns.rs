//! Work that is done in turns: it has a permit of a queue while it computes, and gives it back while it waits for something else.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::future::BoxFuture;

use super::queue::{Busy, FairQueue, Permit};
use crate::domain::client::Client;

/// A task that has a permit whenever it is polled.
pub struct InTurns<F> {
    task: Pin<Box<F>>,
    turns: FairQueue,
    client: Client,
    permit: Option<Permit>,
    coming: Option<BoxFuture<'static, Result<Permit, Busy>>>,
}

impl<F: Future> InTurns<F> {
    /// With the permit it begins with.
    pub fn new(turns: FairQueue, client: Client, permit: Permit, task: F) -> Self {
        Self { task: Box::pin(task), turns, client, permit: Some(permit), coming: None }
    }
}

impl<F: Future> Future for InTurns<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        if self.permit.is_none() {
            let (turns, client) = (self.turns.clone(), self.client);
            let coming = self.coming.get_or_insert_with(|| Box::pin(async move { turns.acquire_again(client).await }));
            // Whoever has begun is never turned away.
            self.permit = ready!(coming.as_mut().poll(context)).ok();
            self.coming = None;
        }
        let polled = self.task.as_mut().poll(context);
        self.permit = None;
        polled
    }
}
