//! Waking over a Redis channel. Redis slow, full or gone costs the polling interval and nothing else.

use std::time::Duration;

use futures::{FutureExt, StreamExt};
use redis::Client;
use redis::aio::{ConnectionManager, ConnectionManagerConfig, PubSub};

use crate::causes;

/// The channel on which a grown log is announced; the message is empty, the log says the rest.
const CHANNEL: &str = "roteiro:change";
/// Longest wait for a Redis that does not answer; below the polling interval, which would cut it off. A publisher waits no longer
/// either.
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

    /// The same without a connection.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { client: self.client.clone(), subscription: None, is_away: false }
    }

    /// Gives back at the next message. Connects first when there is no connection, and then gives back at once, for a
    /// message may have been missed.
    pub async fn next(&mut self) {
        if let Some(subscription) = &mut self.subscription {
            let mut messages = subscription.on_message();
            let mut message = messages.next().await;
            // One look at the log answers all that have come by now.
            while message.is_some() {
                let Some(another) = messages.next().now_or_never() else { return };
                message = another;
            }
            drop(messages);
            self.subscription = None;
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

    fn is_gone(&mut self, error: &(dyn std::error::Error + 'static)) {
        if !std::mem::replace(&mut self.is_away, true) {
            tracing::warn!(cause = causes::chain(error), "Redis does not answer; following the log by the clock");
        }
    }
}

/// A connection that is kept from one announcement to the next. Clones share it.
#[derive(Clone)]
pub struct RedisAnnouncer {
    connection: ConnectionManager,
}

impl RedisAnnouncer {
    /// Reads the address; connects at the first announcement. Must be called inside a runtime.
    pub fn new(url: &str) -> Result<Self, WakeError> {
        let client = Client::open(url).map_err(|_| WakeError::Address)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(CONNECT_TIMEOUT))
            .set_number_of_retries(1);
        Ok(Self { connection: client.get_connection_manager_lazy(config).map_err(|_| WakeError::Address)? })
    }

    /// Announces that the log grew. Gives up after 400 ms.
    pub async fn publish(&self) {
        let announce = async {
            // A connection that broke since is noticed by the first try, and made again for the second.
            if self.try_to_publish().await.is_err() { self.try_to_publish().await } else { Ok(()) }
        };
        match tokio::time::timeout(CONNECT_TIMEOUT, announce).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(cause = causes::chain(&error), "the change could not be announced over Redis"),
            Err(_) => tracing::warn!("the change could not be announced over Redis in time"),
        }
    }

    async fn try_to_publish(&self) -> Result<(), redis::RedisError> {
        redis::cmd("PUBLISH").arg(CHANNEL).arg("").query_async(&mut self.connection.clone()).await
    }
}

async fn subscribe(client: &Client) -> Result<PubSub, redis::RedisError> {
    let mut subscription = client.get_async_pubsub().await?;
    subscription.subscribe(CHANNEL).await?;
    Ok(subscription)
}
