//! The schema as steps that only go forward, the same on SQLite and PostgreSQL.
//!
//! The database itself refuses what must never happen. A refusal by a trigger reads
//! `refused <table>: <rule>`, with the rules `append_only`, `immutable`, `not_draft`, `not_approved`,
//! `not_enforceable` and `above_estimate` (see [`refusal`]).
#![allow(
    elided_lifetimes_in_paths,
    reason = "the trait of a step is declared with an elided lifetime"
)]

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

mod m0001_access_and_audit;
mod m0002_reference;
mod m0003_law;
mod m0004_registry;
mod m0005_entitlement;
mod m0006_pay_run;
mod m0007_relief;
mod m0008_jobs;
mod m0009_pay_run_person;
mod m0010_overpayment_case;
mod m0011_law_history;
mod m0012_overpayment_deduction;
mod m0013_simulation_parts;
mod m0014_signed_simulation;
mod m0015_file_formats;
mod m0016_delivery;
mod m0017_runs_and_funds;
mod m0018_month_close;
mod m0019_file_content;
mod m0020_answers;
mod m0021_two_people;
mod m0022_cancel_safe;
mod m0023_payees_of_orders;
mod m0026_law_checks;
mod m0027_law_signing;
mod m0030_delivery_target;
mod m0031_runs_money;
mod m0032_order_lookup;
mod m0033_prepared_orders;
mod m0034_lines_once;
mod m0035_second_person;
mod m0036_profile_rules;
mod m0037_run_fund;
mod m0038_bank_amounts;
mod m0039_group_status;
mod m0040_calendar_rules;
mod m0041_fund_lines;
mod m0042_month_faults;
mod m0044_recall_delivery;
mod m0045_sealed_orders;
mod m0047_relief_lines;
mod m0048_found_paid;
mod m0049_owed_again;
mod m0051_bank_silence;
mod m0052_makers;
mod m0056_steps_of_runs;
mod m0057_states_apart;
mod m0060_plans_stay;
mod m0061_proposers;
mod m0062_approved_files;
mod m0064_reports_set_aside;
mod m0065_files_found_paid;
mod m0066_marks_kept;
mod m0067_lines_stand;
mod m0068_guards_after;
mod m0069_signed_and_fetched;
mod m0070_fund_reductions;
mod m0071_held_before;
mod m0075_batch_ids;
mod m0080_recall_answers;
mod m0082_due_besides;
mod m0083_recall_letters;
mod table;
mod trigger;

pub use trigger::{Refusal, refusal};

/// The PostgreSQL advisory lock that a process holds while it migrates.
const MIGRATION_LOCK: i64 = 0x616E_7369_6E68;

struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_access_and_audit::Migration),
            Box::new(m0002_reference::Migration),
            Box::new(m0003_law::Migration),
            Box::new(m0004_registry::Migration),
            Box::new(m0005_entitlement::Migration),
            Box::new(m0006_pay_run::Migration),
            Box::new(m0007_relief::Migration),
            Box::new(m0008_jobs::Migration),
            Box::new(m0009_pay_run_person::Migration),
            Box::new(m0010_overpayment_case::Migration),
            Box::new(m0011_law_history::Migration),
            Box::new(m0012_overpayment_deduction::Migration),
            Box::new(m0013_simulation_parts::Migration),
            Box::new(m0014_signed_simulation::Migration),
            Box::new(m0015_file_formats::Migration),
            Box::new(m0016_delivery::Migration),
            Box::new(m0017_runs_and_funds::Migration),
            Box::new(m0018_month_close::Migration),
            Box::new(m0019_file_content::Migration),
            Box::new(m0020_answers::Migration),
            Box::new(m0021_two_people::Migration),
            Box::new(m0022_cancel_safe::Migration),
            Box::new(m0023_payees_of_orders::Migration),
            Box::new(m0026_law_checks::Migration),
            Box::new(m0027_law_signing::Migration),
            Box::new(m0030_delivery_target::Migration),
            Box::new(m0031_runs_money::Migration),
            Box::new(m0032_order_lookup::Migration),
            Box::new(m0033_prepared_orders::Migration),
            Box::new(m0034_lines_once::Migration),
            Box::new(m0035_second_person::Migration),
            Box::new(m0036_profile_rules::Migration),
            Box::new(m0037_run_fund::Migration),
            Box::new(m0038_bank_amounts::Migration),
            Box::new(m0039_group_status::Migration),
            Box::new(m0040_calendar_rules::Migration),
            Box::new(m0041_fund_lines::Migration),
            Box::new(m0042_month_faults::Migration),
            Box::new(m0044_recall_delivery::Migration),
            Box::new(m0045_sealed_orders::Migration),
            Box::new(m0047_relief_lines::Migration),
            Box::new(m0048_found_paid::Migration),
            Box::new(m0049_owed_again::Migration),
            Box::new(m0051_bank_silence::Migration),
            Box::new(m0052_makers::Migration),
            Box::new(m0056_steps_of_runs::Migration),
            Box::new(m0057_states_apart::Migration),
            Box::new(m0060_plans_stay::Migration),
            Box::new(m0061_proposers::Migration),
            Box::new(m0062_approved_files::Migration),
            Box::new(m0064_reports_set_aside::Migration),
            Box::new(m0065_files_found_paid::Migration),
            Box::new(m0066_marks_kept::Migration),
            Box::new(m0067_lines_stand::Migration),
            Box::new(m0068_guards_after::Migration),
            Box::new(m0069_signed_and_fetched::Migration),
            Box::new(m0070_fund_reductions::Migration),
            Box::new(m0071_held_before::Migration),
            Box::new(m0075_batch_ids::Migration),
            Box::new(m0080_recall_answers::Migration),
            Box::new(m0082_due_besides::Migration),
            Box::new(m0083_recall_letters::Migration),
        ]
    }
}

/// Brings the schema up to date: every pending step, or none of them.
///
/// Processes that start together wait for each other; whoever comes second finds nothing to do.
///
/// # Errors
/// The database's error; the schema is then as it was before.
pub async fn run(db: &DatabaseConnection) -> Result<(), DbErr> {
    if !Migrator::get_pending_migrations_read_only(db).await?.is_empty() {
        let transaction = exclusive(db).await?;
        Migrator::up(&transaction, None).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// The names of the steps not applied yet, in order. Needs no right to change the schema.
///
/// # Errors
/// The database's error, or a step applied by a newer program than this one.
pub async fn pending(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let steps = Migrator::get_pending_migrations_read_only(db).await?;
    Ok(steps.iter().map(|step| step.name().to_owned()).collect())
}

/// Was no step ever applied? Looks, and creates nothing.
///
/// # Errors
/// The database's error, or a step applied by a newer program than this one.
pub async fn is_empty(db: &DatabaseConnection) -> Result<bool, DbErr> {
    Ok(Migrator::get_applied_migrations_read_only(db).await?.is_empty())
}

/// A transaction in which no other process migrates.
async fn exclusive(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = db.begin_with_options(immediate).await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
        transaction.execute_unprepared(&lock).await?;
    }
    Ok(transaction)
}
