//! How a simulated bank behaves.

use serde::{Deserialize, Serialize};

use super::course::lot;
use crate::bank_report::synthetic::AccountVersion;

/// Longest delay, days.
const DAYS_MAX: u32 = 366;
/// All of them.
const ALL: u32 = 1_000;

/// How a bank or post office answers. Shares are parts per thousand; what is left out does not happen. The shares of
/// one kind of order add up to at most 1,000, because an order has one fate.
///
/// ```json
/// {"seed": 7, "rejects": 20, "late_returns": 10, "late_returns_after_days": 35, "duplicates": 50}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Behaviour {
    /// Two banks of one seed and behaviour answer the same files with the same bytes.
    pub seed: u64,
    /// Of the transfers, refused for a fault of the account (`AC01`, `AC04`, `AC06`, `AG01`, `BE01`, `RC01`).
    pub rejects: u32,
    /// Of the transfers, debited and returned three days after.
    pub returns: u32,
    /// Of the transfers, debited and returned after `late_returns_after_days`.
    pub late_returns: u32,
    /// Days between the debit and a late return.
    pub late_returns_after_days: u32,
    /// Of the transfers, returned because the holder has died (`MD07`).
    pub deceased: u32,
    /// Of the transfers, first held by the bank (`BLCK`); five days later half of them are credited, half refused.
    pub blocked: u32,
    /// Of the transfers, debited in two parts two days apart before the whole is confirmed.
    pub partial: u32,
    /// Of all orders, answered with a wrong amount first and put right two days later.
    pub wrong_amounts: u32,
    /// Of the transfers, answered with another account than was ordered first, and put right two days later. In no preset.
    pub wrong_accounts: u32,
    /// Of all orders, really moved with another sum, one đồng less or 10,000 more, and told so on every paper: status or
    /// result, notification, statement. No preset does it, since it ends by what people decide alone.
    pub wrong_sums: u32,
    /// Of the transfers, refused as a duplicate (`AM05`) although they were paid; the debit shows two days later.
    pub duplicate_rejects: u32,
    /// Of the transfers, refused for lack of money (`AM04`) although they were debited; the debit shows two days later.
    pub refused_then_debited: u32,
    /// Of the transfers, refused two days after they were paid; the payee keeps the money.
    pub debited_then_refused: u32,
    /// Of the transfers, debited once more: half of them in the report of the first debit, half two days later. Four
    /// days after the first debit the second one is given back, of half of them as a duplicate (`AM05`). Never in tables,
    /// and in no preset.
    pub debits_twice: u32,
    /// Of the files with one debit, debited once more on the next day; five days later the second debit is given back in one
    /// sum. A file of which no order comes back by itself is given back first, and debited once more five days later. In no
    /// preset.
    pub files_debited_twice: u32,
    /// Of all orders, not answered at all before the statement.
    pub lost_answers: u32,
    /// Of the transfers, never answered on any paper: half of them are paid, half are never carried out. In no preset, since it
    /// ends by what people decide alone, by a letter of the bank.
    pub silent: u32,
    /// Days until the statement (camt.053) tells what no other answer told; 0: there is none.
    pub statement_after_days: u32,
    /// Of the cash orders, not collected.
    pub not_collected: u32,
    /// Of the lines of answers, said twice in their file; of the answer files, sent again the next day.
    pub duplicates: u32,
    /// For so many of a thousand orders the answer has one line more, with a reference nobody knows.
    pub unknown_references: u32,
    /// Of all orders, answered `delay_days` later than the others.
    pub delays: u32,
    /// How much later, days.
    pub delay_days: u32,
    /// Of the files, answered with the refused lines alone and one debit over the rest; never of tables.
    pub batch_only_debit: u32,
    /// Of the answer files, named by a national namespace, by none, or behind a byte-order mark; of the tables, with
    /// headings, separators or marks that differ from the bank's own layout.
    pub namespace_variants: u32,
    /// Of the transfers that arrive, confirmed as debited (`ACSC`), never as credited (`ACCC`).
    pub only_debited: u32,
    /// Of the recalls that could be granted, refused (`CUST`, `AM04`, `LEGL`, `NOAS`); the money of the others comes back.
    pub recalls_refused: u32,
    /// Days from a recall to its answer.
    pub recall_days: u32,
    /// Of the files in a drop folder, lost on their way: the bank sees none of it until the file is put down anew. In no
    /// preset, because people have to act then.
    pub lost_deliveries: u32,
    /// Of the files in a drop folder, acknowledged with the hash of something else; where that acknowledgement is taken
    /// away, the right one comes. In no preset.
    pub wrong_acknowledgements: u32,
    /// Version of camt.053 and camt.054.
    pub camt: AccountVersion,
}

