//! Connections that stay: WebSockets and event streams. They are counted, bounded, and told when the process ends.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use tokio::sync::watch;

/// Most connections of a process that stay.
const MOST: usize = 5_000;

/// The connections of a process that stay, and the word that it ends.
#[derive(Clone, Debug)]
pub struct Seats {
    /// Connections that are open, served or not: a client that reads nothing stays connected after we let it go.
    open: Arc<AtomicUsize>,
    /// Connections that are served.
    served: Arc<AtomicUsize>,
    ending: watch::Sender<bool>,
}

impl Default for Seats {
    fn default() -> Self {
        Self { open: Arc::default(), served: Arc::default(), ending: watch::channel(false).0 }
    }
}

impl Seats {
    /// A seat for one more connection; none when there are too many.
    pub(super) fn take(&self) -> Option<Seat> {
        let before = self.open.fetch_add(1, Ordering::SeqCst);
        let seat = Seat(Arc::clone(&self.open));
        (before < MOST).then_some(seat)
    }

    /// Counts a connection as served until this is dropped.
    pub(super) fn serve(&self) -> Seat {
        self.served.fetch_add(1, Ordering::SeqCst);
        Seat(Arc::clone(&self.served))
    }

    /// Told when the process ends.
    pub(super) fn ending(&self) -> watch::Receiver<bool> {
        self.ending.subscribe()
    }

    /// Tells all connections to close, and waits until that was said, a moment at most.
    pub async fn end(&self) {
        self.ending.send_replace(true);
        let all_told = async {
            while self.served.load(Ordering::SeqCst) > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        // Who does not read is not waited for.
        let _ = tokio::time::timeout(Duration::from_secs(2), all_told).await;
    }
}

/// Over when the process is told to end.
pub(super) async fn ended(ending: &mut watch::Receiver<bool>) {
    // The sender lives in the server; when it is gone, so is the server.
    let _ = ending.wait_for(|ending| *ending).await;
}

/// One of the connections that are counted, until it is dropped.
pub(super) struct Seat(Arc<AtomicUsize>);

impl Seat {
    /// What is sent on the connection; it ends with the connection, and so does the seat.
    pub(super) fn hold(self, body: BoxBody) -> Seated {
        Seated { body, _seat: self }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A body with its seat.
pub(super) struct Seated {
    body: BoxBody,
    _seat: Seat,
}

impl MessageBody for Seated {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_seats_and_who_leaves_makes_room() {
        let seats = Seats::default();
        let mut taken: Vec<Seat> = (0..MOST).filter_map(|_| seats.take()).collect();
        assert_eq!(taken.len(), MOST);
        assert!(seats.take().is_none() && seats.take().is_none());
        taken.pop();
        let another = seats.take();
        assert!(another.is_some() && seats.take().is_none());
    }
}
