//! What a statement says of the whole of itself: its balances and the sums of its entries.

use serde::Serialize;

use super::parse_amount;

/// The totals of a camt.053, đồng; of several statements in one file, their sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StatementTotals {
    /// The sum of its debits.
    pub debits: Option<i64>,
    /// The sum of its credits.
    pub credits: Option<i64>,
    /// The balance it begins with.
    pub opening: Option<i64>,
    /// The booked balance it ends with.
    pub closing: Option<i64>,
}

impl StatementTotals {
    /// By how much the balance grew; none without both balances.
    pub fn growth(&self) -> Option<i64> {
        self.closing?.checked_sub(self.opening?)
    }

    /// Does it say anything that its entries can be held against?
    pub fn says_something(&self) -> bool {
        self.debits.is_some() || self.credits.is_some() || self.growth().is_some()
    }
}

/// One balance, leaf by leaf.
#[derive(Default)]
pub(super) struct Balance {
    code: String,
    amount: Option<i64>,
    debit: bool,
}

fn add(sum: &mut Option<i64>, amount: i64) {
    *sum = Some(sum.unwrap_or(0).saturating_add(amount));
}

impl Balance {
    /// Takes a leaf below the account's part of the message.
    pub(super) fn leaf(&mut self, totals: &mut StatementTotals, path: &str, text: Option<&str>) {
        let Some(text) = text else { return };
        let amount = || parse_amount(text).map(crate::Vnd::dong);
        match path {
            "Bal/Tp/CdOrPrtry/Cd" => text.clone_into(&mut self.code),
            "Bal/Amt" => self.amount = amount(),
            "Bal/CdtDbtInd" => self.debit = text == "DBIT",
            "TxsSummry/TtlDbtNtries/Sum" => {
                if let Some(sum) = amount() {
                    add(&mut totals.debits, sum);
                }
            }
            "TxsSummry/TtlCdtNtries/Sum" => {
                if let Some(sum) = amount() {
                    add(&mut totals.credits, sum);
                }
            }
            _ => {}
        }
    }

    /// The balance is told whole.
    pub(super) fn end(&mut self, totals: &mut StatementTotals) {
        let own = std::mem::take(self);
        let Some(amount) = own.amount else { return };
        let amount = if own.debit { -amount } else { amount };
        match own.code.as_str() {
            "OPBD" | "PRCD" => add(&mut totals.opening, amount),
            "CLBD" => add(&mut totals.closing, amount),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank_report::{Format, Options, read};

    fn statement(inside: &str) -> StatementTotals {
        let text = format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>S1</MsgId>\
             </GrpHdr><Stmt><Id>S1</Id>{inside}</Stmt></BkToCstmrStmt></Document>"
        );
        let report = read(text.as_bytes(), &Options::default()).unwrap();
        assert_eq!(report.header.format, Format::Camt053);
        report.header.totals.unwrap()
    }

    fn balance(code: &str, amount: &str, direction: &str) -> String {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"VND\">{amount}</Amt>\
             <CdtDbtInd>{direction}</CdtDbtInd></Bal>"
        )
    }

    #[test]
    fn balances_and_sums_are_read() {
        let inside = [
            balance("OPBD", "1000000.00", "CRDT"),
            balance("ITBD", "5", "CRDT"),
            balance("CLBD", "250000", "DBIT"),
            "<TxsSummry><TtlCdtNtries><Sum>750</Sum></TtlCdtNtries><TtlDbtNtries><NbOfNtries>2</NbOfNtries>\
             <Sum>1250750</Sum></TtlDbtNtries></TxsSummry>"
                .to_owned(),
        ];
        let totals = statement(&inside.concat());
        assert_eq!((totals.debits, totals.credits), (Some(1_250_750), Some(750)));
        assert_eq!((totals.opening, totals.closing), (Some(1_000_000), Some(-250_000)));
        assert_eq!(totals.growth(), Some(-1_250_000));
        let alone = statement(&balance("CLBD", "0", "CRDT"));
        assert!(!alone.says_something());
    }
}
