//! The letter (công văn) by which a bank or the post office is asked to stop or send back an order, to be printed, signed and
//! sealed: what banks that take tables get in place of a message, and what may lie beside the message of the others.

use domain::Vnd;
use domain::bank::BankTable;
use domain::payment_file::FileTerms;
use domain::words::in_words;
use entity::enums::Channel;
use entity::{pay_run, payment_file, payment_order, recall};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::clock::in_vietnam;
use crate::code::Code;
use crate::error::Error;
use crate::payment_order::camt055::{self, BY_LETTER};
use crate::payment_order::recall_in_scope;
use crate::print::{self, Align, BODY, Closing, Column, Face, Heading, Margins, Numbering, Paper, Style, Table};
use crate::{delivery, proposal, vocabulary};

/// Where letters are written.
const PLACE: &str = "Quảng Ninh";

/// A reference is read aloud and compared: it stands in one line.
const REFERENCE: f32 = 10.2;

/// Of a text with a long reference or name in it: set at both edges, the line before that would be stretched.
const RAGGED: Style = Style {
    align: Align::Left,
    ..BODY
};

const TRANSFERS: &[Column] = &[
    Column::new("STT", 1.2, Align::Right),
    Column::new("Mã lệnh chi", REFERENCE, Align::Left),
    Column::new("Số tài khoản", 3.9, Align::Left),
    Column::new("Chủ tài khoản", 4.3, Align::Left),
    Column::new("Số tiền (đồng)", 3.1, Align::Right),
];

const CASH: &[Column] = &[
    Column::new("STT", 1.2, Align::Right),
    Column::new("Mã lệnh chi", REFERENCE, Align::Left),
    Column::new("Số giấy tờ", 3.9, Align::Left),
    Column::new("Người nhận", 4.3, Align::Left),
    Column::new("Số tiền (đồng)", 3.1, Align::Right),
];

/// What a letter is written from.
struct Asked {
    unit: String,
    message_id: String,
    row: recall::Model,
    order: payment_order::Model,
    run: pay_run::Model,
    file: payment_file::Model,
    /// SHA-256 of the file.
    sha256: String,
    terms: FileTerms,
}

/// The letter of an accepted recall, as PDF: its name and bytes, the same each time as long as the unit has its name and no
/// other number is noted. Its day is that of the decision; its number is that noted by [`super::letter_sent()`], and until then
/// left to the office, as the signature is.
///
/// # Errors
/// `illegal-transition` where the recall was not accepted; `conflict` where the file of the order is not built yet.
pub async fn recall_letter(app: &App, actor: &Actor, id: Uuid) -> Result<(String, Vec<u8>), Error> {
    let scope = actor.require(Permission::FileRead)?;
    let conn = app.db.read();
    let (row, order) = recall_in_scope(conn, &scope, id).await?;
    let message_id = row.message_id.clone().ok_or_else(proposal::not_accepted)?;
    let file = camt055::file_of(conn, &order).await?;
    let sha256 = crate::payment_file::built(&file)?.to_owned();
    let asked = Asked {
        unit: app.unit.clone(),
        run: crate::pay_run::find(conn, order.pay_run_id).await?,
        terms: crate::payment_file::terms_of(&file)?,
        message_id,
        sha256,
        row,
        order,
        file,
    };
    let name = format!("recall-letter-{}.pdf", asked.message_id);
    let bytes = tokio::task::spawn_blocking(move || asked.write())
        .await
        .map_err(Error::internal)??;
    Ok((name, bytes))
}

/// The name of a bank in the register; one that is not there stands by its code.
fn bank_name(code: &str) -> Result<String, Error> {
    let table = BankTable::embedded().map_err(Error::internal)?;
    let bank = table.current(code);
    Ok(bank.map_or_else(|| code.to_owned(), |bank| bank.name.clone()))
}

impl Asked {
    fn is_cash(&self) -> bool {
        self.order.channel == Channel::PostCash
    }

    /// Who is asked: whoever was asked to pay. A message orders the bank of the account that is debited, and its camt.055 goes
    /// there too; a table goes to the bank in whose form it is, and a list of cash to the post office.
    fn receiver(&self) -> Result<String, Error> {
        match self.file.bank_code.as_deref() {
            None => Ok("Bưu điện tỉnh Quảng Ninh".to_owned()),
            Some(code) if BY_LETTER.contains(&self.file.kind) => bank_name(code),
            Some(_) => bank_name(&self.terms.debtor.bank.code),
        }
    }

    /// The number that was noted when the letter was sent; until then a place for it.
    fn number(&self) -> String {
        let noted = self.row.letter_number.as_deref();
        format!("Số: {}", noted.unwrap_or("………/………"))
    }

