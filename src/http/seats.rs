//! Connections that stay: WebSockets and event streams. They are counted, bounded in all and for each client, and told when the process
//! ends.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use tokio::sync::watch;

use super::answer::refusal;
use super::negotiate::MediaType;
use crate::domain::client::Client;
use crate::fair::shares::{Held, Room, Shares};
use crate::graphql::failure::{Code, Failure};

/// Most connections of a process that stay. One client may have half of them while nobody else wants them; once half are taken, 500. A
/// mobile carrier's address translation is one client, so that is what all its apps have together.
pub(super) const SEATS: Room = Room { all: 5_000, share: 500 };
/// When those may try again for whom there is no seat, in seconds.
const RETRY_AFTER_SECONDS: u32 = 5;

/// The connections of a process that stay, and the word that it ends.
#[derive(Clone, Debug)]
pub struct Seats {
    /// Connections that are open, served or not: a client that reads nothing stays connected after we let it go.
    open: Shares,
    /// Connections that are served.
    served: Arc<AtomicUsize>,
    ending: watch::Sender<bool>,
}

impl Seats {
    /// So many.
    pub(super) fn new(room: Room) -> Self {
        Self { open: Shares::new(room), served: Arc::default(), ending: watch::channel(false).0 }
    }

    /// A seat for one more connection of the client; none when there are too many.
    pub(super) fn take(&self, client: Client) -> Option<Seat> {
        self.open.take(client).map(Seat)
    }

    /// Counts a connection as served until this is dropped.
    pub(super) fn serve(&self) -> Served {
        self.served.fetch_add(1, Ordering::SeqCst);
        Served(Arc::clone(&self.served))
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

/// What those are told for whom there is no seat.
pub(super) fn full() -> HttpResponse {
    let message = "too many connections stay open, yours or all together; close one, or try again in a while";
    refusal(MediaType::Json, &Failure::new(Code::Busy, message).retry_after(RETRY_AFTER_SECONDS))
}

/// Over when the process is told to end.
pub(super) async fn ended(ending: &mut watch::Receiver<bool>) {
    // The sender lives in the server; when it is gone, so is the server.
    let _ = ending.wait_for(|ending| *ending).await;
}

/// One of the connections that are open, until it is dropped.
pub(super) struct Seat(#[expect(dead_code, reason = "it is held, not read")] Held);

impl Seat {
    /// What is sent on the connection; it ends with the connection, and so does the seat.
    pub(super) fn hold(self, body: BoxBody) -> Seated {
        Seated { body, _seat: self }
    }
}

/// One of the connections that are served, until it is dropped.
pub(super) struct Served(Arc<AtomicUsize>);

impl Drop for Served {
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
