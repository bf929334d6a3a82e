//! The API as a bank's door: released runs in, reports out, with the credential of the treasury.

use std::borrow::Cow;
use std::time::Duration;

use domain::bank::{BankProfile, BankProfiles};
use domain::bank_simulator::AnswerFile;
use domain::payment_file::{Channel, Manifest};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Fault;
use super::answered::{json_of, not_of_the_treasury, patience, unreachable, well};
use super::book::Book;
use super::folder::is_for_banks;
use super::letter::Letter;
use super::parcel::{Parcel, is_table};
use super::report::{Outcome, Pass};

/// How long an answer of the API may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at a report.
const BREATH: Duration = Duration::from_millis(100);
/// How often all reports are looked at before they are left to the worker.
const LOOKS: usize = 100;

/// An API and the credential to act with.
pub(super) struct Api {
    base: Url,
    key: String,
    client: Client,
    acknowledged_only: bool,
    profiles: BankProfiles,
    /// Profiles that were given to the simulator stand before those of the API.
    given: bool,
}

#[derive(Deserialize)]
struct Profile {
    profile: BankProfile,
}

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
    next: Option<String>,
}

/// Who the credential is.
#[derive(Deserialize)]
struct Me {
    name: String,
    roles: Vec<Held>,
}

#[derive(Deserialize)]
struct Held {
    role: String,
    /// The areas it holds in; none: the whole province.
    areas: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Run {
    id: String,
    status: String,
}

#[derive(Deserialize)]
struct FileRow {
    id: String,
    name: String,
    kind: String,
    sha256: Option<String>,
    status: String,
    /// It is given out and acknowledged no more.
    #[serde(default)]
    withdrawn: bool,
    version: i64,
}

#[derive(Deserialize)]
struct RecallRow {
    id: String,
    message_id: Option<String>,
}

#[derive(Deserialize)]
struct ReportRow {
    id: String,
    status: String,
    line_count: i64,
    matched: i64,
    suspense: i64,
}

impl Api {
    pub(super) fn new(
        (url, key): (&str, &str),
        acknowledged_only: bool,
        (profiles, given): (BankProfiles, bool),
    ) -> Result<Self, Fault> {
        let wrong = |why: String| {
            Fault::input(
                format!("--api {url} không phải địa chỉ http"),
                format!("--api is no address such as http://127.0.0.1:8080: {why}"),
            )
        };
        let base: Url = url.parse().map_err(|error| wrong(format!("{error}")))?;
        if base.scheme() != "http" || base.host_str().is_none() {
            return Err(wrong(base.scheme().to_owned()));
        }
        if key.is_empty() || !key.chars().all(|letter| letter.is_ascii_graphic()) {
            return Err(Fault::input("--key trống hoặc sai", "--key is empty or no key"));
        }
        let client = Client::builder().timeout(PATIENCE).build();
        Ok(Self {
            base,
            key: key.to_owned(),
            client: client.map_err(|error| Fault::Run(error.to_string()))?,
            acknowledged_only,
            profiles,
            given,
        })
    }

    /// Is the credential one that acknowledges and answers for every area? Asked before anything is taken, so that nothing
    /// is kept for a bank that could not go on.
    pub(super) async fn check_role(&self) -> Result<(), Fault> {
        let me: Me = json_of(self.get("/v1/me").await?).await?;
        let fits = |held: &Held| held.role == "treasury" && held.areas.is_none();
        if me.roles.iter().any(fits) {
            return Ok(());
        }
        let roles: Vec<&str> = me.roles.iter().map(|held| held.role.as_str()).collect();
        Err(not_of_the_treasury(&format!("{} ({})", me.name, roles.join(", "))))
    }

    /// The files of released runs that are not settled in the book, and that were not withdrawn.
    pub(super) async fn collect(&self, book: &Book, pass: &mut Pass) -> Result<Vec<Parcel>, Fault> {
        let runs: Vec<Run> = self.pages("/v1/pay-runs").await?;
        let released = |run: &&Run| matches!(run.status.as_str(), "released" | "settling" | "closed");
        let mut parcels = Vec::new();
        for run in runs.iter().filter(released) {
            let files: Vec<FileRow> = self.pages(&format!("/v1/pay-runs/{}/files", run.id)).await?;
            for file in files {
                if let Some(parcel) = self.fetch(book, &file, pass).await? {
                    parcels.push(parcel);
                }
            }
        }
        Ok(parcels)
    }

