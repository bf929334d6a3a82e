//! A short look at whether a target is there, for a probe that asks every few seconds and must have its answer at once.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// The longest time for a glance: a probe of readiness gives up after a second.
const GLANCE: Duration = Duration::from_millis(800);

/// The last glance, one at a time.
#[derive(Debug)]
pub(super) struct Glance {
    /// For how long what was seen is told again.
    kept: Duration,
    most: Duration,
    last: Mutex<Option<(Instant, Result<(), String>)>>,
}

impl Glance {
    /// Glances whose outcome is told again for so long.
    pub(super) const fn kept_for(kept: Duration) -> Self {
        Self {
            kept,
            most: GLANCE,
            last: Mutex::const_new(None),
        }
    }

    /// What was seen a moment ago, or what is seen now; an error where it takes too long.
    pub(super) async fn of(&self, look: impl Future<Output = Result<(), String>>) -> Result<(), String> {
        let mut last = self.last.lock().await;
        if let Some((at, seen)) = &*last
            && at.elapsed() < self.kept
        {
            return seen.clone();
        }
        let seen = match tokio::time::timeout(self.most, look).await {
            Ok(seen) => seen,
            Err(_elapsed) => Err(format!("no answer in {} ms", self.most.as_millis())),
        };
        *last = Some((Instant::now(), seen.clone()));
        seen
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_was_seen_a_moment_ago_is_not_looked_at_again() {
        let looks = AtomicUsize::new(0);
        let look = async || {
            looks.fetch_add(1, Ordering::SeqCst);
            Err("gone".to_owned())
        };
        let day = Glance::kept_for(Duration::from_secs(86_400));
        for _ in 0..2 {
            assert_eq!(day.of(look()).await, Err("gone".to_owned()));
        }
        assert_eq!(looks.load(Ordering::SeqCst), 1);
        let none = Glance::kept_for(Duration::ZERO);
        assert!(none.of(look()).await.is_err());
        assert_eq!(none.of(async { Ok(()) }).await, Ok(()), "nothing is kept");
    }

    #[tokio::test]
    async fn a_glance_that_never_ends_is_an_error() {
        let glance = Glance {
            most: Duration::ZERO,
            ..Glance::kept_for(Duration::ZERO)
        };
        let told = glance.of(std::future::pending()).await.unwrap_err();
        assert!(told.contains("no answer"), "{told}");
    }
}
