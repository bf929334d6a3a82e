//! The labels of the tables' closed sets: a new value without a label does not compile.

mod money;
mod registry;

use std::collections::BTreeMap;

use super::Term;

macro_rules! sets {
    ($($name:literal = $set:path { $($value:ident: $vi:literal, $en:literal;)+ })+) => {
        /// Every set by name, its values in the order of their declaration.
        pub(in crate::vocabulary) fn of_tables() -> BTreeMap<String, Vec<Term>> {
            let mut sets = BTreeMap::new();
            $({
                use $set as Set;
                let label = |value: &Set| match value { $(Set::$value => ($vi, $en),)+ };
                let terms = Set::iter().map(|value| Term::new(value.code(), label(&value)));
                sets.insert($name.to_owned(), terms.collect());
            })+
            sets
        }
    };
}

use sets;

/// Every set by name, its values in the order of their declaration.
pub(super) fn of_tables() -> BTreeMap<String, Vec<Term>> {
    let mut sets = registry::of_tables();
    sets.extend(money::of_tables());
    sets
}
