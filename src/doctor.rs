//! `ansinh doctor`: what is configured, and whether it answers.

use std::process::ExitCode;

use domain::payment_file::Signer;
use service::Error;
use service::clock::in_vietnam;

use crate::settings::Storage;

/// Opens everything once and says what it found; secrets are never printed. Where there is no database none is made.
pub(crate) async fn run(storage: &Storage) -> Result<ExitCode, Error> {
    let app = storage.open_existing().await?;
    let engine = if storage.database_url.is_some() {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    say!("database   {engine}");
    say!(
        "           migrated, release {} in force",
        service::law::latest(&app).await?
    );
    let sandbox = if app.sandbox { "yes, its clock can be set" } else { "no" };
    say!("sandbox    {sandbox}");
    say!("clock      {}", app.clock.local().format("%Y-%m-%d %H:%M:%S %:z"));
    let carrier = if storage.redis_url.is_some() {
        "Redis"
    } else {
        "in this process"
    };
    storage.carrier(&app).await?;
    say!("jobs       carried by {carrier}");
    for ((queue, state), count) in service::job::counts(&app).await? {
        say!("           {} {state:?}: {count}", queue.code());
    }
    match &app.delivery {
        None => say!("delivery   none, the treasury downloads its files"),
        Some(transport) => {
            say!("delivery   {}", transport.told());
            match transport.ping().await {
                Ok(()) => say!("           it answers"),
                Err(why) => say!("           it does not answer: {why}"),
            }
        }
    }
    match &app.signing {
        None => say!("signing    Ed25519, the installation's own key"),
        Some(own) => {
            say!("signing    {}, certificate {}", own.algorithm(), own.key_id());
            say!("           {}", own.subject());
            say!(
                "           valid until {}",
                in_vietnam(own.not_after()).format("%Y-%m-%d %H:%M:%S %:z")
            );
            if let Some(warning) = own.warning(app.clock.now()) {
                say!("           {} ({})", warning.vi, warning.en);
            }
        }
    }
    app.db.close().await?;
    Ok(ExitCode::SUCCESS)
}
