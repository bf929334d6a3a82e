//! `ansinh doctor`: what is configured, and whether it answers.

use std::process::ExitCode;

use service::Error;

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
    app.db.close().await?;
    Ok(ExitCode::SUCCESS)
}
