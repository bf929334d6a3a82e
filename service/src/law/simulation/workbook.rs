//! A simulation as a workbook: what the approver looks at.

use rust_xlsxwriter::{Chart, ChartType, Workbook};
use uuid::Uuid;

use super::budget::Budget;
use super::result::{Line, SimulationResult};
use super::words::{self, AreaNames, PersonNames};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::month_close::tie;
use crate::print;
use crate::sheet::{Cell, ColumnSpec, Look, row, start, workbook as book};

/// Columns of heads and money, after those that say of what.
const MEASURES: &[ColumnSpec] = &[
    ("Số người hiện nay", 16.0),
    ("Số người theo dự thảo", 16.0),
    ("Số tiền hiện nay", 20.0),
    ("Số tiền theo dự thảo", 20.0),
    ("Chênh lệch", 20.0),
];

/// The heading of groups, whose names are long.
const GROUP: &str = "Nhóm";

/// A simulation of an instrument as XLSX: the one that is asked for, or the newest of everybody that is done.
pub async fn workbook(app: &App, actor: &Actor, id: Uuid, simulation: Option<Uuid>) -> Result<Vec<u8>, Error> {
    actor.require_province(Permission::LawRead)?;
    let own = crate::law::find(app.db.read(), id).await?;
    let simulation = super::read::asked(app, id, simulation).await?;
    let result = simulation.result.ok_or_else(Error::not_found)?;
    let mut result: SimulationResult = serde_json::from_value(result)?;
    super::read::keep(actor, &mut result);
    words::by_place(&mut result.by_area);
    words::by_place(&mut result.cells);
    let areas = tie::names(app.db.read()).await?;
    let people = words::people(app, actor, &result).await?;
    let title = format!("MÔ PHỎNG TÁC ĐỘNG: {}", own.number);
    let mut sheets = Sheets {
        book: book(&title, simulation.created_at)?,
        look: Look::new(),
    };
    sheets.summary(&title, &result, simulation.sample)?;
    sheets.table("Theo tháng", ChartType::Line, &["Tháng"], &result.by_month, |line| {
        vec![words::month(line.month)]
    })?;
    sheets.table(
        "Theo xã, phường",
        ChartType::Column,
        &["Xã, phường, đặc khu"],
        &result.by_area,
        |line| vec![line.area.clone().unwrap_or_default()],
    )?;
    sheets.table("Theo nhóm", ChartType::Column, &[GROUP], &result.by_group, |line| {
        vec![words::group(line.benefit.as_deref(), line.group.as_deref())]
    })?;
    sheets.cells(&result)?;
    sheets.examples(&result, &areas, &people)?;
    sheets.paid_months(&result)?;
    sheets.findings(&result)?;
    if let Some(budget) = &result.budget {
        sheets.budget(budget)?;
    }
    if let Some(replay) = &result.replay {
        let name = "24 tháng qua";
        sheets.table(name, ChartType::Line, &["Tháng"], &replay.by_month, |line| {
            vec![words::month(line.month)]
        })?;
    }
    Ok(sheets.book.save_to_buffer()?)
}

/// A workbook that is being written.
pub(super) struct Sheets {
    pub(super) book: Workbook,
    pub(super) look: Look,
}

/// Where a chart's numbers stand.
pub(super) struct Plotted<'a> {
    pub(super) sheet: &'a str,
    pub(super) kind: ChartType,
    pub(super) rows: (u32, u32),
    /// Column and name of each series.
    pub(super) series: Vec<(u16, &'a str)>,
    /// The column that the chart is put into.
    pub(super) at: u16,
}

impl Sheets {
    fn summary(&mut self, title: &str, result: &SimulationResult, sample: Option<i64>) -> Result<(), Error> {
        let sheet = self.book.add_worksheet().set_name("Tổng hợp")?;
        let columns: &[ColumnSpec] = &[("Chỉ tiêu", 52.0), ("Số người", 16.0), ("Đồng", 22.0)];
        let mut notes = vec![format!(
            "Tháng đầu áp dụng: {}. So sánh tại tháng {}. Số người được tính: {}",
            print::month(result.first_month),
            print::month(result.compared_in),
            print::dong(result.people)
        )];
        if let Some(sample) = sample {
            notes.push(format!("Mẫu: một trong {sample} người; không dùng để trình ký"));
        }
        if let Some(why) = &result.replay_refused {
            notes.push(format!("Không tính lại được 24 tháng qua: {}", why.vi));
        }
        let at = start(sheet, &self.look, title, &notes, columns)?;
        for (offset, (name, people, dong)) in (0..).zip(summary_lines(result)) {
            let cells = [Cell::Text(name), Cell::Money(people), Cell::Money(dong)];
            row(sheet, at + offset, &self.look.text, &self.look.money, &cells)?;
        }
        Ok(())
    }

