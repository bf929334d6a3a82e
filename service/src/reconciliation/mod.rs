//! Reconciliation: what a bank's answer does to orders, money and runs, and what is left for a person.
//!
//! Orders move by the rules of [`domain::payment_order`] alone: the same answer again, or answers out of order, end in
//! the same state. One bad line never stops the others.
//!
//! An order of which a bank says nothing for long has a way out too: two people say, by the bank's letter, what became of it
//! ([`propose_silence`]).
//!
//! What is left for people takes two: one proposes, another decides ([`propose`], [`decide`]), and what they decide moves
//! orders and money by the same rules. Three kinds of lines are closed without them: those that only said that the bank
//! did not know yet (`blocked`, `unknown_status`), once a later answer ended their order; and those of a holder who has
//! died, once the finding in the registry was looked into. A line that claims money, contradicts another or names
//! nobody is never closed by itself. An entry over a whole file is no line of an order: it ties, and opens again, with the
//! answers to the orders of its file. What a report says of a whole file takes back nothing that was paid, and what a debit
//! over a file may have paid is not paid again before people, or the bank's next answer, have explained the debit. What a
//! bank calls a duplicate, refused or sent back, is paid again by two people's decision alone. A bank may refuse an order and
//! debit it all the same: while a line that says so waits, the order is not paid again, and two people may find it paid. So
//! it is with an order that came back and is debited once more, whichever of the two is told first: by the days, or
//! because the debit says that it takes a credit back (RvslInd). What one report books twice of an order counts as what
//! several reports book, unless the bank's reference and the day say that it is one entry told again; so it is with an
//! entry that a report tells which the bank made anew. Where a bank debits a whole file and gives all of it back, its
//! orders came back with it; a second debit of a file waits for people, or for the bank to give it back. Two people may
//! find that the second debit of a file that had come back pays its orders after all: each of them that was not paid
//! otherwise meanwhile. So it is with cash that one list of the post office says was handed over and another that
//! nobody came for, whichever was read first. What came back of a file that was debited twice may be told again: where
//! neither mark nor day tells it from money of its own, it counts for nothing before two people have found that it is
//! another return.
//!
//! A report that was read as another bank's, or in another mode, and from which nothing followed, may be set aside by two
//! people ([`propose_set_aside`]), and its file be read anew.
//!
//! A row of a result table, a status or a debit that names another account than its order's moves nothing: people look at
//! it.
//!
//! What a report says of whole files by their status is kept with the report, word for word. Where it does not agree with
//! the file as it was sent and with what is known of its orders, a line in suspense stands for it, which two people close.

mod ageing;
mod apply;
mod awaited;
mod batch;
mod batch_debits;
mod batch_doubt;
mod batch_rows;
mod batch_sums;
mod batch_told;
mod booked;
mod by_bank;
mod cash_list;
mod claimed;
mod difference;
mod earlier;
mod job;
mod judge;
mod load;
mod money;
mod nameless;
mod paid_back;
mod reading;
mod recall_answer;
mod recalls;
mod resolution;
mod retold;
mod second_debit;
mod second_return;
mod set_aside;
mod settle;
mod silence;
mod silence_desk;
mod state;
mod statement;
mod store;
mod suspense;
mod suspense_filter;
mod watch;
mod whole_file;
mod whole_file_rows;

pub use ageing::{ListAgeing, ageing, ageing_paper, ageing_workbook};
pub use batch_sums::BatchSumsView;
pub use difference::{
    AmountDifferenceView, ProposeSettlement, SettlementView, decide_settlement, difference, differences,
    propose_settlement,
};
pub use job::ReconcileReport;
pub use recall_answer::{
    ProposeRecallAnswer, RecallAnswerView, decide_recall_answer, propose_recall_answer, recall_answers,
};
pub use resolution::{ProposeResolution, ResolutionView, decide, propose};
pub use set_aside::{ProposeSetAside, SetAsideView, decide_set_aside, propose_set_aside, set_asides};
pub use silence::{ProposeSilence, SilenceView, decide_silence, propose_silence, silences};
pub use silence_desk::{SilentOrder, silent_order, silent_orders};
pub use suspense::{CandidateView, SuspenseLineView, search_suspense, suspense, suspense_line};
pub use suspense_filter::{ListSuspense, suspense_runs};
pub use watch::{ReportProgress, Watch};

pub(crate) use apply::subject as resolution_subject;
pub(crate) use batch_rows::{second_debits as second_debits_told, unexplained_files};
pub(crate) use batch_told::given_back;
pub(crate) use booked::debits_unexplained;
pub(crate) use claimed::claimed;
pub(crate) use difference::{
    account as difference_account, made_good_untold, open_of_order, orders_of as orders_of_differences,
    rows as amount_differences, settled as settled_differences, shares, weighs, years as order_years,
};
pub(crate) use recall_answer::view as recall_answer_view;
pub(crate) use recalls::{is_asked_by_letter, standing as standing_recalls};
pub(crate) use second_debit::{found as second_debits, lines as lines_found_of_files, orders_found_paid};
pub(crate) use second_return::FoundBack;
pub(crate) use settle::{as_read, close_looked_into};
pub(crate) use silence::{NOT_EXECUTED, WAITING, since as silent_since};

pub(crate) use state::state;
