//! Setting a report aside that was read as the wrong bank's: one person proposes, another decides.

use maud::{Markup, html};
use serde_json::json;
use service::Error;
use service::bank_report::{self, BankReportView};
use service::proposal::DecideProposal;
use service::reconciliation::{self, ProposeSetAside, SetAsideView};
use uuid::Uuid;

use super::layout::Here;
use super::matter::{Matter, over};
use super::second_person::{Ask, Typed, Waits, command, first_person, second_person, typed};
use super::visit::{Clerk, Visit};
use super::words;

/// Where the reports are.
const LIST: &str = "/treasury/reports";

/// A report, with what was proposed and decided of setting it aside, the newest first.
pub(super) struct Aside {
    report: BankReportView,
    said: Vec<SetAsideView>,
}

impl Aside {
    fn page(&self) -> String {
        format!("{LIST}/{}/set-aside", self.report.id)
    }
}

impl Matter for Aside {
    const LIST: &'static str = LIST;
    const NAME: &'static str = "Kết quả ngân hàng";
    const HERE: Here = Here::Reports;

    async fn read(visit: &Visit, clerk: &Clerk, id: Uuid) -> Result<Self, Error> {
        Ok(Self {
            report: bank_report::get(visit.app(), &clerk.actor, id).await?,
            said: reconciliation::set_asides(visit.app(), &clerk.actor, id).await?,
        })
    }

    fn title(&self) -> String {
        format!("Loại bỏ báo cáo {}", self.report.file_name)
    }

    fn facts(&self) -> Markup {
        let report = &self.report;
        html! {
            section.sheet.facts aria-label="Thông tin tệp kết quả" {
                dl {
                    dt { "Tệp" } dd { a href={ (LIST) "/" (report.id) } { (report.file_name) } }
                    dt { "Nhận lúc" } dd { (words::time(report.received_at)) }
                    dt { "Đọc là báo cáo của" } dd { (report.bank.as_deref().unwrap_or("Không rõ ngân hàng")) }
                    dt { "Cách đọc" } dd { @if report.mode == "strict" { "Đọc chặt" } @else { "Đọc rộng" } }
                    dt { "Số dòng" } dd { (words::number(report.line_count)) }
                    dt { "Chờ xử lý" } dd { (words::number(report.suspense)) }
                }
            }
        }
    }

    fn next_step(&self, clerk: &Clerk, fields: &Typed, wrong: Option<&Error>) -> Markup {
        let waiting = self.said.iter().find(|own| own.proposal.decided_by.is_none());
        match waiting {
            Some(own) => {
                let waits = Waits {
                    id: own.id,
                    way: "Loại bỏ báo cáo".to_owned(),
                    said: &own.proposal,
                    by: "một cán bộ khác",
                    decide: format!("{}/decide", self.page()),
                };
                second_person(&waits, clerk, fields, wrong)
            }
            None if self.report.matches_nothing() => proposal(self, &clerk.seal, fields, wrong),
            None if self.report.is_set_aside() => over("Báo cáo này đã được loại bỏ; có thể nạp lại tệp.", wrong),
            None => over(
                "Báo cáo này chưa đối soát xong, hoặc đã có dòng khớp với lệnh chi: không loại bỏ được.",
                wrong,
            ),
        }
    }

    async fn proposed(visit: &Visit, clerk: &Clerk, id: Uuid, fields: &Typed) -> Result<(), Error> {
        let wish: ProposeSetAside = command(json!({"note": typed(fields, "note")}))?;
        reconciliation::propose_set_aside(visit.app(), &clerk.actor, id, wish).await?;
        Ok(())
    }

    async fn decided(visit: &Visit, clerk: &Clerk, id: Uuid, verdict: DecideProposal) -> Result<(), Error> {
        reconciliation::decide_set_aside(visit.app(), &clerk.actor, id, verdict).await?;
        Ok(())
    }
}

/// The form of the first person.
fn proposal(own: &Aside, seal: &str, fields: &Typed, wrong: Option<&Error>) -> Markup {
    let ask = Ask {
        title: "Đề nghị loại bỏ",
        how: "Chỉ khi tệp được đọc sai ngân hàng hoặc sai cách đọc. Một cán bộ khác sẽ quyết định; chấp nhận rồi thì các dòng của \
              báo cáo không chờ xử lý nữa, và tệp được nạp, đọc lại.",
        choice: None,
        terms: Vec::new(),
        more: html! {},
        propose: format!("{}/propose", own.page()),
    };
    first_person(&ask, seal, fields, wrong)
}
