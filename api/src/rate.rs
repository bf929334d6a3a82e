//! How often one caller may ask for what is open to all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

/// Requests a minute unless told otherwise: of a caller without a credential, by its address.
pub(crate) const ANONYMOUS_PER_MINUTE: u32 = 60;
/// Of a credential.
pub(crate) const CREDENTIAL_PER_MINUTE: u32 = 1_200;

const MINUTE: Duration = Duration::from_secs(60);
/// Beyond this many callers those who have been quiet are forgotten.
const MANY: usize = 10_000;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asking {
    /// Nobody known: the address; of IPv6 the network, which one household or office has for itself.
    Address(IpAddr),
    /// A credential.
    Client(Uuid),
}

impl Asking {
    /// A caller without a credential.
    pub(crate) fn anonymous(address: IpAddr) -> Self {
        Self::Address(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(long) => match long.to_ipv4_mapped() {
                Some(short) => IpAddr::V4(short),
                None => {
                    let [a, b, c, d, ..] = long.segments();
                    IpAddr::from([a, b, c, d, 0, 0, 0, 0])
                }
            },
        })
    }
}

/// A minute's requests may come at once; then one more as each share of a minute passes.
#[derive(Debug)]
pub(crate) struct Rate {
    anonymous: u32,
    credential: u32,
    /// When each caller would have used up what it asked for, had it kept to an even pace.
    paid_until: Mutex<HashMap<Asking, Instant>>,
}

impl Rate {
    pub(crate) fn new(anonymous: u32, credential: u32) -> Self {
        Self {
            anonymous,
            credential,
            paid_until: Mutex::default(),
        }
    }

    /// May this caller ask now? If so it has asked.
    pub(crate) fn allows(&self, asking: Asking, now: Instant) -> bool {
        let per_minute = match asking {
            Asking::Address(_) => self.anonymous,
            Asking::Client(_) => self.credential,
        };
        let Some(share) = MINUTE.checked_div(per_minute) else {
            return false;
        };
        let mut callers = self.paid_until.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= MANY {
            callers.retain(|_, until| *until > now);
        }
        let until = callers.get(&asking).map_or(now, |until| (*until).max(now)) + share;
        let fits = until.duration_since(now) <= MINUTE;
        if fits {
            callers.insert(asking, until);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Asking {
        Asking::anonymous(text.parse().unwrap())
    }

    #[test]
    fn a_minutes_requests_then_one_by_one_and_each_caller_alone() {
        let rate = Rate::new(3, 5);
        let now = Instant::now();
        let one = address("10.0.0.1");
        let asked = |asking, at| (0..10).filter(|_| rate.allows(asking, at)).count();
        assert_eq!(asked(one, now), 3);
        assert_eq!(asked(address("10.0.0.2"), now), 3, "another address has its own");
        assert_eq!(asked(Asking::Client(Uuid::nil()), now), 5);
        assert_eq!(asked(one, now + Duration::from_secs(19)), 0);
        assert_eq!(asked(one, now + Duration::from_secs(20)), 1);
        assert_eq!(
            asked(one, now + Duration::from_secs(600)),
            3,
            "no more is saved up than a minute's"
        );
        assert!(!Rate::new(0, 0).allows(one, now), "nothing a minute is nothing");
    }

    #[test]
    fn an_ipv6_network_is_one_caller() {
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_eq!(address("::ffff:10.0.0.1"), address("10.0.0.1"));
    }

    #[test]
    fn quiet_callers_are_forgotten() {
        let rate = Rate::new(1, 1);
        let now = Instant::now();
        for number in 0..u32::try_from(MANY).unwrap() {
            assert!(rate.allows(Asking::anonymous(IpAddr::from(number.to_be_bytes())), now));
        }
        assert!(rate.allows(address("192.0.2.1"), now + MINUTE));
        assert_eq!(rate.paid_until.lock().unwrap().len(), 1);
    }
}
