//! The tables, one file each; no rules live here.
//!
//! Amounts are whole đồng in `i64`, months are numbers such as `202409`, instants are UTC in microseconds,
//! `to_date` and `to_month` are the last day and month. A `version` counts changes, for `ETag` and `If-Match`.
#![allow(
    clippy::disallowed_methods,
    reason = "the macros of the ORM write nested saves, which open transactions; nobody calls them"
)]
#![allow(missing_docs, reason = "a column whose name says it all has no comment")]

pub mod access_grant;
pub mod amount_difference;
pub mod application;
pub mod approval_act;
pub mod approval_tier;
pub mod area;
pub mod area_successor;
pub mod arrears;
pub mod audit_event;
pub mod audit_head;
pub mod bank;
pub mod bank_profile;
pub mod bank_profile_proposal;
pub mod bank_report;
pub mod bank_report_file;
pub mod bank_report_line;
pub mod bank_silence;
pub mod batch_entry;
pub mod calendar_day;
pub mod client;
pub mod decision;
pub mod delivery;
pub mod determination;
pub mod determination_period;
pub mod difference_settlement;
pub mod enrollment;
pub mod entitlement;
pub mod enums;
pub mod evidence;
pub mod fund;
pub mod fund_balance;
pub mod fund_line;
pub mod fund_line_draw;
pub mod fund_transfer;
pub mod held_payment;
pub mod household;
pub mod household_member;
pub mod idempotency_key;
pub mod installation;
pub mod instrument;
pub mod instrument_revision;
pub mod job;
pub mod job_chunk;
pub mod job_run;
pub mod key_issue;
pub mod legal_text;
pub mod month_close;
pub mod month_close_correction;
pub mod month_close_item;
pub mod month_close_order;
pub mod overpayment;
pub mod overpayment_appeal;
pub mod overpayment_case;
pub mod overpayment_deduction;
pub mod overpayment_event;
pub mod overpayment_instalment;
pub mod overpayment_month;
pub mod overpayment_recovery;
pub mod pay_run;
pub mod pay_run_exclusion;
pub mod pay_run_maker;
pub mod pay_run_person;
pub mod pay_run_plan;
pub mod pay_run_step;
pub mod payee;
pub mod payee_account;
pub mod payment_file;
pub mod payment_file_content;
pub mod payment_line;
pub mod payment_order;
pub mod payment_order_event;
pub mod payment_order_history;
pub mod person;
pub mod posting;
pub mod prepared_list;
pub mod program;
pub mod reassessment_outcome;
pub mod recall;
pub mod recall_delivery;
pub mod registry_finding;
pub mod release;
pub mod relief_claim;
pub mod relief_event;
pub mod relief_line_hold;
pub mod relief_request;
pub mod reminder;
pub mod report_set_aside;
pub mod residence;
pub mod return_cancellation;
pub mod simulation;
pub mod simulation_part;
pub mod statement_total;
pub mod suspense_candidate;
pub mod suspense_resolution;
pub mod suspense_resolution_order;
pub mod treasury_proposal;
pub mod treasury_session;
pub mod user_account;
