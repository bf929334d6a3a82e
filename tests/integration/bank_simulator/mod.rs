//! `ansinh bank-simulator` as a command: over folders, over the API, stopped in the middle, and given nonsense.

mod api;
mod contrary;
mod drop_folder;
mod folders;
mod recalls;
mod tables;

use std::process::Command;

/// The command, without settings of this machine.
fn simulator() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ansinh"));
    command.arg("bank-simulator");
    for name in [
        "ANSINH_DATA",
        "ANSINH_CONFIG",
        "DATABASE_URL",
        "REDIS_URL",
        "ANSINH_BANK_KEY",
    ] {
        command.env_remove(name);
    }
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
