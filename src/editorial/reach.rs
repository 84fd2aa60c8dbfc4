//! Which addresses this program asks when somebody else names them: those of the public internet, on the ports of the web. What is not
//! known to be public is not asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Which addresses may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of the public internet, on the ports 80 and 443.
    Public,
    /// Those of this machine and private networks too, on any port.
    Anywhere,
}

impl Reach {
    /// Whether the address may be asked.
    pub fn allows(self, address: SocketAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Public => self.allows_port(address.port()) && is_public(address.ip()),
        }
    }

    /// Whether this host may be asked, on whichever port.
    pub fn allows_host(self, address: IpAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Public => is_public(address),
        }
    }

    /// Whether an address on this port may be asked at all.
    pub const fn allows_port(self, port: u16) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Public => matches!(port, 80 | 443),
        }
    }
}

/// A network: its first address and the bits it has in common.
struct V4(Ipv4Addr, u32);

/// The IANA IPv4 Special-Purpose Address Registry (RFC 6890, as of October 2025), every row whether or not it is globally reachable:
/// behind none of them is a site. Last the multicast addresses, which have a registry of their own.
const SPECIAL_V4: [V4; 26] = [
    V4(Ipv4Addr::UNSPECIFIED, 8),           // "This network" (RFC 791)
    V4(Ipv4Addr::UNSPECIFIED, 32),          // "This host on this network" (RFC 1122)
    V4(Ipv4Addr::new(10, 0, 0, 0), 8),      // Private use (RFC 1918)
    V4(Ipv4Addr::new(100, 64, 0, 0), 10),   // Shared address space (RFC 6598)
    V4(Ipv4Addr::new(127, 0, 0, 0), 8),     // Loopback (RFC 1122)
    V4(Ipv4Addr::new(169, 254, 0, 0), 16),  // Link local (RFC 3927)
    V4(Ipv4Addr::new(172, 16, 0, 0), 12),   // Private use (RFC 1918)
    V4(Ipv4Addr::new(192, 0, 0, 0), 24),    // IETF protocol assignments (RFC 6890)
    V4(Ipv4Addr::new(192, 0, 0, 0), 29),    // IPv4 service continuity prefix (RFC 7335)
    V4(Ipv4Addr::new(192, 0, 0, 8), 32),    // IPv4 dummy address (RFC 7600)
    V4(Ipv4Addr::new(192, 0, 0, 9), 32),    // Port control protocol anycast (RFC 7723)
    V4(Ipv4Addr::new(192, 0, 0, 10), 32),   // Traversal using relays around NAT anycast (RFC 8155)
    V4(Ipv4Addr::new(192, 0, 0, 170), 31),  // NAT64/DNS64 discovery (RFC 8880, RFC 7050)
    V4(Ipv4Addr::new(192, 0, 2, 0), 24),    // Documentation, TEST-NET-1 (RFC 5737)
    V4(Ipv4Addr::new(192, 31, 196, 0), 24), // AS112-v4 (RFC 7535)
    V4(Ipv4Addr::new(192, 52, 193, 0), 24), // AMT (RFC 7450)
    V4(Ipv4Addr::new(192, 88, 99, 0), 24),  // Deprecated 6to4 relay anycast (RFC 7526)
    V4(Ipv4Addr::new(192, 88, 99, 2), 32),  // 6a44 relay anycast (RFC 6751)
    V4(Ipv4Addr::new(192, 168, 0, 0), 16),  // Private use (RFC 1918)
    V4(Ipv4Addr::new(192, 175, 48, 0), 24), // Direct delegation AS112 service (RFC 7534)
    V4(Ipv4Addr::new(198, 18, 0, 0), 15),   // Benchmarking (RFC 2544)
    V4(Ipv4Addr::new(198, 51, 100, 0), 24), // Documentation, TEST-NET-2 (RFC 5737)
    V4(Ipv4Addr::new(203, 0, 113, 0), 24),  // Documentation, TEST-NET-3 (RFC 5737)
    V4(Ipv4Addr::new(240, 0, 0, 0), 4),     // Reserved (RFC 1112)
    V4(Ipv4Addr::BROADCAST, 32),            // Limited broadcast (RFC 8190, RFC 919)
    V4(Ipv4Addr::new(224, 0, 0, 0), 4),     // Multicast (RFC 5771)
];

struct V6(Ipv6Addr, u32);

