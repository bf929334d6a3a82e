//! Cash that was not collected, and what waits for a person.

use domain::bank_report::synthetic::{Answer, write_post_results};
use entity::enums::*;
use entity::{person, registry_finding};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use service::ProblemCode;
use service::proposal::{DecideProposal, Decision};
use service::reconciliation::{ProposeResolution, decide, propose};

use crate::house::{AMOUNT, answer, day, findings, house, pain002, statuses};

#[tokio::test]
async fn cash_not_collected_is_paid_again_and_its_money_is_counted_once() {
    let house = house().await;
    let run = house.released(PayRunKind::Regular, 202_409, Channel::PostCash, 3).await;
    let orders = house.orders(run).await;
    let results = ["not_collected"; 3];
    let answers: Vec<Answer> = orders
        .iter()
        .zip(results)
        .map(|(order, result)| answer(order, result, None))
        .collect();
    let mut bytes = Vec::new();
    write_post_results(&mut bytes, day("2024-09-18"), &answers).unwrap();
    let report = house.bring(bytes).await;
    assert_eq!(
        (report.format, report.matched, report.suspense),
        (ReportFormat::PostResult, 3, 0)
    );
    let now = house.orders(run).await;
    assert_eq!(statuses(&now), [OrderStatus::Returned; 3]);
    assert_eq!(now[1].reason.as_deref(), Some("not_collected"));
    assert_eq!(house.status(run).await, PayRunStatus::Closed);
    house.ties().await;

    let before = house.fund(2024).await;
    house.released(PayRunKind::Reissue, 202_409, Channel::PostCash, 3).await;
    let after = house.fund(2024).await;
    assert_eq!((before.to_reissue, after.to_reissue), (3 * AMOUNT, 0));
    assert_eq!(after.available, before.available);
    house.ties().await;
}

#[tokio::test]
async fn a_deceased_holder_is_a_finding_and_a_line_that_two_people_resolve_once() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 2)
        .await;
    let orders = house.orders(run).await;
    house
        .bring(pain002("A1", &[answer(&orders[0], "RJCT", Some("MD07"))]))
        .await;
    assert_eq!(statuses(&house.orders(run).await)[0], OrderStatus::Rejected);
    let waiting = house.waiting().await;
    assert_eq!(
        findings(&waiting),
        [("person_deceased".to_owned(), LineOutcome::Matched)].into()
    );
    let people = person::Entity::find().filter(person::Column::DeathDate.is_not_null());
    assert_eq!(people.count(house.app.db.read()).await.unwrap(), 0);
    let open = registry_finding::Entity::find().all(house.app.db.read()).await.unwrap();
    assert_eq!(
        (open.len(), open[0].kind, open[0].status),
        (1, FindingKind::ReportedDeceased, FindingStatus::Open)
    );

    let what = |note: &str| ProposeResolution {
        resolution: ResolutionKind::BankResends,
        order_id: None,
        note: note.into(),
    };
    let line = waiting[0].line.id;
    let empty = propose(&house.app, &house.treasury, line, what("  "))
        .await
        .unwrap_err();
    assert_eq!(empty.code, ProblemCode::Invalid);
    let proposed = propose(&house.app, &house.treasury, line, what("Đã báo xã xác minh"))
        .await
        .unwrap();
    let accept = || DecideProposal {
        proposal_id: proposed.id,
        decision: Decision::Accept,
        note: "Đồng ý".into(),
    };
    let alone = decide(&house.app, &house.treasury, line, accept()).await.unwrap_err();
    assert_eq!(alone.code, ProblemCode::SamePerson);
    let resolved = decide(&house.app, &house.approver, line, accept()).await.unwrap();
    assert_eq!(resolved.proposal.decided_by, house.approver.user_id);
    let twice = decide(&house.app, &house.approver, line, accept()).await.unwrap_err();
    assert_eq!(twice.code, ProblemCode::IllegalTransition);
    assert!(house.waiting().await.is_empty());
    let report = service::bank_report::get(&house.app, &house.treasury, waiting[0].line.report_id)
        .await
        .unwrap();
    assert_eq!(report.suspense, 0);
    house.ties().await;
}
