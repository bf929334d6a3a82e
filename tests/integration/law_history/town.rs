//! The officers of the town and what they do, each step through the verb that an officer would use.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use domain::Month;
use serde_json::{Value, json};
use service::law::SignInstrument;
use service::pay_run::CreatePayRun;
use service::{Actor, App, Code, Role};
use service::{access, application, entitlement, installation, job, law, overpayment, pay_run, person, verify};
use uuid::Uuid;

use super::calendar;
use super::people::{self, Due, Someone, month};
use crate::harness::{House, opens_fund};
use crate::reconciliation::bank::of;

/// A line of a pay run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Paid {
    /// The month of the run.
    pub(super) run: Month,
    /// Whose it is.
    pub(super) name: String,
    /// The month it is for.
    pub(super) cover: Month,
    /// Đồng.
    pub(super) amount: i64,
}

/// An amount that a run holds: the month, whose it is, why.
pub(super) type Withheld = (Month, String, String);

/// The town.
pub(super) struct Town<'h> {
    app: &'h App,
    preparer: Actor,
    approver: Actor,
    releaser: Actor,
    caseworker: Actor,
    decider: Actor,
    ids: BTreeMap<&'static str, Uuid>,
    runs: Vec<(Month, Uuid)>,
}

impl<'h> Town<'h> {
    /// Officers, and funds for every year.
    pub(super) async fn open(house: &'h House) -> Self {
        let app = &house.app;
        let officer = async |role| access::authenticate(app, &house.key(role, None).await).await.unwrap();
        let town = Self {
            app,
            preparer: officer(Role::Preparer).await,
            approver: officer(Role::Approver).await,
            releaser: officer(Role::Releaser).await,
            caseworker: officer(Role::Caseworker).await,
            decider: officer(Role::DecisionMaker).await,
            ids: BTreeMap::new(),
            runs: Vec::new(),
        };
        let (first, last) = (month(calendar::FIRST_RUN), month(calendar::LAST_RUN));
        for year in first.first_day().year()..=last.first_day().year() {
            let fund = json!({"code": "social_assistance", "fiscal_year": year, "source": "provincial",
                "name": format!("Trợ cấp {year}"), "amount": 1_000_000_000});
            opens_fund(app, of(fund)).await;
        }
        installation::set_first_month(app, first).await.unwrap();
        town
    }

    /// Moves the clock to the morning of a day.
    pub(super) async fn on(&self, day: NaiveDate) {
        let now: DateTime<Utc> = format!("{day}T01:00:00Z").parse().unwrap();
        self.app.set_clock(now).await.unwrap();
    }

    async fn idle(&self) {
        job::drain(self.app, job::KINDS).await.unwrap();
    }

    /// Takes an instrument from its draft through check, simulation, submission, approval and publication. The officer
    /// drafts it anew from its body: what lies ready since the installation was drafted by nobody.
    pub(super) async fn publish(&self, number: &str) {
        let (app, preparer) = (self.app, &self.preparer);
        let drafts = law::list(app, preparer).await.unwrap();
        let draft = drafts.iter().find(|own| own.number == number).unwrap();
        let body = domain::law::catalogue().iter().find(|own| own.number == number);
        let body = serde_json::to_value(body.unwrap()).unwrap();
        let draft = law::edit(app, preparer, draft.id, draft.version, body).await.unwrap();
        let found = law::check(app, preparer, draft.id).await.unwrap();
        assert!(
            found.iter().all(|finding| finding.severity == "warning"),
            "{number}: {found:?}"
        );
        law::simulate(app, preparer, draft.id, None).await.unwrap();
        self.idle().await;
        let draft = law::get(app, preparer, draft.id).await.unwrap();
        let seen = law::simulation(app, &self.approver, draft.id, None).await.unwrap();
        let read = SignInstrument {
            simulation: seen.summary.id,
        };
        let draft = law::submit(app, preparer, draft.id, draft.version, Some(read))
            .await
            .unwrap();
        let draft = law::approve(app, &self.approver, draft.id, draft.version, read)
            .await
            .unwrap();
        law::publish(app, &self.releaser, draft.id, draft.version, read)
            .await
            .unwrap();
        self.idle().await;
    }