    /// A table of heads and money with its chart.
    fn table(
        &mut self,
        name: &str,
        kind: ChartType,
        keys: &[&'static str],
        lines: &[Line],
        told: impl Fn(&Line) -> Vec<String>,
    ) -> Result<(), Error> {
        let columns: Vec<ColumnSpec> = keys
            .iter()
            .map(|key| (*key, if *key == GROUP { 64.0 } else { 30.0 }))
            .chain(MEASURES.iter().copied())
            .collect();
        let sheet = self.book.add_worksheet().set_name(name)?;
        let first = start(sheet, &self.look, &name.to_uppercase(), &[], &columns)?;
        let mut at = first;
        for line in lines {
            let own = told(line);
            let mut cells: Vec<Cell<'_>> = own.iter().map(|text| Cell::Text(text)).collect();
            cells.extend(
                [
                    line.heads_now,
                    line.heads_draft,
                    line.now,
                    line.draft,
                    line.draft - line.now,
                ]
                .map(Cell::Money),
            );
            row(sheet, at, &self.look.text, &self.look.money, &cells)?;
            at += 1;
        }
        let wide = u16::try_from(keys.len()).map_err(Error::internal)?;
        self.chart(&Plotted {
            sheet: name,
            kind,
            rows: (first, at),
            series: vec![(wide + 2, "Hiện nay"), (wide + 3, "Theo dự thảo")],
            at: wide + 6,
        })
    }

    /// Area by group by month: a table to filter and to pivot, without a chart.
    fn cells(&mut self, result: &SimulationResult) -> Result<(), Error> {
        let keys: &[ColumnSpec] = &[("Xã, phường, đặc khu", 30.0), (GROUP, 64.0), ("Tháng", 12.0)];
        let columns: Vec<ColumnSpec> = keys.iter().chain(MEASURES).copied().collect();
        let sheet = self.book.add_worksheet().set_name("Chi tiết")?;
        let first = start(sheet, &self.look, "XÃ, PHƯỜNG × NHÓM × THÁNG", &[], &columns)?;
        for (at, line) in (first..).zip(&result.cells) {
            let area = line.area.as_deref().unwrap_or_default();
            let group = words::group(line.benefit.as_deref(), line.group.as_deref());
            let month = words::month(line.month);
            let cells = [
                Cell::Text(area),
                Cell::Text(&group),
                Cell::Text(&month),
                Cell::Money(line.heads_now),
                Cell::Money(line.heads_draft),
                Cell::Money(line.now),
                Cell::Money(line.draft),
                Cell::Money(line.draft - line.now),
            ];
            row(sheet, at, &self.look.text, &self.look.money, &cells)?;
        }
        Ok(())
    }

    /// People by their names. Of those who are protected, and for readers without the registry, the id stands alone: by it
    /// whoever may look a person up finds them.
    fn examples(&mut self, result: &SimulationResult, areas: &AreaNames, names: &PersonNames) -> Result<(), Error> {
        let columns: &[ColumnSpec] = &[
            ("Thay đổi", 20.0),
            ("Họ và tên", 32.0),
            ("Xã, phường, đặc khu", 30.0),
            ("Nhóm hiện nay", 64.0),
            ("Nhóm theo dự thảo", 64.0),
            ("Hiện nay", 16.0),
            ("Theo dự thảo", 16.0),
            ("Mã người", 40.0),
        ];
        let sheet = self.book.add_worksheet().set_name("Ví dụ")?;
        let mut at = start(sheet, &self.look, "VÍ DỤ", &[], columns)?;
        for (name, change) in [
            ("Tăng", &result.gainers),
            ("Giảm", &result.losers),
            ("Mới hưởng", &result.entrants),
            ("Thôi hưởng", &result.leavers),
        ] {
            for example in &change.examples {
                let person = example.person_id.to_string();
                let area = areas.get(&example.area_id).unwrap_or(&example.area_id);
                let groups = [&example.groups_now, &example.groups_draft].map(|own| words::groups(own));
                let [now, draft] = &groups;
                let cells = [
                    Cell::Text(name),
                    Cell::Text(names.get(&example.person_id).map_or("", String::as_str)),
                    Cell::Text(area),
                    Cell::Text(now),
                    Cell::Text(draft),
                    Cell::Money(example.now),
                    Cell::Money(example.draft),
                    Cell::Text(&person),
                ];
                row(sheet, at, &self.look.text, &self.look.money, &cells)?;
                at += 1;
            }
        }
        Ok(())
    }

    fn paid_months(&mut self, result: &SimulationResult) -> Result<(), Error> {
        let columns: &[ColumnSpec] = &[("Tháng đã chi", 16.0), ("Truy lĩnh", 20.0), ("Có thể chi thừa", 20.0)];
        let name = "Truy lĩnh, chi thừa";
        let sheet = self.book.add_worksheet().set_name(name)?;
        let first = start(
            sheet,
            &self.look,
            "THÁNG ĐÃ CHI: TRUY LĨNH VÀ CÓ THỂ CHI THỪA",
            &[],
            columns,
        )?;
        let mut at = first;
        for own in &result.paid_months {
            let month = print::month(own.month);
            let cells = [
                Cell::Text(&month),
                Cell::Money(own.arrears),
                Cell::Money(own.potential_overpayments),
            ];
            row(sheet, at, &self.look.text, &self.look.money, &cells)?;
            at += 1;
        }
        self.chart(&Plotted {
            sheet: name,
            kind: ChartType::Column,
            rows: (first, at),
            series: vec![(1, "Truy lĩnh"), (2, "Có thể chi thừa")],
            at: 4,
        })
    }

    /// What the check found: the signers read it too.
    fn findings(&mut self, result: &SimulationResult) -> Result<(), Error> {
        let columns: &[ColumnSpec] = &[
            ("Mức độ", 14.0),
            ("Văn bản", 26.0),
            ("Vị trí", 34.0),
            ("Nội dung", 90.0),
        ];
        let sheet = self.book.add_worksheet().set_name("Kết quả kiểm tra")?;
        let first = start(sheet, &self.look, "KẾT QUẢ KIỂM TRA DỰ THẢO", &[], columns)?;
        for (at, own) in (first..).zip(&result.findings) {
            let severity = if own.severity == "error" {
                "Lỗi"
            } else {
                "Cảnh báo"
            };
            let cells = [severity, &own.instrument, &own.pointer, &own.message.vi].map(Cell::Text);
            row(sheet, at, &self.look.text, &self.look.money, &cells)?;
        }
        Ok(())
    }

    fn budget(&mut self, budget: &Budget) -> Result<(), Error> {
        let columns: &[ColumnSpec] = &[
            ("Tháng", 14.0),
            ("Chi hiện nay", 20.0),
            ("Chi theo dự thảo", 20.0),
            ("Còn lại hiện nay", 20.0),
            ("Còn lại theo dự thảo", 20.0),
        ];
        let name = "Nguồn kinh phí";
        let never = || "đủ đến hết năm".to_owned();
        let named = if budget.name.is_empty() {
            &budget.code
        } else {
            &budget.name
        };
        let notes = [
            format!("{named}, năm {}", budget.fiscal_year),
            format!(
                "Hết kinh phí: hiện nay {}; theo dự thảo {}",
                budget.runs_out_now.map_or_else(never, print::month),
                budget.runs_out_draft.map_or_else(never, print::month)
            ),
        ];
        let sheet = self.book.add_worksheet().set_name(name)?;
        let first = start(sheet, &self.look, "NGUỒN KINH PHÍ", &notes, columns)?;
        let mut at = first;
        for own in &budget.months {
            let month = print::month(own.month);
            let cells = [
                Cell::Text(&month),
                Cell::Money(own.now),
                Cell::Money(own.draft),
                Cell::Money(own.left_now),
                Cell::Money(own.left_draft),
            ];
            row(sheet, at, &self.look.text, &self.look.money, &cells)?;
            at += 1;
        }
        self.chart(&Plotted {
            sheet: name,
            kind: ChartType::Line,
            rows: (first, at),
            series: vec![(3, "Còn lại hiện nay"), (4, "Còn lại theo dự thảo")],
            at: 6,
        })
    }

    /// A chart beside its numbers, whose names stand in the first column.
    pub(super) fn chart(&mut self, plotted: &Plotted<'_>) -> Result<(), Error> {
        let (first, end) = plotted.rows;
        if end <= first {
            return Ok(());
        }
        let mut chart = Chart::new(plotted.kind);
        for (column, label) in &plotted.series {
            let series = chart.add_series();
            series
                .set_categories((plotted.sheet, first, 0, end - 1, 0))
                .set_values((plotted.sheet, first, *column, end - 1, *column));
            series.set_name(*label);
        }
        chart.title().set_name(plotted.sheet);
        let sheet = self.book.worksheet_from_name(plotted.sheet)?;
        sheet.insert_chart(first, plotted.at, &chart)?;
        Ok(())
    }
}

fn summary_lines(result: &SimulationResult) -> Vec<(&'static str, i64, i64)> {
    let mut lines = vec![
        ("Tăng mức hưởng", result.gainers.people, result.gainers.dong),
        ("Giảm mức hưởng", result.losers.people, result.losers.dong),
        ("Mới được hưởng", result.entrants.people, result.entrants.dong),
        ("Thôi hưởng", result.leavers.people, result.leavers.dong),
        ("Không thay đổi", result.unchanged, 0),
        ("Pháp luật hiện hành chưa xác định", result.undetermined_now, 0),
        ("Dự thảo chưa xác định", result.undetermined_draft, 0),
        ("Truy lĩnh phát sinh", result.arrears.people, result.arrears.dong),
        (
            "Có thể chi thừa",
            result.potential_overpayments.people,
            result.potential_overpayments.dong,
        ),
        ("Chi 12 tháng hiện nay", 0, result.twelve_months.now),
        ("Chi 12 tháng theo dự thảo", 0, result.twelve_months.draft),
    ];
    if let Some(budget) = &result.budget {
        lines.push(("Chi cả năm ngân sách hiện nay", 0, budget.year_now));
        lines.push(("Chi cả năm ngân sách theo dự thảo", 0, budget.year_draft));
        lines.push(("Kinh phí còn lại", 0, budget.available));
    }
    if let Some(replay) = &result.replay {
        lines.push(("24 tháng qua theo luật đã áp dụng", 0, replay.now));
        lines.push(("24 tháng qua nếu theo dự thảo", 0, replay.draft));
    }
    lines
}
