//! What takes two people, done by two: one proposes, another accepts.

use serde_json::{Value, json};
use service::access::{self, CreateClient, CreateUser, NewGrant};
use service::approval_tier::{self, ProposeTiers, TiersView};
use service::fund::{self, FundView, OpenFund, ProposeFund};
use service::pay_calendar::{self, ProposeDay};
use service::program::{self, SetProgramFund};
use service::proposal::{DecideProposal, Decision};
use service::treasury_proposal::{self, TreasuryProposalView};
use service::{Actor, App, Role};
use uuid::Uuid;

use super::house::boss;

const NOTE: &str = "kiểm thử";

/// A new person in a role, for the whole province.
async fn person(app: &App, role: Role) -> Actor {
    let (boss, name) = (boss(), format!("Cán bộ {}", role.code()));
    let user = CreateUser {
        name: name.clone(),
        staff_number: None,
    };
    let user = access::create_user(app, &boss, user).await.unwrap();
    let client = CreateClient {
        name,
        user_id: Some(user.id),
        grants: vec![NewGrant { role, area_id: None }],
    };
    let made = access::create_client(app, &boss, client).await.unwrap();
    access::authenticate(app, &made.key).await.unwrap()
}

/// What waits is accepted by an approver who had no part in it.
async fn accepts(app: &App, proposed: &TreasuryProposalView) {
    let other = person(app, Role::Approver).await;
    let accept = DecideProposal {
        proposal_id: proposed.id,
        decision: Decision::Accept,
        note: NOTE.to_owned(),
    };
    treasury_proposal::decide(app, &other, proposed.id, proposed.version, accept)
        .await
        .unwrap();
}

/// Two people open a fund; it is there with its estimate.
pub(crate) async fn opens_fund(app: &App, fund: OpenFund) -> FundView {
    let one = person(app, Role::Preparer).await;
    let note = NOTE.to_owned();
    let proposed = fund::propose_opening(app, &one, ProposeFund { fund, note })
        .await
        .unwrap();
    accepts(app, &proposed).await;
    let mut funds = fund::list(app, &one).await.unwrap().into_iter();
    funds.find(|fund| fund.proposal_id == Some(proposed.id)).unwrap()
}

/// Two people set the lines of a fund's estimate; they are in force.
pub(crate) async fn sets_fund_lines(app: &App, fund: Uuid, lines: Value) {
    let one = person(app, Role::Preparer).await;
    let version = fund::lines(app, &one, fund).await.unwrap().version;
    let said = serde_json::from_value(json!({"lines": lines, "note": NOTE})).unwrap();
    let proposed = fund::propose_lines(app, &one, fund, version, said).await.unwrap();
    accepts(app, &proposed).await;
}

/// Two people decide from which fund a program is paid; so it is.
pub(crate) async fn pays_from(app: &App, id: Uuid, fund: SetProgramFund) {
    let one = person(app, Role::Preparer).await;
    let version = program::get(app, &one, id).await.unwrap().version;
    let proposed = program::propose_fund(app, &one, id, version, fund).await.unwrap();
    accepts(app, &proposed).await;
}

/// Two people set the tiers; they are in force.
pub(crate) async fn sets_tiers(app: &App, tiers: ProposeTiers) -> TiersView {
    let one = person(app, Role::Administrator).await;
    let version = approval_tier::get(app, &one).await.unwrap().version;
    let proposed = approval_tier::propose(app, &one, version, tiers).await.unwrap();
    accepts(app, &proposed).await;
    approval_tier::get(app, &one).await.unwrap()
}

/// Two people decide what a day, such as `2025-01-20`, is; so it stands in the calendar.
pub(crate) async fn decides_day(app: &App, day: &str, said: ProposeDay) {
    let one = person(app, Role::Preparer).await;
    let proposed = pay_calendar::propose(app, &one, day.parse().unwrap(), said)
        .await
        .unwrap();
    accepts(app, &proposed).await;
}