    /// Every release, the newest first: number, instrument, day.
    pub(super) async fn releases(&self) -> Vec<(i32, String, NaiveDate)> {
        let all = law::releases(self.app, &self.preparer).await.unwrap();
        all.into_iter()
            .map(|own| (own.number, own.instrument, own.published_at.date_naive()))
            .collect()
    }

    /// Grants a benefit; whoever is new is registered first, with an account at the post office.
    pub(super) async fn grant(&mut self, someone: &'static Someone, benefit: &str) {
        let (app, today) = (self.app, self.app.clock.today());
        let id = match self.ids.get(someone.name) {
            Some(id) => *id,
            None => self.register(someone).await,
        };
        let asked = of(json!({"person_id": id, "benefit": benefit, "filed_on": today}));
        let filed = application::file(app, &self.caseworker, asked).await.unwrap();
        let granted = of(json!({"outcome": "granted", "number": "1/QĐ-UBND", "signed_on": today}));
        application::decide(app, &self.decider, filed.id, filed.version, granted)
            .await
            .unwrap();
        self.idle().await;
    }

    async fn register(&mut self, someone: &'static Someone) -> Uuid {
        let evidence: Vec<Value> = someone
            .evidence
            .iter()
            .map(|(kind, value, from, to)| {
                let value: Value = serde_json::from_str(value).unwrap();
                json!({"kind": kind, "value": value, "from": from, "to": to})
            })
            .collect();
        let since = someone.birth.max("2010-01-01");
        let new = json!({"full_name": someone.name, "birth_date": someone.birth, "sex": "female", "evidence": evidence,
            "residences": [{"area": someone.area, "from": since, "setting": someone.setting}]});
        let made = person::create(self.app, &self.caseworker, of(new)).await.unwrap();
        self.ids.insert(someone.name, made.id);
        self.payee(someone, "oneself").await;
        made.id
    }

    /// Names an account at the post office, confirmed by another officer.
    async fn payee(&self, someone: &Someone, relation: &str) {
        let (app, id) = (self.app, self.ids[someone.name]);
        let number = format!("0{:011}", self.app.ids.next().as_u128() % 100_000_000_000);
        let account = json!({"channel": "post_cash", "account_number": number, "holder_name": "Người nhận",
            "post_office": "Bưu cục Hà Phong"});
        let proposal = json!({"relation": relation, "from": app.clock.today(), "account": account});
        let own = person::get(app, &self.caseworker, id).await.unwrap();
        let own = person::propose_payee(app, &self.caseworker, id, own.version, of(proposal))
            .await
            .unwrap();
        let proposed = own
            .payees
            .iter()
            .find(|payee| payee.status.code() == "proposed")
            .unwrap();
        person::confirm_payee(app, &self.decider, id, proposed.id, own.version)
            .await
            .unwrap();
        self.idle().await;
    }

    /// Records a death, and who organises the funeral.
    pub(super) async fn bury(&self, someone: &Someone) {
        let (app, id) = (self.app, self.ids[someone.name]);
        let own = person::get(app, &self.caseworker, id).await.unwrap();
        let dead = json!({"full_name": own.full_name, "birth_date": own.birth_date, "sex": "female",
            "death_date": app.clock.today()});
        person::update(app, &self.caseworker, id, own.version, of(dead))
            .await
            .unwrap();
        self.payee(someone, "heir").await;
    }

