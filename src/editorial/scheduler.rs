//! Publishing at the moment it was said. Every process looks; the row lock and the state of the draft see to it that one of them
//! publishes, and that one which dies in between leaves it to the others.

use std::sync::Arc;
use std::time::Duration;

use super::desk::Desk;
use super::error::EditorialError;
use crate::clock::Clock;

/// How often it is looked for what is due: well within the second that is promised.
const INTERVAL: Duration = Duration::from_millis(400);
/// Pause after a failure.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Publishes what is due by the clock that all processes share. It is asked once more before anything is published: a machine whose clock
/// was set forward meanwhile must not publish early for everybody.
pub async fn round(desk: &Desk, clock: &Clock) -> Result<usize, EditorialError> {
    if desk.has_due(clock.now()).await? {
        clock.ask(desk.store()).await?;
    }
    desk.publish_due(clock.now()).await
}

/// Publishes what falls due, for ever.
pub async fn run(desk: Arc<Desk>, clock: Clock) {
    let mut has_failed = false;
    loop {
        match round(&desk, &clock).await {
            Ok(_) => {
                has_failed = false;
                tokio::time::sleep(INTERVAL).await;
            }
            Err(error) => {
                // Said once an outage, not at each try.
                if !std::mem::replace(&mut has_failed, true) {
                    tracing::error!(error = &error as &dyn std::error::Error, "what is scheduled cannot be published; it is tried again");
                }
                tokio::time::sleep(RETRY_PAUSE).await;
            }
        }
    }
}