    async fn fetch(&self, book: &Book, file: &FileRow, pass: &mut Pass) -> Result<Option<Parcel>, Fault> {
        let Some(sha256) = &file.sha256 else { return Ok(None) };
        let ours = matches!(file.kind.as_str(), "pain001" | "payment_table" | "post_list");
        let waits = self.acknowledged_only && file.status != "acknowledged";
        if !ours || waits || file.withdrawn || book.is_settled(sha256) {
            return Ok(None);
        }
        let path = format!("/v1/payment-files/{}", file.id);
        let manifest: Manifest = json_of(self.get(&format!("{path}/manifest")).await?).await?;
        if !is_for_banks(&manifest.format) {
            return Ok(None);
        }
        let content = self.get(&format!("{path}/content")).await?;
        let bytes = content.bytes().await.map_err(|error| unreachable(&self.base, &error))?;
        if manifest.sha256 != *sha256 {
            pass.refuse(
                &file.name,
                "tệp kê khai là của tệp khác",
                "the manifest is of another file",
            );
            return Ok(None);
        }
        let profiles = self.profiles(&manifest).await?;
        match Parcel::check(Some(file.id.clone()), &manifest, &bytes, &profiles) {
            Ok(parcel) => Ok(Some(parcel)),
            Err((vi, en)) => {
                pass.refuse(&file.name, &vi, &en);
                Ok(None)
            }
        }
    }

    /// The requests to recall orders that two people agreed on and the book does not know.
    pub(super) async fn recalls(&self, book: &Book, pass: &mut Pass) -> Result<Vec<Letter>, Fault> {
        let rows: Vec<RecallRow> = self.pages("/v1/recalls").await?;
        let mut letters = Vec::new();
        for row in rows {
            let Some(message) = row.message_id else { continue };
            if book.simulator().knows_recall(&message) {
                continue;
            }
            let call = self.call(reqwest::Method::GET, &format!("/v1/recalls/{}/content", row.id))?;
            let answer = self.send(call).await?;
            // A bank that takes tables is asked by letter, which no program reads.
            if answer.status() == StatusCode::CONFLICT {
                continue;
            }
            let bytes = well(answer).await?.bytes().await;
            let bytes = bytes.map_err(|error| unreachable(&self.base, &error))?;
            let name = format!("camt055-{message}.xml");
            match Letter::read(&name, &bytes) {
                Ok(letter) => letters.push(letter),
                Err((vi, en)) => pass.refuse(&name, &vi, &en),
            }
        }
        Ok(letters)
    }

    /// What banks take: for a table and a list of cash, with the profile of whom it goes to as the API has it, unless profiles were given.
    async fn profiles(&self, manifest: &Manifest) -> Result<Cow<'_, BankProfiles>, Fault> {
        let bank = match manifest.channel {
            Some(Channel::PostCash) => Some(BankProfiles::POST),
            _ => manifest.bank.as_deref().filter(|_| is_table(&manifest.format)),
        };
        let Some(bank) = bank.filter(|_| !self.given) else {
            return Ok(Cow::Borrowed(&self.profiles));
        };
        let own: Profile = json_of(self.get(&format!("/v1/bank-profiles/{bank}")).await?).await?;
        let mut profiles = self.profiles.clone();
        profiles.replace(Some(bank), own.profile);
        Ok(Cow::Owned(profiles))
    }

    /// Says that a file arrived whole, unless somebody has said so.
    pub(super) async fn acknowledge(&self, parcel: &Parcel) -> Result<(), Fault> {
        let Some(id) = &parcel.id else { return Ok(()) };
        let path = format!("/v1/payment-files/{id}");
        // Somebody else may say it between the reading and the saying: then it is read again.
        for _ in 0..3 {
            let file: FileRow = json_of(self.get(&path).await?).await?;
            if file.status == "acknowledged" || file.withdrawn {
                return Ok(());
            }
            let call = self
                .call(reqwest::Method::POST, &format!("{path}/acknowledge"))?
                .header("Idempotency-Key", format!("bank-simulator:{id}:{}", file.version))
                .header("If-Match", format!("\"{}\"", file.version))
                .json(&json!({"sha256": parcel.sha256}));
            let answer = self.send(call).await?;
            if answer.status() != StatusCode::PRECONDITION_FAILED && answer.status() != StatusCode::CONFLICT {
                return well(answer).await.map(drop);
            }
        }
        Err(Fault::run(
            format!("Không xác nhận được {}", parcel.name),
            "the file can't be acknowledged: it changes all the time",
        ))
    }

