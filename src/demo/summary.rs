//! The summary a person likes to look at.

use std::time::Instant;

use crate::play::table::grouped;

/// One step of the story.
struct Row {
    step: String,
    /// Of people, of claims, of lines or of orders, as the step has them.
    count: Option<i64>,
    dong: Option<i64>,
    seconds: f64,
}

/// What happened, how many people and how much money it was, and how long it took.
pub(super) struct Summary {
    rows: Vec<Row>,
    since: Instant,
    begun: Instant,
}

impl Summary {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            rows: Vec::new(),
            since: now,
            begun: now,
        }
    }

    /// Notes a step that has just ended.
    pub(super) fn step(&mut self, step: impl Into<String>, count: Option<i64>, dong: Option<i64>) {
        let now = Instant::now();
        let seconds = now.duration_since(self.since).as_secs_f64();
        self.since = now;
        self.rows.push(Row {
            step: step.into(),
            count,
            dong,
            seconds,
        });
    }

    pub(super) fn print(&self) {
        let width = self.rows.iter().map(|row| row.step.chars().count()).max().unwrap_or(0);
        say!();
        say!("{:width$}  {:>9}  {:>18}  {:>7}", "Bước", "Số lượng", "Đồng", "Giây");
        say!("{:-<width$}  {:->9}  {:->18}  {:->7}", "", "", "", "");
        for row in &self.rows {
            let count = row.count.map_or_else(String::new, grouped);
            let dong = row.dong.map_or_else(String::new, grouped);
            say!("{:width$}  {count:>9}  {dong:>18}  {:>7.2}", row.step, row.seconds);
        }
        say!("{:-<width$}  {:->9}  {:->18}  {:->7}", "", "", "", "");
        say!(
            "{:width$}  {:>9}  {:>18}  {:>7.2}",
            "Tất cả",
            "",
            "",
            self.begun.elapsed().as_secs_f64()
        );
        say!();
    }
}
