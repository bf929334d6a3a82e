//! What the program prints. Whoever reads it may stop before the end, as `head` does: then the rest is not printed, and
//! the program goes on to its own end and exit status. `println!` would panic.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::process::exit;

/// Prints a line as `println!` does, to whoever still reads.
macro_rules! say {
    () => { $crate::out::line(format_args!("")) };
    ($($part:tt)+) => { $crate::out::line(format_args!($($part)+)) };
}

/// Prints a line.
pub(crate) fn line(text: Arguments<'_>) {
    checked(writeln!(io::stdout().lock(), "{text}"));
}

/// Prints a whole text as it is.
pub(crate) fn whole(text: &str) {
    let mut out = io::stdout().lock();
    checked(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// A reader who left is no fault; a disk that is full is one.
fn checked(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        eprintln!("Không in được kết quả (the result can't be printed): {error}");
        exit(1);
    }
}