/// A setting that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BehaviourFault {
    /// A share beyond a thousand.
    #[error("{0}: a share lies between 0 and 1000 parts per thousand")]
    Share(&'static str),
    /// Shares of one kind of order that add up to more than all of them.
    #[error("the shares of {0} add up to more than 1000 parts per thousand")]
    Sum(&'static str),
    /// A delay beyond a year.
    #[error("{0}: at most 366 days")]
    Days(&'static str),
    /// A preset that does not exist.
    #[error("there is no behaviour `{0}`: good, ordinary, bad, worst, or a file")]
    Preset(String),
}

impl Default for Behaviour {
    fn default() -> Self {
        Self::good()
    }
}

impl Behaviour {
    /// The names of the presets, the mildest first.
    pub const PRESETS: &'static [&'static str] = &["good", "ordinary", "bad", "worst"];

    /// Everything arrives and is confirmed on the next day.
    pub const fn good() -> Self {
        Self {
            seed: 1,
            rejects: 0,
            returns: 0,
            late_returns: 0,
            late_returns_after_days: 35,
            deceased: 0,
            blocked: 0,
            partial: 0,
            wrong_amounts: 0,
            wrong_accounts: 0,
            wrong_sums: 0,
            duplicate_rejects: 0,
            refused_then_debited: 0,
            debited_then_refused: 0,
            debits_twice: 0,
            files_debited_twice: 0,
            lost_answers: 0,
            silent: 0,
            statement_after_days: 12,
            not_collected: 0,
            duplicates: 0,
            unknown_references: 0,
            delays: 0,
            delay_days: 4,
            batch_only_debit: 0,
            namespace_variants: 0,
            only_debited: 0,
            recalls_refused: 0,
            recall_days: 1,
            lost_deliveries: 0,
            wrong_acknowledgements: 0,
            camt: AccountVersion::V08,
        }
    }

    /// A few refusals, returns and late answers, as every month has them.
    pub const fn ordinary() -> Self {
        Self {
            rejects: 5,
            returns: 3,
            deceased: 1,
            late_returns: 1,
            not_collected: 20,
            duplicates: 2,
            unknown_references: 1,
            delays: 20,
            only_debited: 100,
            recalls_refused: 300,
            ..Self::good()
        }
    }

    /// Everything that can go wrong does, now and then.
    pub const fn bad() -> Self {
        Self {
            rejects: 20,
            returns: 15,
            late_returns: 10,
            deceased: 5,
            blocked: 5,
            partial: 5,
            wrong_amounts: 10,
            duplicate_rejects: 5,
            refused_then_debited: 3,
            debited_then_refused: 3,
            lost_answers: 5,
            not_collected: 60,
            duplicates: 30,
            unknown_references: 10,
            delays: 100,
            batch_only_debit: 200,
            namespace_variants: 200,
            only_debited: 300,
            recalls_refused: 500,
            recall_days: 3,
            camt: AccountVersion::V04,
            ..Self::good()
        }
    }

    /// Everything that can go wrong does, all the time.
    pub const fn worst() -> Self {
        Self {
            rejects: 80,
            returns: 60,
            late_returns: 40,
            deceased: 20,
            blocked: 30,
            partial: 30,
            wrong_amounts: 40,
            duplicate_rejects: 20,
            refused_then_debited: 15,
            debited_then_refused: 15,
            lost_answers: 40,
            not_collected: 150,
            duplicates: 100,
            unknown_references: 50,
            delays: 300,
            batch_only_debit: 400,
            namespace_variants: 500,
            only_debited: 500,
            recalls_refused: 700,
            recall_days: 7,
            camt: AccountVersion::V02,
            ..Self::good()
        }
    }

    /// The preset of a name.
    ///
    /// # Errors
    /// [`BehaviourFault::Preset`] where there is none.
    pub fn preset(name: &str) -> Result<Self, BehaviourFault> {
        match name {
            "good" => Ok(Self::good()),
            "ordinary" => Ok(Self::ordinary()),
            "bad" => Ok(Self::bad()),
            "worst" => Ok(Self::worst()),
            _ => Err(BehaviourFault::Preset(name.to_owned())),
        }
    }

    /// Is the file of this SHA-256 lost on its way to a drop folder's reader?
    pub fn loses(&self, sha256: &str) -> bool {
        lot(self.seed, "delivery", sha256) < self.lost_deliveries
    }

    /// Is the file of this SHA-256 acknowledged with another hash first?
    pub fn acknowledges_wrongly(&self, sha256: &str) -> bool {
        lot(self.seed, "acknowledgement", sha256) < self.wrong_acknowledgements
    }

    /// Looks whether the settings make sense.
    ///
    /// # Errors
    /// The first setting that does not.
    pub fn check(&self) -> Result<(), BehaviourFault> {
        let shares = [
            ("rejects", self.rejects),
            ("returns", self.returns),
            ("late_returns", self.late_returns),
            ("deceased", self.deceased),
            ("blocked", self.blocked),
            ("partial", self.partial),
            ("wrong_amounts", self.wrong_amounts),
            ("wrong_accounts", self.wrong_accounts),
            ("wrong_sums", self.wrong_sums),
            ("duplicate_rejects", self.duplicate_rejects),
            ("refused_then_debited", self.refused_then_debited),
            ("debited_then_refused", self.debited_then_refused),
            ("debits_twice", self.debits_twice),
            ("files_debited_twice", self.files_debited_twice),
            ("lost_answers", self.lost_answers),
            ("silent", self.silent),
            ("not_collected", self.not_collected),
            ("duplicates", self.duplicates),
            ("unknown_references", self.unknown_references),
            ("delays", self.delays),
            ("batch_only_debit", self.batch_only_debit),
            ("namespace_variants", self.namespace_variants),
            ("only_debited", self.only_debited),
            ("recalls_refused", self.recalls_refused),
            ("lost_deliveries", self.lost_deliveries),
            ("wrong_acknowledgements", self.wrong_acknowledgements),
        ];
        if let Some((name, _)) = shares.iter().find(|(_, share)| *share > ALL) {
            return Err(BehaviourFault::Share(name));
        }
        let days = [
            ("late_returns_after_days", self.late_returns_after_days),
            ("statement_after_days", self.statement_after_days),
            ("delay_days", self.delay_days),
            ("recall_days", self.recall_days),
        ];
        if let Some((name, _)) = days.iter().find(|(_, days)| *days > DAYS_MAX) {
            return Err(BehaviourFault::Days(name));
        }
        let transfers = [
            self.rejects,
            self.returns,
            self.late_returns,
            self.deceased,
            self.blocked,
            self.partial,
            self.wrong_amounts,
            self.wrong_accounts,
            self.wrong_sums,
            self.duplicate_rejects,
            self.refused_then_debited,
            self.debited_then_refused,
            self.debits_twice,
            self.lost_answers,
            self.silent,
        ];
        if transfers.iter().sum::<u32>() > ALL {
            return Err(BehaviourFault::Sum("transfers"));
        }
        if self.not_collected + self.wrong_amounts + self.wrong_sums + self.lost_answers > ALL {
            return Err(BehaviourFault::Sum("cash orders"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliveries_are_lost_and_acknowledged_wrongly_by_share_and_in_no_preset() {
        let files: Vec<String> = (0..200).map(|number| format!("{number:064x}")).collect();
        let count = |behaviour: &Behaviour| {
            let of = |which: fn(&Behaviour, &str) -> bool| files.iter().filter(|file| which(behaviour, file)).count();
            (of(Behaviour::loses), of(Behaviour::acknowledges_wrongly))
        };
        for preset in Behaviour::PRESETS {
            assert_eq!(count(&Behaviour::preset(preset).unwrap()), (0, 0), "{preset}");
        }
        let behaviour = Behaviour {
            lost_deliveries: 1_000,
            wrong_acknowledgements: 500,
            ..Behaviour::good()
        };
        let (lost, wrong) = count(&behaviour);
        assert_eq!(lost, files.len());
        assert!((50..150).contains(&wrong), "{wrong}");
        let beyond = Behaviour {
            lost_deliveries: 1_001,
            ..Behaviour::good()
        };
        assert_eq!(beyond.check(), Err(BehaviourFault::Share("lost_deliveries")));
    }
}