    /// Closes the list of a month and releases it.
    pub(super) async fn pay(&mut self, cover: Month) {
        let (app, preparer) = (self.app, &self.preparer);
        let command = CreatePayRun::regular(cover, cover.first_day().max(app.clock.today()));
        let run = pay_run::create(app, preparer, command).await.unwrap();
        self.idle().await;
        let run = pay_run::get(app, preparer, run.id).await.unwrap();
        let run = pay_run::submit(app, preparer, run.id, run.version).await.unwrap();
        let run = pay_run::approve(app, &self.approver, run.id, run.version)
            .await
            .unwrap();
        let run = pay_run::release(app, &self.releaser, run.id, run.version)
            .await
            .unwrap();
        self.idle().await;
        self.runs.push((cover, run.id));
    }

    /// Every run, the oldest first.
    pub(super) fn runs(&self) -> Vec<(Month, Uuid)> {
        self.runs.clone()
    }

    /// The lines of a run with their kinds, and what it holds.
    pub(super) async fn lines(&self, (run, id): (Month, Uuid)) -> (Vec<(String, Paid)>, Vec<Withheld>) {
        let page = pay_run::lines(self.app, &self.preparer, id, Some(200), None)
            .await
            .unwrap();
        assert!(page.next.is_none());
        let lines = page.items.into_iter().map(|line| {
            let paid = Paid {
                run,
                name: self.name(line.person_id),
                cover: line.cover_month,
                amount: line.amount,
            };
            (line.kind.code(), paid)
        });
        let held = pay_run::held(self.app, &self.preparer, id, Some(200), None).await;
        let held = held
            .unwrap()
            .items
            .into_iter()
            .map(|own| (own.cover_month, self.name(own.person_id), own.reason));
        (lines.collect(), held.collect())
    }

    fn name(&self, person_id: Uuid) -> String {
        let own = self.ids.iter().find(|(_, id)| **id == person_id);
        (*own.unwrap().0).to_owned()
    }

    /// Whoever is registered is determined as the law says, up to a month.
    pub(super) async fn agrees(&self, last: Month) {
        for someone in people::all() {
            let Some(id) = self.ids.get(someone.name) else {
                continue;
            };
            let (found, unknown) = self.determined(*id, last).await;
            let due = someone.due(last);
            for cover in month(calendar::FIRST_RUN).through(last) {
                assert_eq!(
                    found.get(&cover),
                    due.get(&cover),
                    "{} in {cover}, as known on {}",
                    someone.name,
                    self.app.clock.today()
                );
            }
            let told = someone.unknown.map(|(from, reason)| (month(from), reason.to_owned()));
            assert_eq!(unknown.first(), told.filter(|(from, _)| *from <= last).as_ref());
        }
    }

    /// What is determined for each month, and from when on the law does not say.
    async fn determined(&self, id: Uuid, last: Month) -> (BTreeMap<Month, Vec<Due>>, Vec<(Month, String)>) {
        let first = month(calendar::FIRST_RUN);
        let rights = entitlement::list(self.app, &self.caseworker, id, (None, None), None)
            .await
            .unwrap();
        let (mut months, mut unknown): (BTreeMap<Month, Vec<Due>>, _) = (BTreeMap::new(), Vec::new());
        for period in rights.into_iter().flat_map(|right| right.periods) {
            let to = period.to.as_deref().map_or(last, month).min(last);
            let from = month(&period.from).max(first);
            if from > to {
                continue;
            }
            if let Some(reason) = period.reason {
                unknown.push((from, reason));
                continue;
            }
            for cover in from.through(to) {
                let due = (period.group.clone(), period.amount, period.provision.clone());
                months.entry(cover).or_default().push(due);
            }
        }
        months.values_mut().for_each(|due| due.sort());
        (months, unknown)
    }

    /// No debt was made of anybody, and every invariant holds.
    pub(super) async fn holds(&self) {
        let debts = overpayment::list(self.app, &self.caseworker, of(json!({})))
            .await
            .unwrap();
        assert_eq!(debts.items.len(), 0, "{:?}", debts.items);
        for check in verify::all(self.app).await.unwrap() {
            assert!(check.holds(), "{}: {:?}", check.name, check.faults);
        }
    }
}
