//! Whoever the service is shared among: one notion of a client wherever something is counted or has to be divided.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::ids::{AccountId, PartnerId, VisitorId};

/// What one subscriber of an internet provider has: an IPv4 address, or 64 bits of an IPv6 address (RFC 6177 gives a site at least
/// that much). Everybody behind a carrier's address translation is one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// An address of IPv4, also one that was written as IPv6 (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2).
    V4(Ipv4Addr),
    /// The first 64 bits of an address of IPv6.
    V6(u64),
    /// There is no address, as for a Unix socket.
    Unknown,
}

impl From<Option<IpAddr>> for Network {
    fn from(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            None => Self::Unknown,
            Some(IpAddr::V4(address)) => Self::V4(address),
            Some(IpAddr::V6(address)) => Self::V6((address.to_bits() >> 64) as u64),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => address.fmt(formatter),
            Self::V6(bits) => Ipv6Addr::from_bits(u128::from(*bits) << 64).fmt(formatter),
            Self::Unknown => formatter.write_str("nowhere"),
        }
    }
}

/// One client of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Client {
    /// This process itself: the follower, the scheduler, the sweeps.
    Process,
    /// Somebody who works on the catalogue, from wherever.
    Account(AccountId),
    /// A partner, known by a key.
    Partner(PartnerId),
    /// A visitor, and the network they come from.
    Visitor(VisitorId, Network),
    /// Whoever shows nothing, by network.
    Anyone(Network),
}

impl Client {
    /// The holder of the share that this client draws on.
    pub const fn holder(self) -> Holder {
        match self {
            Self::Process => Holder::Process,
            Self::Account(account) => Holder::Account(account),
            Self::Partner(partner) => Holder::Partner(partner),
            Self::Visitor(_, network) | Self::Anyone(network) => Holder::Network(network),
        }
    }
}

/// Whoever gets one share when something is divided. Anybody can be a hundred visitors in a moment, so the visitors of a network have
/// one share together and divide it among themselves; accounts and keys are given out by people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// This process itself.
    Process,
    /// An account.
    Account(AccountId),
    /// A partner.
    Partner(PartnerId),
    /// A network, with all its visitors.
    Network(Network),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_one_however_many_addresses_it_has() {
        let of = |address: &str| Network::from(Some(address.parse().unwrap()));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("2001:db8:1:2:3::").to_string(), "2001:db8:1:2::");
        assert_eq!(of("::ffff:192.0.2.1").to_string(), "192.0.2.1");
    }
}