    /// Brings an answer, to be read leniently where it may be odd; gives the id of the report it became. The same answer
    /// again is the same report.
    pub(super) async fn upload(&self, answer: &AnswerFile, odd: bool) -> Result<String, Fault> {
        let mut sent = self.bring(answer, odd).await?;
        // The same bytes were brought before to be read strictly: they are the report that they became then.
        if odd && sent.status() == StatusCode::CONFLICT {
            sent = self.bring(answer, false).await?;
        }
        let report: ReportRow = json_of(well(sent).await?).await?;
        Ok(report.id)
    }

    async fn bring(&self, answer: &AnswerFile, odd: bool) -> Result<reqwest::Response, Fault> {
        let mut url = self.url("/v1/bank-reports")?;
        url.query_pairs_mut().append_pair("file_name", &answer.name);
        if odd {
            url.query_pairs_mut().append_pair("mode", "lenient");
        }
        let key = Sha256::new()
            .chain_update(&answer.name)
            .chain_update([u8::from(odd)])
            .chain_update(&answer.bytes)
            .finalize();
        let call = self
            .client
            .post(url)
            .bearer_auth(&self.key)
            .header("Idempotency-Key", format!("bank-simulator:{}", hex::encode(key)))
            .header("Content-Type", "application/octet-stream")
            .body(answer.bytes.clone());
        self.send(call).await
    }

    /// Looks at the reports of a look until they are reconciled, or leaves them to the worker.
    pub(super) async fn outcomes(&self, pass: &mut Pass) -> Result<(), Fault> {
        let mut open: Vec<String> = pass.sent.iter().filter_map(|(_, report)| report.clone()).collect();
        open.sort();
        open.dedup();
        for _ in 0..LOOKS {
            let mut waiting = Vec::new();
            for id in open {
                let row: ReportRow = json_of(self.get(&format!("/v1/bank-reports/{id}")).await?).await?;
                let outcome = Outcome {
                    lines: row.line_count,
                    matched: row.matched,
                    suspense: row.suspense,
                    reconciled: row.status == "reconciled",
                };
                if !outcome.reconciled {
                    waiting.push(id.clone());
                }
                pass.outcomes.insert(id, outcome);
            }
            if waiting.is_empty() {
                break;
            }
            open = waiting;
            tokio::time::sleep(BREATH).await;
        }
        Ok(())
    }

    /// Every page of a list.
    async fn pages<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Fault> {
        let (mut all, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut url = self.url(path)?;
            if let Some(cursor) = &cursor {
                url.query_pairs_mut().append_pair("cursor", cursor);
            }
            let answer = self.send(self.client.get(url).bearer_auth(&self.key)).await?;
            let page: Items<T> = json_of(well(answer).await?).await?;
            all.extend(page.items);
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(all),
            }
        }
    }

    async fn get(&self, path: &str) -> Result<Response, Fault> {
        let call = self.call(reqwest::Method::GET, path)?;
        well(self.send(call).await?).await
    }

    /// Sends a request; where the API asks for patience, once more after the time that it names.
    async fn send(&self, mut call: RequestBuilder) -> Result<Response, Fault> {
        loop {
            let again = call.try_clone();
            let answer = call.send().await.map_err(|error| unreachable(&self.base, &error))?;
            let wait = answer.headers().get(RETRY_AFTER).and_then(|own| own.to_str().ok());
            match (again, patience(answer.status(), wait)) {
                (Some(next), Some(wait)) => {
                    tokio::time::sleep(wait).await;
                    call = next;
                }
                _ => return Ok(answer),
            }
        }
    }

    fn call(&self, method: reqwest::Method, path: &str) -> Result<RequestBuilder, Fault> {
        Ok(self.client.request(method, self.url(path)?).bearer_auth(&self.key))
    }

    fn url(&self, path: &str) -> Result<Url, Fault> {
        self.base.join(path).map_err(|error| Fault::Run(error.to_string()))
    }
}
