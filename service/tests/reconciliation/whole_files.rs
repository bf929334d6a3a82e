//! What a report says of whole files, and files that are no report.

use domain::bank_report::synthetic::{AnswerHeader, write_pain002};
use entity::enums::*;
use entity::{bank_report, job};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use service::ProblemCode;

use crate::house::{AMOUNT, answer, header, house, pain002, statuses};

#[tokio::test]
async fn a_truncated_or_foreign_file_stores_nothing() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 2)
        .await;
    let orders = house.orders(run).await;
    let whole = pain002(
        "A1",
        &[answer(&orders[0], "ACSC", None), answer(&orders[1], "ACSC", None)],
    );
    let files: [(Vec<u8>, &str); 4] = [
        (whole[..whole.len() - 40].to_vec(), "report_truncated"),
        (b"PK\x03\x04 no report".to_vec(), "report_not_recognised"),
        (Vec::new(), "report_empty"),
        (
            b"<Document xmlns=\"urn:x\"><Other/></Document>".to_vec(),
            "report_unknown_message",
        ),
    ];
    for (bytes, code) in files {
        let error = house.upload(bytes).await.unwrap_err();
        assert_eq!(error.code, ProblemCode::UnreadableBankFile);
        assert_eq!(error.fields[0].code, code);
    }
    let conn = house.app.db.read();
    assert_eq!(bank_report::Entity::find().count(conn).await.unwrap(), 0);
    let jobs = job::Entity::find().filter(job::Column::Kind.eq("reconcile_report"));
    assert_eq!(jobs.count(conn).await.unwrap(), 0);
    let refused = service::bank_report::upload(&house.app, &house.preparer, "a.xml", whole)
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::Forbidden);
}

#[tokio::test]
async fn what_a_report_says_of_a_whole_file_holds_for_each_order_it_does_not_list() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 3)
        .await;
    let orders = house.orders(run).await;
    let file = house.file_of(run).await;
    let of_file = |message_id: &str, group: Option<&str>| AnswerHeader {
        original_message_id: file.message_id.clone().unwrap(),
        group_status: group.map(str::to_owned),
        ..header(message_id)
    };
    let mut bytes = Vec::new();
    write_pain002(
        &mut bytes,
        &of_file("A1", Some("PART")),
        &[answer(&orders[1], "RJCT", Some("AC01"))],
    )
    .unwrap();
    house.bring(bytes).await;
    use OrderStatus::{Accepted, Rejected, Settled};
    assert_eq!(statuses(&house.orders(run).await), [Accepted, Rejected, Accepted]);
    assert_eq!(house.status(run).await, PayRunStatus::Settling);
    let mut bytes = Vec::new();
    write_pain002(&mut bytes, &of_file("A2", Some("ACSC")), &[]).unwrap();
    house.bring(bytes).await;
    assert_eq!(statuses(&house.orders(run).await), [Settled, Rejected, Settled]);
    assert_eq!(house.status(run).await, PayRunStatus::Closed);
    let fund = house.fund(2024).await;
    assert_eq!((fund.in_transit, fund.paid, fund.to_reissue), (0, 2 * AMOUNT, AMOUNT));
    house.ties().await;
}

#[tokio::test]
async fn one_debit_over_a_batch_settles_the_orders_the_bank_took() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 3)
        .await;
    let orders = house.orders(run).await;
    house
        .bring(pain002("A1", &[answer(&orders[2], "RJCT", Some("AC01"))]))
        .await;
    let manifest = service::payment_file::manifest(&house.app, &house.treasury, house.file_of(run).await.id);
    let batch = manifest.await.unwrap().payment_information_id.unwrap();
    let debit = |sum: i64, id: &str| {
        format!(
            "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\">\
             <BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>{id}</MsgId><CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm></GrpHdr>\
             <Ntfctn><Id>{id}</Id><Acct><Id><Othr><Id>1002</Id></Othr></Id></Acct><Ntry>\
             <Amt Ccy=\"VND\">{sum}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
             <NtryDtls><Btch><PmtInfId>{batch}</PmtInfId></Btch></NtryDtls>\
             </Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
        )
        .into_bytes()
    };
    let wrong = house.bring(debit(4 * AMOUNT - 1, "D1")).await;
    assert_eq!((wrong.matched, wrong.suspense), (0, 1));
    let right = house.bring(debit(4 * AMOUNT, "D2")).await;
    assert_eq!((right.matched, right.suspense), (1, 0));
    use OrderStatus::{Rejected, Settled};
    assert_eq!(statuses(&house.orders(run).await), [Settled, Settled, Rejected]);
    house.ties().await;
}
