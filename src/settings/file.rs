//! The settings file: what it says stands in the place of the defaults.

use std::path::{Path, PathBuf};

use clap::{Args, Command, Parser};
use toml::{Table, Value};

/// The name of the setting that names the file.
const CONFIG: &str = "config";

/// Reads the command line, the environment and the settings file; `S` holds the settings that the file may name.
pub(crate) fn read<C: Parser, S: Args>() -> Result<C, String> {
    let command = C::command();
    let first = command.clone().ignore_errors(true).get_matches();
    let command = match first.get_one::<PathBuf>(CONFIG) {
        None => command,
        Some(path) => filled::<S>(command, path).map_err(|text| format!("{}: {text}", path.display()))?,
    };
    let mut matches = command.get_matches();
    C::from_arg_matches_mut(&mut matches).map_err(|error| error.to_string())
}

/// The command with the file's values as its defaults.
fn filled<S: Args>(mut command: Command, path: &Path) -> Result<Command, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    // The fault alone: the line it stands in may hold a secret.
    let settings: Table = toml::from_str(&text).map_err(|error| error.message().to_owned())?;
    let known = S::augment_args(Command::new(CONFIG));
    let known: Vec<&str> = known
        .get_arguments()
        .map(|argument| argument.get_id().as_str())
        .filter(|name| *name != CONFIG)
        .collect();
    for (name, value) in settings {
        if !known.contains(&name.as_str()) {
            return Err(format!(
                "không có thiết lập {name} (there is no setting {name}); {}",
                known.join(", ")
            ));
        }
        let values = texts(value)
            .ok_or_else(|| format!("{name}: chỉ nhận chữ, số, true hoặc false (a text, a number, true or false)"))?;
        command = command.mut_arg(&name, |argument| argument.default_values(values));
    }
    Ok(command)
}

/// A value as it would stand on the command line.
fn texts(value: Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Integer(number) => Some(vec![number.to_string()]),
        Value::Boolean(flag) => Some(vec![flag.to_string()]),
        Value::Array(values) => values
            .into_iter()
            .map(|own| own.as_str().map(ToOwned::to_owned))
            .collect(),
        _ => None,
    }
}
