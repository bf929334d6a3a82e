//! Whose request it is behind proxies: the address that the nearest proxy nobody vouches for has, or the caller's own.
//!
//! `X-Forwarded-For` and `Forwarded` (RFC 7239) grow at the right: each proxy adds whom it was asked by. So they are
//! read from the right, and only as long as whoever wrote an entry is trusted. What a caller writes there itself stands
//! further left and counts for nothing.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use actix_web::http::header::HeaderMap;

/// A network of proxies that are trusted: an address, or a network as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: u128,
    mask: u128,
}

/// An address as IPv6 writes it.
fn long(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(short) => u128::from(short.to_ipv6_mapped()),
        IpAddr::V6(long) => u128::from(long),
    }
}

impl Network {
    /// Does the address lie in it?
    pub(crate) fn holds(self, address: IpAddr) -> bool {
        long(address) & self.mask == self.first
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text}: không phải địa chỉ hoặc mạng (neither an address nor a network as 10.0.0.0/8)");
        let (address, length) = text
            .trim()
            .split_once('/')
            .map_or((text.trim(), None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().map_err(|_unread| wrong())?;
        let (longest, before) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let length: u32 = length.map_or(Ok(longest), str::parse).map_err(|_unread| wrong())?;
        if length > longest {
            return Err(wrong());
        }
        let mask = u128::MAX.checked_shl(128 - length - before).unwrap_or(0);
        let first = long(address);
        if first & !mask != 0 {
            return Err(wrong());
        }
        Ok(Self { first, mask })
    }
}

/// The address a request is counted for. Where both headers are given and name different callers, one of them was
/// passed through as the caller wrote it, and neither is believed.
pub(crate) fn caller(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let among = |hops: Vec<Option<IpAddr>>| nearest(peer, &hops, trusted);
    let listed = hops(headers, "x-forwarded-for", address);
    let told = hops(headers, "forwarded", |entry| {
        let mut pairs = entry.split(';').filter_map(|pair| pair.split_once('='));
        let (_, own) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
        address(own)
    });
    match (listed, told) {
        (None, None) => peer,
        (Some(hops), None) | (None, Some(hops)) => among(hops),
        (Some(listed), Some(told)) => {
            let (one, other) = (among(listed), among(told));
            if one == other { one } else { peer }
        }
    }
}

/// From the peer on, the first that is not trusted; the last that is where nothing readable stands before it.
fn nearest(peer: IpAddr, hops: &[Option<IpAddr>], trusted: &[Network]) -> IpAddr {
    let mut caller = peer;
    for hop in hops.iter().rev() {
        let vouched = trusted.iter().any(|network| network.holds(caller));
        match hop {
            Some(before) if vouched => caller = *before,
            _ => break,
        }
    }
    caller
}

/// The entries of a header in their order, over all its lines; none if it is not there.
fn hops(headers: &HeaderMap, name: &str, read: impl Fn(&str) -> Option<IpAddr>) -> Option<Vec<Option<IpAddr>>> {
    let mut entries = Vec::new();
    for line in headers.get_all(name) {
        // What is no text is an entry nobody can read.
        entries.extend(line.to_str().unwrap_or_default().split(',').map(&read));
    }
    (!entries.is_empty()).then_some(entries)
}

/// An address with or without its port, quotes and brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = || text.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|own| own.ip());
    let in_brackets = || {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
    };
    bare().or_else(with_port).or_else(in_brackets)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{FORWARDED, HeaderName, HeaderValue, X_FORWARDED_FOR};

    use super::*;

    fn networks(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// Whom a peer's request with these header lines is counted for.
    fn counted(peer: &str, lines: &[(HeaderName, &'static str)], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        caller(peer.parse().unwrap(), &headers, &networks(trusted)).to_string()
    }

    #[test]
    fn networks_are_read_and_hold_their_addresses() {
        let holds = |network: &str, own: &str| network.parse::<Network>().unwrap().holds(own.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.2.3"), "as IPv6 sockets name it");
        assert!(holds("192.0.2.7", "192.0.2.7") && !holds("192.0.2.7", "192.0.2.8"));
        assert!(holds("2001:db8::/32", "2001:db8:9::1") && !holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "2001:db8::1"));
        for wrong in ["", "10.0.0.0/33", "10.0.0.1/8", "proxy", "10.0.0.0/", "::1/129"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_peer_that_is_not_trusted_is_counted_whatever_it_writes() {
        let lines = [(X_FORWARDED_FOR, "198.51.100.1"), (FORWARDED, "for=198.51.100.1")];
        assert_eq!(counted("203.0.113.9", &lines, &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(counted("203.0.113.9", &lines, &[]), "203.0.113.9");
    }

    #[test]
    fn what_a_caller_writes_ahead_of_its_proxy_counts_for_nothing() {
        let forged = [(X_FORWARDED_FOR, "192.0.2.1, 10.0.0.5, 203.0.113.9, 10.0.0.2")];
        assert_eq!(counted("10.0.0.1", &forged, &["10.0.0.0/8"]), "203.0.113.9");
        let in_lines = [(X_FORWARDED_FOR, "192.0.2.1"), (X_FORWARDED_FOR, "203.0.113.9")];
        assert_eq!(counted("10.0.0.1", &in_lines, &["10.0.0.1"]), "203.0.113.9");
        let alone = [(X_FORWARDED_FOR, "10.0.0.3")];
        assert_eq!(
            counted("10.0.0.1", &alone, &["10.0.0.0/8"]),
            "10.0.0.3",
            "nobody before it"
        );
    }

    #[test]
    fn the_standard_header_is_read_in_each_of_its_spellings() {
        let told = |line| counted("10.0.0.1", &[(FORWARDED, line)], &["10.0.0.0/8"]);
        assert_eq!(
            told("for=192.0.2.43;proto=https, For=\"203.0.113.9:4711\""),
            "203.0.113.9"
        );
        assert_eq!(told("proto=https;for=\"[2001:db8::9]:4711\""), "2001:db8::9");
        assert_eq!(told("for=\"[2001:db8::9]\""), "2001:db8::9");
        assert_eq!(
            told("for=192.0.2.43, for=unknown"),
            "10.0.0.1",
            "who hides is counted with the proxy"
        );
    }

    #[test]
    fn headers_that_disagree_are_not_believed() {
        let both = |listed, told| {
            counted(
                "10.0.0.1",
                &[(X_FORWARDED_FOR, listed), (FORWARDED, told)],
                &["10.0.0.1"],
            )
        };
        assert_eq!(both("203.0.113.9", "for=203.0.113.9"), "203.0.113.9");
        assert_eq!(both("203.0.113.9", "for=198.51.100.1"), "10.0.0.1");
    }
}
