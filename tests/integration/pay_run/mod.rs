//! Pay runs: their kinds, what is left out of them, who approves them, what they prove; the calendar and the funds.

mod at_once;
mod calendar;
mod concurrent;
mod days;
mod desk;
mod exclusions;
mod fund_lines;
mod funds;
mod kinds;
mod locks;
mod lookup;
mod prepared;
mod preview;
mod program_funds;
mod race;
mod reissued;
mod relief_lines;
mod right_payee;
mod run_funds;
mod sealed;
mod second_person;
mod send_back;
mod tiers;
mod turn;
mod voided;
mod year_end;
