//! What a post office does with cash, and says of it.

use super::{Fate, Money, Paper, SECOND, Story, later, other_sum, wrong};

impl Story<'_> {
    pub(super) fn cash(&mut self) {
        let answer = self.answer;
        if self.course.fate == Fate::NotCollected {
            self.moves(answer, Money::CameBack);
            return self.says(answer, (Paper::Post, "not_collected", None), Some(Money::CameBack));
        }
        self.moves(answer, Money::Paid);
        match self.course.fate {
            Fate::WrongAmount => {
                self.says_amount(answer, (Paper::Post, "paid", None), wrong(self.order.amount), None);
                self.says(later(answer, SECOND), (Paper::Post, "paid", None), Some(Money::Paid));
            }
            Fate::WrongSum => {
                let moved = other_sum(self.behaviour.seed, self.order);
                self.course.sum = moved;
                self.says_amount(answer, (Paper::Post, "paid", None), moved, Some(Money::Paid));
            }
            // The post office sends no statement: it reports late.
            Fate::Lost => {
                if self.behaviour.statement_after_days > 0 {
                    let late = later(self.base, self.behaviour.statement_after_days).max(later(answer, 1));
                    self.says(late, (Paper::Post, "paid", None), Some(Money::Paid));
                }
            }
            _ => self.says(answer, (Paper::Post, "paid", None), Some(Money::Paid)),
        }
    }
}
