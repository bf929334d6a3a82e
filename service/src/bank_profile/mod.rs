//! What banks take, as data: the profiles in the program, and in their place those of the installation. Every version
//! is kept; a payment file remembers the one it was planned with. A new version is what one person proposed and another
//! accepted: it names the account that pays.

mod difference;
mod fault;
mod proposal;
mod view;

pub use difference::ProfileChange;
pub use proposal::{
    ListProfileProposals, ProfileProposalView, ProposeProfile, decide, get_proposal, list_proposals, propose, withdraw,
};
pub use view::{BankProfileView, banks, get, list};

use std::collections::BTreeMap;

use domain::bank::{BankProfile, BankProfiles};
use domain::bank_report::NamedLayout;
use entity::bank_profile;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};

use crate::error::Error;

/// The name under which the profile of every other bank is found.
pub(crate) const DEFAULT: &str = "default";

/// The subject of a profile in the audit trail.
fn subject(bank: &str) -> String {
    format!("bank_profile:{bank}")
}

/// The profiles that hold now.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub(crate) profiles: BankProfiles,
    /// The versions of those that the installation replaced.
    rows: BTreeMap<String, bank_profile::Model>,
}

impl Current {
    /// The version of a bank's profile: that of its own, or else of the default; 0 for those in the program.
    pub(crate) fn version(&self, code: &str) -> i64 {
        let own = code == BankProfiles::POST || self.profiles.own().any(|(bank, _)| bank == code);
        let name = if own { code } else { DEFAULT };
        self.rows.get(name).map_or(0, |row| row.version)
    }

    /// The tables that banks and the post office (`POST`) answer with; of one of them, if asked for.
    pub(crate) fn layouts(&self, bank: Option<&str>) -> Vec<NamedLayout> {
        let post = self.profiles.post_result().map(|layout| NamedLayout {
            bank: BankProfiles::POST.to_owned(),
            layout: layout.clone(),
        });
        let post = post.filter(|post| bank.is_none_or(|bank| bank == post.bank));
        let own = self
            .profiles
            .own()
            .filter(|(code, _)| bank.is_none_or(|bank| bank == *code));
        let layouts = own.filter_map(|(code, profile)| {
            Some(NamedLayout {
                bank: code.to_owned(),
                layout: profile.result.clone()?,
            })
        });
        layouts.chain(post).collect()
    }
}

/// The newest version of each profile over those in the program.
pub(crate) async fn current(conn: &impl ConnectionTrait) -> Result<Current, Error> {
    let mut profiles = BankProfiles::embedded().map_err(Error::internal)?.clone();
    // The newest of a bank comes last and stays.
    let rows = bank_profile::Entity::find()
        .order_by_asc(bank_profile::Column::Version)
        .all(conn)
        .await?;
    let mut replaced = BTreeMap::new();
    for row in rows {
        let profile: BankProfile = serde_json::from_str(&row.profile)?;
        let code = (row.bank != DEFAULT).then_some(row.bank.as_str());
        profiles.replace(code, profile);
        replaced.insert(row.bank.clone(), row);
    }
    if !replaced.contains_key(BankProfiles::POST) {
        profiles.post_pays_as_default();
    }
    Ok(Current {
        profiles,
        rows: replaced,
    })
}
