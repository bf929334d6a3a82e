//! What each bank takes and answers with, as data: tables beside messages, profiles that the installation replaces.

mod answers;
mod cash_list;
mod changes;
mod encodings;
mod files;
mod guardian;
mod messages;
mod office;
mod post_profile;
mod profile_rules;
mod profiles;
mod recall_letter;
pub(crate) mod signatures;
mod ties;
mod treasury_papers;
mod two_people;
mod whose_report;
