//! The codes of the tables' closed sets, as keys, texts and the API carry them.

use sea_orm::ActiveEnum;

/// A value of a closed set that has a code.
pub trait Code {
    /// The code.
    fn code(&self) -> String;
}

impl<T: ActiveEnum<Value = String>> Code for T {
    fn code(&self) -> String {
        self.to_value()
    }
}