    fn write(&self) -> Result<Vec<u8>, Error> {
        let decided_at = self.row.decided_at.ok_or_else(proposal::not_accepted)?;
        let day = in_vietnam(decided_at).date_naive();
        let mut paper = Paper::upright(Margins::OFFICIAL)?;
        let heading = Heading {
            body: self.unit.to_uppercase(),
            number: self.number(),
            place_and_date: format!("{PLACE}, {}", print::long_date(day)),
            kind: String::new(),
            subject: "V/v đề nghị thu hồi lệnh chi".to_owned(),
        };
        print::heading(&mut paper, &heading);
        let to = format!("Kính gửi: {}", self.receiver()?);
        paper.paragraph(Style::plain(13.0, Align::Centre, 6.0), &[(Face::Regular, &to)]);
        self.request(&mut paper);
        self.orders(&mut paper)?;
        self.grounds(&mut paper);
        self.answer(&mut paper);
        let closing = Closing {
            receivers: vec!["Như trên;".to_owned(), "Lưu: VT.".to_owned()],
            signer: vec!["THỦ TRƯỞNG ĐƠN VỊ".to_owned()],
        };
        print::closing(&mut paper, &closing);
        let title = format!("Công văn đề nghị thu hồi lệnh chi {}", self.message_id);
        paper.finish(&title, decided_at, Numbering::Official)
    }

    fn request(&self, paper: &mut Paper) {
        let wish = if self.is_cash() {
            "đề nghị Quý cơ quan dừng chi trả tiền mặt theo lệnh chi sau đây"
        } else {
            "đề nghị Quý Ngân hàng dừng thực hiện, hoặc thu hồi số tiền đã chuyển của lệnh chi sau đây"
        };
        let text = format!("{} {wish} (mã đề nghị thu hồi: {}):", self.unit, self.message_id);
        paper.paragraph(RAGGED, &[(Face::Regular, &text)]);
    }

    /// The orders to be recalled, and what they come to.
    fn orders(&self, paper: &mut Paper) -> Result<(), Error> {
        let columns = if self.is_cash() { CASH } else { TRANSFERS };
        let (order, amount) = (&self.order, print::dong(self.order.amount));
        paper.space(2.0);
        let mut table = Table::begin(paper, columns, 9.0, 18.0);
        let (account, holder) = (order.account_number.as_str(), order.holder_name.as_str());
        let cells: [&str; 5] = ["1", &order.reference, account, holder, &amount];
        table.row(paper, Face::Regular, &cells);
        table.row(paper, Face::Bold, &["", "Tổng cộng: 01 lệnh chi", "", "", &amount]);
        table.end(paper);
        paper.space(6.0);
        let words = in_words(Vnd::new(order.amount).map_err(Error::internal)?);
        let text = format!("Tổng số: 01 lệnh chi, số tiền {amount} đồng (Bằng chữ: {words}).");
        paper.paragraph(BODY, &[(Face::Regular, &text)]);
        if let Some(code) = self.file.bank_code.as_deref() {
            let bank = format!("{}.", bank_name(code)?);
            paper.paragraph(
                BODY,
                &[(Face::Bold, "Ngân hàng của người nhận: "), (Face::Regular, &bank)],
            );
        }
        Ok(())
    }

    /// Why, and in which file the order stands; it may not have left the house yet.
    fn grounds(&self, paper: &mut Paper) {
        let code = self.row.reason.code();
        let label = vocabulary::vietnamese("recall_reason", &code);
        let note = self.row.note.trim().trim_end_matches('.');
        let why = format!("{label} ({code}). {note}.");
        paper.paragraph(BODY, &[(Face::Bold, "Lý do thu hồi: "), (Face::Regular, &why)]);
        let file = format!("{}.", delivery::target_name(&self.run, &self.file));
        paper.paragraph(RAGGED, &[(Face::Bold, "Tệp có lệnh chi: "), (Face::Regular, &file)]);
        // A hash is compared with another one: it stands in a line of its own.
        paper.paragraph(BODY, &[(Face::Bold, "Mã băm SHA-256 của tệp:")]);
        let own_line = Style {
            indent: BODY.indent,
            ..Style::plain(11.0, Align::Left, 4.0)
        };
        paper.paragraph(own_line, &[(Face::Regular, &self.sha256)]);
    }

    /// What is asked of the receiver, as things stood when the letter was agreed on.
    fn answer(&self, paper: &mut Paper) {
        let text = if self.is_cash() {
            "Nếu chưa trả tiền cho người nhận, đề nghị không trả và ghi “Chưa nhận” ở dòng của lệnh chi này khi gửi lại danh \
             sách; nếu đã trả, đề nghị cho biết ngày trả. Đề nghị trả lời bằng văn bản, ghi mã lệnh chi nêu trên."
                .to_owned()
        } else {
            format!(
                "Nếu chưa ghi nợ, đề nghị không thực hiện lệnh chi; nếu đã ghi nợ, đề nghị hoàn trả số tiền vào tài khoản {} \
                 của đơn vị. Đề nghị trả lời bằng văn bản, ghi mã lệnh chi nêu trên.",
                self.terms.debtor.account
            )
        };
        paper.paragraph(BODY, &[(Face::Regular, &text)]);
        paper.paragraph(BODY, &[(Face::Regular, "Trân trọng./.")]);
    }
}
