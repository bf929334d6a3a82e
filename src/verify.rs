//! `ansinh verify`: every invariant, one line each; exit status 1 and a list where one does not hold.

use std::process::ExitCode;

use service::{App, Error};

/// Looks at every invariant and prints what was found.
pub(crate) async fn run(app: &App) -> Result<ExitCode, Error> {
    let checks = service::verify::all(app).await?;
    let mut faults = 0;
    for check in &checks {
        let mark = if check.holds() { "ok   " } else { "FAULT" };
        say!("{mark} {} ({})", check.name, check.looked_at);
        for fault in check.faults.iter().take(20) {
            say!("      {fault}");
        }
        if check.faults.len() > 20 {
            say!("      and {} more", check.faults.len() - 20);
        }
        faults += check.faults.len();
    }
    Ok(if faults == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
