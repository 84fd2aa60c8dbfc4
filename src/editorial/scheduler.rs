//! Publishing at the moment it was said. Every process looks; the row lock and the state of the draft see to it that one of them
//! publishes, and that one which dies in between leaves it to the others.

use std::sync::Arc;
use std::time::Duration;

use super::desk::Desk;
use super::error::EditorialError;
use crate::causes;
use crate::clock::Clock;
use crate::supervise::Stop;

/// How often it is looked for what is due: well within the second that is promised.
const INTERVAL: Duration = Duration::from_millis(400);
/// Pause after a failure.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Publishes what is due by the clock that all processes share. It is asked once more before anything is published: a machine whose clock
/// was set forward meanwhile must not publish early for everybody.
pub async fn round(desk: &Desk, clock: &Clock) -> Result<usize, EditorialError> {
    if desk.has_due(clock.now()).await? {
        desk.store().tell_time(clock).await?;
    }
    desk.publish_due(clock.now()).await
}

/// Publishes what falls due until it is asked to stop.
pub async fn run(desk: Arc<Desk>, clock: Clock, stop: Stop) {
    // So that the first who publishes after a start does not wait for it; whoever needs it tries again.
    if let Err(error) = desk.prepare().await {
        tracing::warn!(cause = causes::chain(&error), "the outlines of municipalities cannot be read yet");
    }
    let mut has_failed = false;
    loop {
        let pause = match round(&desk, &clock).await {
            Ok(_) => {
                has_failed = false;
                INTERVAL
            }
            Err(error) => {
                desk.note(&error, clock.now());
                // Said once an outage, not at each try.
                if !std::mem::replace(&mut has_failed, true) {
                    tracing::error!(cause = causes::chain(&error), "what is scheduled cannot be published; it is tried again");
                }
                RETRY_PAUSE
            }
        };
        if !stop.pause(pause).await {
            return;
        }
    }
}
