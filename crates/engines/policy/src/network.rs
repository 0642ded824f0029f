//! Address ranges of `IpAddress` and `NotIpAddress`.
//!
//! Source: IAM User Guide, "IP address condition operators"; RFC 4632 (CIDR).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A range of addresses of one family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    /// Left-aligned: an IPv4 address fills the upper 32 bits.
    bits: u128,
    length: u32,
    v4: bool,
}

impl Network {
    /// Reads `203.0.113.0/24`, `2001:db8::/32`, or a single address.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let (bits, v4) = align(address.parse().ok()?);
        let longest = if v4 { 32 } else { 128 };
        let length = match length {
            None => longest,
            // `parse` alone would take a sign.
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
            Some(_) => return None,
        };
        (length <= longest).then_some(Self { bits, length, v4 })
    }

    /// Whether `address` lies in the range. An IPv4 address in IPv6 clothes (`::ffff:…`) is an IPv4 address.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let (bits, v4) = align(address.to_canonical());
        // A shift by all 128 bits, for `/0`, leaves nothing to compare.
        v4 == self.v4 && (bits ^ self.bits).checked_shr(128 - self.length).unwrap_or(0) == 0
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = Ipv6Addr::from(self.bits);
        if self.v4 {
            let [high, low, ..] = address.segments();
            let v4 = Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
            write!(f, "{v4}/{}", self.length)
        } else {
            write!(f, "{address}/{}", self.length)
        }
    }
}

fn align(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)) << 96, true),
        IpAddr::V6(v6) => (u128::from(v6), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_contain_their_addresses() {
        for (range, address, inside) in [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.7/24", "203.0.113.1", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.5", "203.0.113.5", true),
            ("203.0.113.5", "203.0.113.4", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "10.0.0.1", false),
            ("2001:db8:1234:5678::/64", "2001:db8:1234:5678::9", true),
            ("2001:db8:1234:5678::/64", "2001:db8:1234:5679::", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ] {
            let network = Network::parse(range).unwrap();
            assert_eq!(Network::parse(&network.to_string()), Some(network));
            assert_eq!(network.contains(address.parse().unwrap()), inside, "{address} in {range}");
        }
    }

    #[test]
    fn other_texts_are_not_ranges() {
        for text in ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/", "10.0.0/8", "::/129", "*"]
        {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
