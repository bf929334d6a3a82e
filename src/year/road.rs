//! The road on which the files of the year reach the banks: a drop folder. Now and then the answer to a parcel is lost, and
//! nobody knows whether it arrived: it did, or nothing did.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::payment_file::Manifest;
use service::Error;
use service::delivery::{DeliveryChannel, DropFolder, Lost, Parcel, Seen, Transport};
use sha2::{Digest, Sha256};

/// One parcel in so many arrives and its answer is lost; of the next in so many nothing arrives.
const ONE_IN: u8 = 8;
/// The folder below that of the year's files.
const FOLDER: &str = "drop";

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How a sending ends on which no answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    /// The parcel lies at the target.
    Arrived,
    /// Nothing does.
    Vanished,
}

impl Mishap {
    /// What happens to the first sending of these bytes.
    fn of(bytes: &[u8]) -> Option<Self> {
        match Sha256::digest(bytes).first().map(|byte| byte % ONE_IN) {
            Some(0) => Some(Self::Arrived),
            Some(1) => Some(Self::Vanished),
            _ => None,
        }
    }
}

/// What happened on the road so far.
#[derive(Debug, Default)]
struct Met {
    /// Parcels that met with a mishap: the next sending of each goes well.
    once: BTreeSet<String>,
    /// Targets that can't be looked at once: the road is cut while a sending is in doubt.
    blind: BTreeSet<String>,
}

/// The road.
#[derive(Clone, Debug)]
pub(super) struct Road {
    folder: DropFolder,
    path: PathBuf,
    met: Arc<Mutex<Met>>,
}

impl Road {
    /// The road to the folder below that of the year's files.
    pub(super) fn open(out: &Path) -> Result<Self, Error> {
        let path = out.join(FOLDER);
        std::fs::create_dir_all(&path).map_err(Error::internal)?;
        Ok(Self {
            folder: DropFolder::open(&path)?,
            path,
            met: Arc::default(),
        })
    }

    /// Where it leads.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn met(&self) -> MutexGuard<'_, Met> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What happens to this sending. Only what orders payments meets with mishaps: nothing else has to be looked for.
    fn mishap(&self, parcel: &Parcel) -> Option<Mishap> {
        let (_, manifest) = parcel.manifest.as_ref()?;
        Manifest::read(manifest).ok()?.channel?;
        let mishap = Mishap::of(&parcel.bytes)?;
        let mut met = self.met();
        if !met.once.insert(parcel.name.clone()) {
            return None;
        }
        met.blind.insert(parcel.name.clone());
        Some(mishap)
    }
}

impl Transport for Road {
    fn channel(&self) -> DeliveryChannel {
        self.folder.channel()
    }

    fn told(&self) -> String {
        self.folder.told()
    }

    fn send<'a>(&'a self, parcel: &'a Parcel) -> Answer<'a, Result<(), Lost>> {
        Box::pin(async move {
            let Some(mishap) = self.mishap(parcel) else {
                return self.folder.send(parcel).await;
            };
            if mishap == Mishap::Arrived {
                self.folder.send(parcel).await?;
            }
            Err(Lost::Unknown("the answer was lost".to_owned()))
        })
    }

    fn look<'a>(&'a self, name: &'a str, sha256: &'a str) -> Answer<'a, Result<Seen, String>> {
        Box::pin(async move {
            if self.met().blind.remove(name) {
                return Err("the road is cut".to_owned());
            }
            self.folder.look(name, sha256).await
        })
    }

    fn acknowledgement<'a>(&'a self, name: &'a str) -> Answer<'a, Result<Option<String>, String>> {
        self.folder.acknowledgement(name)
    }

    fn ping(&self) -> Answer<'_, Result<(), String>> {
        self.folder.ping()
    }

    fn glance(&self) -> Answer<'_, Result<(), String>> {
        self.folder.glance()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes to which this happens.
    fn bytes(mishap: Option<Mishap>) -> Vec<u8> {
        let mut all = (0..200_u32).map(|number| format!("<order>{number}</order>").into_bytes());
        all.find(|own| Mishap::of(own) == mishap).unwrap()
    }

    fn parcel(name: &str, bytes: Vec<u8>) -> Parcel {
        let manifest = serde_json::json!({
            "version": 1, "file": name, "format": "pain.001.001.09", "channel": "bank_transfer", "pay_run": "r",
            "run_digest": "00", "sequence": 1, "bytes": bytes.len(), "sha256": "00",
            "created_at": "2024-08-24T14:00:00+07:00", "execution_date": "2024-09-05",
        });
        Parcel {
            name: name.to_owned(),
            bytes,
            manifest: Some((Manifest::file_name(name), manifest.to_string().into_bytes())),
            signature: None,
        }
    }

    #[test]
    fn of_all_bytes_few_meet_with_either_mishap() {
        let all = (0..400_u32).map(|number| Mishap::of(&number.to_be_bytes()));
        let met: Vec<Mishap> = all.flatten().collect();
        for mishap in [Mishap::Arrived, Mishap::Vanished] {
            let count = met.iter().filter(|own| **own == mishap).count();
            assert!((20..100).contains(&count), "{mishap:?}: {count}");
        }
    }

    #[tokio::test]
    async fn the_answer_to_a_sending_is_lost_once_whether_it_arrived_or_not() {
        let out = tempfile::TempDir::new().unwrap();
        let road = Road::open(out.path()).unwrap();
        for (name, mishap, seen) in [
            ("a.xml", Mishap::Arrived, Seen::Same),
            ("b.xml", Mishap::Vanished, Seen::Absent),
        ] {
            let own = parcel(name, bytes(Some(mishap)));
            let sha256 = hex::encode(Sha256::digest(&own.bytes));
            assert!(matches!(road.send(&own).await, Err(Lost::Unknown(_))), "{mishap:?}");
            assert!(road.look(name, &sha256).await.is_err(), "{mishap:?}");
            assert_eq!(road.look(name, &sha256).await, Ok(seen), "{mishap:?}");
            assert_eq!(road.send(&own).await, Ok(()), "{mishap:?}");
            assert_eq!(road.look(name, &sha256).await, Ok(Seen::Same), "{mishap:?}");
        }
    }

    #[tokio::test]
    async fn what_orders_nothing_meets_with_no_mishap() {
        let out = tempfile::TempDir::new().unwrap();
        let road = Road::open(out.path()).unwrap();
        let list = Parcel {
            manifest: None,
            ..parcel("list.xlsx", bytes(Some(Mishap::Vanished)))
        };
        assert_eq!(road.send(&list).await, Ok(()));
        assert!(road.path().join("list.xlsx").exists());
        let usual = parcel("a.xml", bytes(None));
        assert_eq!(road.send(&usual).await, Ok(()));
    }
}
