//! How often clients may ask: writes of those without an account, and, where an operator wants it, reads.

use std::num::NonZeroU32;

use super::buckets::{Buckets, Rate, RateLimited};
use crate::domain::client::{Client, Network};

/// What a client without an account may write unless the operator says otherwise: a carrier's address translation with ten thousand
/// visitors in an hour is well below, a script is not.
// Neither is zero; a constant that panicked would not build.
pub const WRITES: Rate = Rate { a_second: NonZeroU32::new(10).unwrap(), burst: NonZeroU32::new(200).unwrap() };

/// What is admitted.
#[derive(Default)]
pub struct Admission {
    /// Writes of those without an account; unbounded when absent.
    pub writes: Option<Buckets>,
    /// Reads; unbounded when absent.
    pub reads: Option<Buckets>,
}

impl Admission {
    /// Counts so many writes, all of them or, when they are too many, none. A visitor's are counted for the visitor, wherever they are,
    /// and for the network they come from; an account's are not, for it is known who they are.
    pub async fn write(&self, client: Client, count: u32) -> Result<(), RateLimited> {
        let Some(buckets) = &self.writes else { return Ok(()) };
        match client {
            Client::Account(_) | Client::Process => Ok(()),
            Client::Partner(_) | Client::Anyone(_) => buckets.take(&[client], count).await,
            Client::Visitor(visitor, network) => {
                buckets.take(&[Client::Anyone(network), Client::Visitor(visitor, Network::Unknown)], count).await
            }
        }
    }

    /// Counts a read, for the holder of the client's share.
    pub async fn read(&self, client: Client) -> Result<(), RateLimited> {
        let Some(buckets) = &self.reads else { return Ok(()) };
        match client {
            Client::Process => Ok(()),
            Client::Visitor(_, network) => buckets.take(&[Client::Anyone(network)], 1).await,
            Client::Account(_) | Client::Partner(_) | Client::Anyone(_) => buckets.take(&[client], 1).await,
        }
    }
}
