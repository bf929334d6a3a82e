//! How a closed list is written once: each of its codes with its words for a person.

/// An enumeration with all that are in it, their codes and their words.
macro_rules! worded {
    (
        $(#[$about:meta])+
        $set:ident {
            $($(#[doc = $doc:literal])+ $name:ident = $code:literal, $vi:literal, $en:literal;)+
        }
    ) => {
        $(#[$about])+
        pub enum $set { $($(#[doc = $doc])+ $name,)+ }

        impl $set {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// In words, Vietnamese and English.
            pub const fn label(self) -> (&'static str, &'static str) { match self { $(Self::$name => ($vi, $en),)+ } }
        }
    };
}
