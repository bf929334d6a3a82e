//! `ansinh doctor`: what is configured, and whether it answers.

use std::process::ExitCode;

use domain::payment_file::Signer;
use service::Error;
use service::clock::in_vietnam;

use crate::settings::Storage;

/// Opens everything once and says what it found; secrets are never printed.
pub(crate) async fn run(storage: &Storage) -> Result<ExitCode, Error> {
    let engine = if storage.database_url.is_some() {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    println!("database   {engine}");
    let app = storage.open(None).await?;
    println!(
        "           migrated, release {} in force",
        service::law::latest(&app).await?
    );
    let sandbox = if app.sandbox { "yes, its clock can be set" } else { "no" };
    println!("sandbox    {sandbox}");
    println!("clock      {}", app.clock.local().format("%Y-%m-%d %H:%M:%S %:z"));
    let carrier = if storage.redis_url.is_some() {
        "Redis"
    } else {
        "in this process"
    };
    storage.carrier(&app).await?;
    println!("jobs       carried by {carrier}");
    for ((queue, state), count) in service::job::counts(&app).await? {
        println!("           {} {state:?}: {count}", queue.code());
    }
    match &app.delivery {
        None => println!("delivery   none, the treasury downloads its files"),
        Some(transport) => {
            println!("delivery   {}", transport.told());
            match transport.ping().await {
                Ok(()) => println!("           it answers"),
                Err(why) => println!("           it does not answer: {why}"),
            }
        }
    }
    match &app.signing {
        None => println!("signing    Ed25519, the installation's own key"),
        Some(own) => {
            println!("signing    {}, certificate {}", own.algorithm(), own.key_id());
            println!("           {}", own.subject());
            println!(
                "           valid until {}",
                in_vietnam(own.not_after()).format("%Y-%m-%d %H:%M:%S %:z")
            );
            if let Some(warning) = own.warning(app.clock.now()) {
                println!("           {} ({})", warning.vi, warning.en);
            }
        }
    }
    app.db.close().await?;
    Ok(ExitCode::SUCCESS)
}