/// Global unicast, all that IANA gives out (RFC 4291 §2.4, IPv6 Global Unicast Address Assignments). Outside of it lie loopback, the
/// IPv4-mapped and IPv4-compatible addresses, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), discard-only, segment routing (5f00::/16), unique
/// local, link-local and multicast addresses.
const GLOBAL_UNICAST: V6 = V6(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The rows of the IANA IPv6 Special-Purpose Address Registry (RFC 6890, as of October 2025) that lie in [`GLOBAL_UNICAST`].
const SPECIAL_V6: [V6; 15] = [
    V6(Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // IETF protocol assignments (RFC 2928)
    V6(Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32), // Teredo, which embeds an IPv4 address (RFC 4380)
    V6(Ipv6Addr::new(0x2001, 1, 0, 0, 0, 0, 0, 1), 128), // Port control protocol anycast (RFC 7723)
    V6(Ipv6Addr::new(0x2001, 1, 0, 0, 0, 0, 0, 2), 128), // Traversal using relays around NAT anycast (RFC 8155)
    V6(Ipv6Addr::new(0x2001, 1, 0, 0, 0, 0, 0, 3), 128), // DNS-SD service registration anycast (RFC 9665)
    V6(Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48), // Benchmarking (RFC 5180)
    V6(Ipv6Addr::new(0x2001, 3, 0, 0, 0, 0, 0, 0), 32), // AMT (RFC 7450)
    V6(Ipv6Addr::new(0x2001, 4, 0x112, 0, 0, 0, 0, 0), 48), // AS112-v6 (RFC 7535)
    V6(Ipv6Addr::new(0x2001, 0x10, 0, 0, 0, 0, 0, 0), 28), // Deprecated, once ORCHID (RFC 4843)
    V6(Ipv6Addr::new(0x2001, 0x20, 0, 0, 0, 0, 0, 0), 28), // ORCHIDv2 (RFC 7343)
    V6(Ipv6Addr::new(0x2001, 0x30, 0, 0, 0, 0, 0, 0), 28), // Drone remote identification (RFC 9374)
    V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // Documentation (RFC 3849)
    V6(Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, which embeds an IPv4 address (RFC 3056)
    V6(Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // Direct delegation AS112 service (RFC 7534)
    V6(Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // Documentation (RFC 9637)
];

impl V4 {
    fn holds(&self, address: Ipv4Addr) -> bool {
        (u32::from(address) ^ u32::from(self.0)).checked_shr(32 - self.1).unwrap_or_default() == 0
    }
}

impl V6 {
    fn holds(&self, address: Ipv6Addr) -> bool {
        (u128::from(address) ^ u128::from(self.0)).checked_shr(128 - self.1).unwrap_or_default() == 0
    }
}

/// Whether an address is of the public internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|network| network.holds(address)),
        IpAddr::V6(address) => GLOBAL_UNICAST.holds(address) && !SPECIAL_V6.iter().any(|network| network.holds(address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First and last address of every block that is not public, written out from the registries anew.
    const NOT_PUBLIC: &[(&str, &str)] = &[
        ("0.0.0.0", "0.255.255.255"),
        ("10.0.0.0", "10.255.255.255"),
        ("100.64.0.0", "100.127.255.255"),
        ("127.0.0.0", "127.255.255.255"),
        ("169.254.0.0", "169.254.255.255"),
        ("172.16.0.0", "172.31.255.255"),
        ("192.0.0.0", "192.0.0.255"),
        ("192.0.2.0", "192.0.2.255"),
        ("192.31.196.0", "192.31.196.255"),
        ("192.52.193.0", "192.52.193.255"),
        ("192.88.99.0", "192.88.99.255"),
        ("192.168.0.0", "192.168.255.255"),
        ("192.175.48.0", "192.175.48.255"),
        ("198.18.0.0", "198.19.255.255"),
        ("198.51.100.0", "198.51.100.255"),
        ("203.0.113.0", "203.0.113.255"),
        ("224.0.0.0", "255.255.255.255"),
        ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ];

    fn neighbour(address: IpAddr, step: i8) -> Option<IpAddr> {
        match address {
            IpAddr::V4(address) => u32::from(address).checked_add_signed(step.into()).map(|next| IpAddr::V4(next.into())),
            IpAddr::V6(address) => u128::from(address).checked_add_signed(step.into()).map(|next| IpAddr::V6(next.into())),
        }
    }

    #[test]
    fn every_special_block_is_left_alone_and_nothing_beside_it() {
        let parse = |text: &str| text.parse::<IpAddr>().unwrap();
        let is_listed = |address: IpAddr| {
            NOT_PUBLIC.iter().any(|(first, last)| {
                let (first, last) = (parse(first), parse(last));
                first.is_ipv4() == address.is_ipv4() && (first..=last).contains(&address)
            })
        };
        for (first, last) in NOT_PUBLIC {
            for edge in [parse(first), parse(last)] {
                assert!(!is_public(edge), "{edge}");
                for beside in [-1, 1].into_iter().filter_map(|step| neighbour(edge, step)) {
                    assert_eq!(is_public(beside), !is_listed(beside), "{beside}");
                }
            }
        }
        // A walk over both spaces in steps that meet every block of a /12, and of a /16 in 2000::/4.
        for high in 0..=0xfff_u32 {
            let address = IpAddr::V4(((high << 20) | 0x1_2345).into());
            assert_eq!(is_public(address), !is_listed(address), "{address}");
        }
        for high in 0..=0xffff_u128 {
            let address = IpAddr::V6(((high << 112) | (0x0123_4567 << 64) | 1).into());
            assert_eq!(is_public(address), !is_listed(address), "{address}");
        }
    }

    #[test]
    fn only_the_public_internet_is_asked_and_only_for_the_web() {
        for inside in [
            "127.0.0.1:80",
            "169.254.169.254:80",
            "192.0.0.8:80",
            "[::1]:80",
            "[::ffff:127.0.0.1]:80",
            "[::ffff:8.8.8.8]:80",
            "[::127.0.0.1]:80",
            "[64:ff9b::7f00:1]:80",
            "[64:ff9b:1::a00:1]:80",
            "[2002:7f00:1::]:80",
            "[2002:a9fe:a9fe::]:443",
            "[2001::1]:80",
            "[2001:0:7f00:1::]:80",
            "[3fff::1]:80",
            "[fd00::1]:80",
            "[fe80::1]:80",
            "[ff02::1]:80",
            "[5f00::1]:80",
            "8.8.8.8:22",
            "8.8.8.8:6379",
            "8.8.8.8:8080",
            "[2001:4860:4860::8888]:25",
        ] {
            let address: SocketAddr = inside.parse().unwrap();
            assert!(!Reach::Public.allows(address), "{inside}");
            assert!(Reach::Anywhere.allows(address), "{inside}");
        }
        for outside in ["8.8.8.8:80", "200.160.2.3:443", "[2001:4860:4860::8888]:443", "[2804:14d::1]:80"] {
            assert!(Reach::Public.allows(outside.parse().unwrap()), "{outside}");
        }
    }
}
