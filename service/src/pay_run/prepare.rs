//! What a run pays some people: computed outside any transaction, stored by a chunk of its build.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{Channel, LineKind, PayRunKind};
use entity::{held_payment, overpayment_deduction, pay_run, pay_run_person, payment_line};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::fund::{self, ClosedYears};
use crate::overpayment::deduction::{self, Claims, Drafted};
use crate::pay_run::claimed::Claimed;
use crate::pay_run::dues::dues;
use crate::pay_run::exclusion::Exclusions;
use crate::pay_run::filter::Filter;
use crate::pay_run::line::{self, Due, Held, Resident};
use crate::pay_run::payees::{Channels, Payees};
use crate::pay_run::share::Share;
use crate::pay_run::snapshot::{self, Before};
use crate::payment_order::roll_up::RollUp;
use crate::person::PersonRange;
use crate::registry_finding::Holds;

/// Lines, what is kept back of them, what is held, and the people as lists show them.
#[derive(Default)]
pub(super) struct Built {
    lines: Vec<payment_line::Model>,
    deductions: Vec<overpayment_deduction::Model>,
    /// What other runs kept back when it was reckoned.
    drafted: Drafted,
    held: Vec<held_payment::Model>,
    shown: Vec<pay_run_person::Model>,
    pub(super) people: i64,
    pub(super) paid: i64,
    pub(super) held_people: i64,
}

impl Built {
    /// Is what it keeps back reckoned from the cases as they are now, and beside what other runs keep back for them? If so
    /// that stays so until the transaction ends.
    pub(super) async fn stands(&self, txn: &Txn, run: Uuid) -> Result<bool, Error> {
        deduction::are_current(txn, run, (self.deductions.as_slice(), &self.drafted)).await
    }

    /// Writes all of it.
    pub(super) async fn store(self, txn: &Txn) -> Result<(), Error> {
        txn.insert_all::<payment_line::Entity>(self.lines).await?;
        txn.insert_all::<overpayment_deduction::Entity>(self.deductions).await?;
        txn.insert_all::<held_payment::Entity>(self.held).await?;
        txn.insert_all::<pay_run_person::Entity>(self.shown).await
    }
}

/// Where an amount goes in a run.
enum Place {
    Line(Uuid),
    Held(Held),
    /// Another run has it, or it is of another channel.
    Elsewhere,
}

/// What decides on the amounts of a range of people.
struct Desk {
    filter: Filter,
    claimed: Claimed,
    exclusions: Exclusions,
    payees: Payees,
    holds: Holds,
    channels: Channels,
    share: Share,
    /// Accounts whose beneficiaries get orders of their own.
    apart: BTreeSet<Uuid>,
    closed: ClosedYears,
    /// The fiscal years of the run's fund.
    years: BTreeSet<i32>,
}

impl Desk {
    async fn load(app: &App, run: &pay_run::Model, people: PersonRange, exclusions: Exclusions) -> Result<Self, Error> {
        let conn = app.db.read();
        let filter = Filter::of(run)?;
        let payees = Payees::load(conn, people, run.pay_date).await?;
        let share = Share::of(conn, run).await?;
        let channels = if share.asks_channel() {
            Channels::load(conn, &payees).await?
        } else {
            Channels::default()
        };
        let apart = RollUp::now(conn).await?.apart(conn, &payees.accounts()).await?;
        Ok(Self {
            apart,
            closed: ClosedYears::load(conn).await?,
            years: fund::years(conn, super::fund_code(run)).await?,
            claimed: Claimed::load(conn, run, people).await?,
            filter,
            exclusions,
            payees,
            holds: Holds::load(conn, people).await?,
            channels,
            share,
        })
    }

    /// Puts the amounts of one person where they go. Is any of them paid or held here?
    fn pay(
        &self,
        (app, run): (&App, &pay_run::Model),
        (person_id, resident): (Uuid, &Resident),
        mut dues: Vec<Due>,
        claims: &Claims,
        built: &mut Built,
    ) -> Result<bool, Error> {
        // In one order for every run, so that two builds that meet wait for each other and never in a circle.
        dues.sort_by(|a, b| a.order().cmp(&b.order()));
        let key = super::natural_key(run);
        let before = (built.lines.len(), built.held.len());
        for mut due in dues {
            let fixed = self.closed.fixed(due.kind, due.cover_month, run.pay_date);
            due.fiscal_year = due.fiscal_year.or(fixed);
            match self.place(&due, resident) {
                Place::Line(account) => {
                    let payee = (account, self.apart.contains(&account));
                    built.lines.push(due.line(app, run, &key, payee, &resident.area_id)?);
                }
                Place::Held(reason) => built.held.push(due.held(app, run.id, reason, &resident.area_id)),
                Place::Elsewhere => {}
            }
        }
        let lines = built.lines.get(before.0..).unwrap_or_default();
        let kept_back = claims.keep_back(app, run, person_id, lines);
        built.deductions.extend(kept_back);
        let (paid, held) = (built.lines.len() > before.0, built.held.len() > before.1);
        built.paid += i64::from(paid);
        built.held_people += i64::from(held);
        Ok(paid || held)
    }

