//! How often one caller may ask, and how it is told (draft-ietf-httpapi-ratelimit-headers-11: `RateLimit-Policy` and
//! `RateLimit`, structured fields of RFC 9651).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use crate::auth::OPEN;

/// Requests a minute unless told otherwise, of a caller without a credential, by its address.
pub(crate) const ANONYMOUS_PER_MINUTE: u32 = 60;

/// How many requests a minute a credential may make of each kind; 0 closes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// What changes nothing: reading, and calculating.
    pub reads: u32,
    /// What changes something.
    pub writes: u32,
    /// Files that are sent in, which take the most to read.
    pub uploads: u32,
}

impl Default for Budgets {
    fn default() -> Self {
        Self::USUAL
    }
}

impl Budgets {
    /// What holds unless told otherwise. Assumed: 1,200 a minute in sum, of which reading has most.
    pub const USUAL: Self = Self {
        reads: 900,
        writes: 240,
        uploads: 60,
    };

    /// The same number for each.
    pub const fn each(per_minute: u32) -> Self {
        Self {
            reads: per_minute,
            writes: per_minute,
            uploads: per_minute,
        }
    }
}

/// The response field that tells what is left.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// The response field that tells the policies.
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

const MINUTE: Duration = Duration::from_secs(60);
/// Beyond this many callers those who have been quiet are forgotten.
const MANY: usize = 10_000;

/// Operations that take a file in, by their paths; nothing else is done by a change there.
pub(crate) const UPLOADS: &[&str] = &["/v1/bank-reports", "/v1/instruments/{id}/text"];

/// Which of a caller's budgets a request draws on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Budget {
    /// Calculations of a caller without a credential.
    Calculations,
    /// Of a credential: what changes nothing.
    Reads,
    /// What changes something.
    Writes,
    /// Files that are sent in.
    Uploads,
}

impl Budget {
    /// The budgets of a credential.
    const OF_CREDENTIALS: [Self; 3] = [Self::Reads, Self::Writes, Self::Uploads];

    /// That of a request by a credential to an operation.
    pub(crate) fn of(method: &Method, pattern: &str) -> Self {
        if matches!(*method, Method::GET | Method::HEAD) || OPEN.contains(&pattern) {
            Self::Reads
        } else if UPLOADS.contains(&pattern) {
            Self::Uploads
        } else {
            Self::Writes
        }
    }

    /// Its name in the fields.
    const fn name(self) -> &'static str {
        match self {
            Self::Calculations => "calculations",
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Uploads => "uploads",
        }
    }
}

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

/// How a caller stands once it has asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// May it?
    pub(crate) is_allowed: bool,
    budget: Budget,
    /// How many more requests would fit now.
    remaining: u32,
    /// Seconds until all of the budget is free again, were nothing more asked.
    reset_seconds: u64,
}

/// A minute's requests may come at once; then one more as each share of a minute passes.
#[derive(Debug)]
pub(crate) struct Rate {
    anonymous: u32,
    credential: Budgets,
    /// When each caller would have used up what it asked for, had it kept to an even pace.
    paid_until: Mutex<HashMap<(Asking, Budget), Instant>>,
}

impl Rate {
    pub(crate) fn new(anonymous: u32, credential: Budgets) -> Self {
        Self {
            anonymous,
            credential,
            paid_until: Mutex::default(),
        }
    }

    /// Requests a minute.
    const fn quota(&self, budget: Budget) -> u32 {
        match budget {
            Budget::Calculations => self.anonymous,
            Budget::Reads => self.credential.reads,
            Budget::Writes => self.credential.writes,
            Budget::Uploads => self.credential.uploads,
        }
    }

    /// May this caller ask now? If so it has asked.
    pub(crate) fn ask(&self, asking: Asking, budget: Budget, now: Instant) -> Quota {
        let Some(share) = MINUTE.checked_div(self.quota(budget)) else {
            return Quota {
                is_allowed: false,
                budget,
                remaining: 0,
                reset_seconds: MINUTE.as_secs(),
            };
        };
        let mut callers = self.paid_until.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= MANY {
            callers.retain(|_, until| *until > now);
        }
        let before = callers.get(&(asking, budget)).map_or(now, |until| (*until).max(now));
        let until = before + share;
        let is_allowed = until.duration_since(now) <= MINUTE;
        if is_allowed {
            callers.insert((asking, budget), until);
        }
        drop(callers);
        let held = if is_allowed { until } else { before };
        let used = held.duration_since(now);
        let free = MINUTE.saturating_sub(used).as_nanos();
        let left = free.checked_div(share.as_nanos()).unwrap_or(0);
        Quota {
            is_allowed,
            budget,
            remaining: u32::try_from(left).unwrap_or(u32::MAX).min(self.quota(budget)),
            reset_seconds: used.as_secs() + u64::from(used.subsec_nanos() > 0),
        }
    }

