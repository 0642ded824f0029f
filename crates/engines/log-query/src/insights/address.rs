//! Addresses and networks, for the functions about them.

use std::net::{IpAddr, Ipv4Addr};

use super::function::Family;

fn parse(text: &str, family: Family) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    let fits = match family {
        Family::Any => true,
        Family::V4 => address.is_ipv4(),
        Family::V6 => address.is_ipv6(),
    };
    fits.then_some(address)
}

pub(crate) fn is_valid(text: &str, family: Family) -> bool {
    parse(text, family).is_some()
}

/// Whether the address lies in the network `a.b.c.d/n`, both of the family.
pub(crate) fn in_subnet(text: &str, network: &str, family: Family) -> bool {
    let inside = || {
        let (base, length) = network.split_once('/')?;
        let (base, length) = (parse(base, family)?, length.parse::<u32>().ok()?);
        match (parse(text, family)?, base) {
            (IpAddr::V4(address), IpAddr::V4(base)) if length <= 32 => {
                Some((address.to_bits() ^ base.to_bits()).checked_shr(32 - length).unwrap_or(0) == 0)
            }
            (IpAddr::V6(address), IpAddr::V6(base)) if length <= 128 => {
                Some((address.to_bits() ^ base.to_bits()).checked_shr(128 - length).unwrap_or(0) == 0)
            }
            _ => None,
        }
    };
    inside().unwrap_or(false)
}

/// Whether the address is in a private range of RFC 1918.
pub(crate) fn is_private(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok_and(|address| address.is_private())
}

pub(crate) fn v4_number(text: &str) -> Option<f64> {
    text.parse::<Ipv4Addr>().ok().map(|address| f64::from(address.to_bits()))
}
