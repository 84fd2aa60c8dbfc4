//! Waking over a Redis channel. Redis slow, full or gone costs the polling interval and nothing else.

use std::time::Duration;

use futures::StreamExt;
use redis::Client;
use redis::aio::PubSub;

/// The channel on which a grown log is announced; the message is empty, the log says the rest.
const CHANNEL: &str = "roteiro:change";
/// Longest wait for a Redis that does not answer; below the polling interval, which would cut it off.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(400);

/// Why waking by Redis cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum WakeError {
    /// The address cannot be read.
    #[error("the Redis address cannot be read: it must look like redis://127.0.0.1:6379")]
    Address,
}

/// A subscription that is made again whenever it breaks.
pub struct RedisWake {
    client: Client,
    subscription: Option<PubSub>,
    /// Whether it was told that Redis is away: said once an outage, not at each try.
    is_away: bool,
}

impl RedisWake {
    /// Reads the address; connects at the first wait.
    pub fn new(url: &str) -> Result<Self, WakeError> {
        Ok(Self { client: Client::open(url).map_err(|_| WakeError::Address)?, subscription: None, is_away: false })
    }

    /// Gives back at the next message. Connects first when there is no connection, and then gives back at once, for a
    /// message may have been missed.
    pub async fn next(&mut self) {
        if let Some(subscription) = &mut self.subscription {
            if subscription.on_message().next().await.is_none() {
                self.subscription = None;
            }
            return;
        }
        match tokio::time::timeout(CONNECT_TIMEOUT, subscribe(&self.client)).await {
            Ok(Ok(subscription)) => {
                self.subscription = Some(subscription);
                if std::mem::take(&mut self.is_away) {
                    tracing::info!("Redis answers again");
                }
            }
            Ok(Err(error)) => {
                self.is_gone(&error);
                std::future::pending::<()>().await;
            }
            Err(late) => self.is_gone(&late),
        }
    }

    fn is_gone(&mut self, error: &dyn std::fmt::Display) {
        if !std::mem::replace(&mut self.is_away, true) {
            tracing::warn!(%error, "Redis does not answer; following the log by the clock");
        }
    }

    /// Announces that the log grew.
    pub async fn publish(&self) {
        let announce = async {
            let mut connection = self.client.get_multiplexed_async_connection().await?;
            redis::cmd("PUBLISH").arg(CHANNEL).arg("").query_async::<()>(&mut connection).await
        };
        match tokio::time::timeout(CONNECT_TIMEOUT, announce).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the change could not be announced over Redis"),
            Err(_) => tracing::warn!("the change could not be announced over Redis in time"),
        }
    }
}

async fn subscribe(client: &Client) -> Result<PubSub, redis::RedisError> {
    let mut subscription = client.get_async_pubsub().await?;
    subscription.subscribe(CHANNEL).await?;
    Ok(subscription)
}