    /// Puts the policies that hold for a caller, and what is left of the one that its request drew on, into the answer.
    pub(crate) fn tell(&self, quota: Quota, headers: &mut HeaderMap) {
        let policy =
            |budget: &Budget| format!("\"{}\";q={};w={}", budget.name(), self.quota(*budget), MINUTE.as_secs());
        let policies = if quota.budget == Budget::Calculations {
            policy(&Budget::Calculations)
        } else {
            Budget::OF_CREDENTIALS.iter().map(policy).collect::<Vec<_>>().join(", ")
        };
        let left = format!(
            "\"{}\";r={};t={}",
            quota.budget.name(),
            quota.remaining,
            quota.reset_seconds
        );
        for (name, value) in [(RATE_LIMIT_POLICY, policies), (RATE_LIMIT, left)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Asking {
        Asking::anonymous(text.parse().unwrap())
    }

    fn rate(anonymous: u32, reads: u32) -> Rate {
        let credential = Budgets {
            reads,
            ..Budgets::default()
        };
        Rate::new(anonymous, credential)
    }

    #[test]
    fn a_minutes_requests_then_one_by_one_and_each_caller_alone() {
        let rate = rate(3, 5);
        let now = Instant::now();
        let one = address("10.0.0.1");
        let client = Asking::Client(Uuid::nil());
        let asked = |asking, budget, at| (0..10).filter(|_| rate.ask(asking, budget, at).is_allowed).count();
        assert_eq!(asked(one, Budget::Calculations, now), 3);
        let other = address("10.0.0.2");
        assert_eq!(
            asked(other, Budget::Calculations, now),
            3,
            "another address has its own"
        );
        assert_eq!(asked(client, Budget::Reads, now), 5);
        assert_eq!(
            asked(client, Budget::Writes, now),
            10,
            "what changes something has its own"
        );
        assert_eq!(asked(one, Budget::Calculations, now + Duration::from_secs(19)), 0);
        assert_eq!(asked(one, Budget::Calculations, now + Duration::from_secs(20)), 1);
        assert_eq!(
            asked(one, Budget::Calculations, now + Duration::from_secs(600)),
            3,
            "no more is saved up than a minute's"
        );
        let none = Rate::new(0, Budgets::each(0));
        assert!(
            !none.ask(one, Budget::Calculations, now).is_allowed,
            "nothing a minute is nothing"
        );
        assert!(!none.ask(client, Budget::Uploads, now).is_allowed);
    }

    #[test]
    fn a_caller_is_told_what_is_left_and_when_it_has_all_again() {
        let rate = rate(3, 900);
        let now = Instant::now();
        let one = address("10.0.0.1");
        let told = |after: u64| {
            let own = rate.ask(one, Budget::Calculations, now + Duration::from_secs(after));
            (own.is_allowed, own.remaining, own.reset_seconds)
        };
        assert_eq!(
            [told(0), told(0), told(0)],
            [(true, 2, 20), (true, 1, 40), (true, 0, 60)]
        );
        assert_eq!(told(0), (false, 0, 60), "who is refused has asked for nothing");
        assert_eq!(told(30), (true, 0, 50));
        assert_eq!(told(40), (true, 0, 60));
        // A number that does not divide a minute is not told too low.
        let client = Asking::Client(Uuid::nil());
        assert_eq!(rate.ask(client, Budget::Reads, now).remaining, 899);
    }

    #[test]
    fn the_fields_are_lists_of_named_policies() {
        let rate = Rate::new(60, Budgets::default());
        let now = Instant::now();
        let mut told = HeaderMap::new();
        rate.tell(rate.ask(Asking::Client(Uuid::nil()), Budget::Uploads, now), &mut told);
        let policies = "\"reads\";q=900;w=60, \"writes\";q=240;w=60, \"uploads\";q=60;w=60";
        assert_eq!(told.get(RATE_LIMIT_POLICY).unwrap(), policies);
        assert_eq!(told.get(RATE_LIMIT).unwrap(), "\"uploads\";r=59;t=1");
        rate.tell(rate.ask(address("10.0.0.1"), Budget::Calculations, now), &mut told);
        assert_eq!(told.get(RATE_LIMIT_POLICY).unwrap(), "\"calculations\";q=60;w=60");
        assert_eq!(told.get(RATE_LIMIT).unwrap(), "\"calculations\";r=59;t=1");
    }

    #[test]
    fn each_operation_that_takes_a_file_in_draws_on_the_budget_for_it() {
        let document = crate::openapi::openapi();
        let mut found = Vec::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let content = &operation["requestBody"]["content"];
                let takes_a_file = content.is_object() && !content["application/json"].is_object();
                let budget = Budget::of(&method.to_uppercase().parse().unwrap(), path);
                assert_eq!(budget == Budget::Uploads, takes_a_file, "{method} {path}");
                found.extend(takes_a_file.then_some(path.as_str()));
            }
        }
        found.sort_unstable();
        assert_eq!(found, UPLOADS);
        assert_eq!(
            Budget::of(&Method::POST, "/v1/calculations"),
            Budget::Reads,
            "it stores nothing"
        );
    }

    #[test]
    fn an_ipv6_network_is_one_caller() {
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_eq!(address("::ffff:10.0.0.1"), address("10.0.0.1"));
    }

    #[test]
    fn quiet_callers_are_forgotten() {
        let rate = rate(1, 1);
        let now = Instant::now();
        for number in 0..u32::try_from(MANY).unwrap() {
            let one = Asking::anonymous(IpAddr::from(number.to_be_bytes()));
            assert!(rate.ask(one, Budget::Calculations, now).is_allowed);
        }
        assert!(
            rate.ask(address("192.0.2.1"), Budget::Calculations, now + MINUTE)
                .is_allowed
        );
        assert_eq!(rate.paid_until.lock().unwrap().len(), 1);
    }
}