    fn place(&self, due: &Due, resident: &Resident) -> Place {
        if self.claimed.has(due) || !self.is_of_channel(due, resident) {
            return Place::Elsewhere;
        }
        if self.exclusions.hold(due) {
            return Place::Held(Held::Excluded);
        }
        match due.payee(resident, &self.payees, &self.holds) {
            Ok(_) if self.lacks_year(due) => Place::Held(Held::NoFundYear),
            payee => payee.map_or_else(Place::Held, Place::Line),
        }
    }

    /// Is it of the channel that the run is for? The account that is named for it says so, whether it may be paid now or is
    /// held: who is held is of this run, and told with the reason. Where no account may receive it, those that are named of
    /// the person say so, such as the own account of somebody who died. Who has none at all is of no other channel either,
    /// and is told by the runs of each.
    fn is_of_channel(&self, due: &Due, resident: &Resident) -> bool {
        let Some(channel) = self.filter.channel() else {
            return true;
        };
        let named = self.payees.account(due.person_id, Some(&due.benefit), resident.dead);
        if let Ok(account) = named {
            return self.channels.of(account) == Some(channel);
        }
        let mut channels = self
            .payees
            .of_person(due.person_id)
            .map(|account| self.channels.of(account));
        let first = channels.next();
        first.is_none_or(|first| first == Some(channel) || channels.any(|own| own == Some(channel)))
    }

    /// The money of the month before that this run's lists explain of somebody, đồng.
    fn before(&self, before: &Before, (person_id, resident): (Uuid, &Resident)) -> i64 {
        let (amounts, own) = match before {
            Before::Paid(amounts) => (amounts, true),
            // Nobody knows by which channel the predecessor paid: it is that of the accounts that were taken over.
            Before::TakenOver(amounts) => {
                let accounts = self.payees.of_person(person_id);
                let channels: Vec<Channel> = accounts.filter_map(|account| self.channels.of(account)).collect();
                (amounts, self.share.holds(&resident.area_id, &channels))
            }
        };
        amounts.get(&person_id).copied().filter(|_| own).unwrap_or(0)
    }

    /// Is it made up for from a year that the run's fund does not have, such as one before its program went over to it?
    /// It waits, and nobody else with it. A fund that has no year at all pays nothing, and says so.
    fn lacks_year(&self, due: &Due) -> bool {
        let made_up_for = matches!(due.kind, LineKind::Arrears | LineKind::OneOff);
        let year = fund::fiscal_year(due.cover_month, due.fiscal_year);
        made_up_for && !self.years.is_empty() && !self.years.contains(&year)
    }
}

/// What the run pays and holds for a range of people, with these exclusions.
pub(super) async fn prepare(
    app: &App,
    run: &pay_run::Model,
    people: PersonRange,
    exclusions: Exclusions,
) -> Result<Built, Error> {
    let conn = app.db.read();
    let desk = Desk::load(app, run, people, exclusions).await?;
    let residents = line::residents(conn, people).await?;
    let lives_here = |resident: &&Resident| desk.filter.holds(&resident.area_id);
    let mut by_person: BTreeMap<Uuid, Vec<Due>> = BTreeMap::new();
    for due in dues(app, run, people).await? {
        by_person.entry(due.person_id).or_default().push(due);
    }
    let before = match run.kind {
        PayRunKind::Regular => snapshot::amounts_before(conn, run, (&desk.share, people)).await?,
        _ => Before::Paid(BTreeMap::new()),
    };
    let claims = Claims::load(app, conn, run, people).await?;
    let mut built = Built {
        people: i64::try_from(residents.values().filter(lives_here).count()).map_err(Error::internal)?,
        ..Built::default()
    };
    let mut present = BTreeSet::new();
    for (person_id, dues) in by_person {
        let Some(resident) = residents.get(&person_id).filter(lives_here) else {
            continue;
        };
        if desk.pay((app, run), (person_id, resident), dues, &claims, &mut built)? {
            present.insert(person_id);
        }
    }
    built.drafted = claims.into_drafted();
    // Whom the run paid the month before and no more is told of in its lists, wherever the person lives by now.
    for (person_id, resident) in &residents {
        let amount_before = desk.before(&before, (*person_id, resident));
        if amount_before > 0 || present.contains(person_id) {
            built.shown.push(resident.shown(run.id, *person_id, amount_before));
        }
    }
    Ok(built)
}
