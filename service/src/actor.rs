//! Who acts, what they may do and where.

use std::collections::BTreeSet;

use sea_orm::sea_query::{Condition, ExprTrait, SimpleExpr};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{Error, ProblemCode};
use crate::vocabulary;

macro_rules! permissions {
    ($($name:ident: $($role:ident)|+;)+) => {
        /// What an operation needs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each is named after the operation it opens")]
        pub enum Permission { $($name,)+ }

        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code that callers and refusals name it by.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => stringify!($name),)+ } }

            /// The roles that hold it. The auditor reads everything; reading permissions end in `Read`.
            pub const fn roles(self) -> &'static [Role] { match self { $(Self::$name => &[$(Role::$role,)+],)+ } }
        }
    };
}

/// A role of a credential, for the whole province or one area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Manages users, credentials and the sandbox.
    Administrator,
    /// Keeps the registry of an area and files relief requests.
    Caseworker,
    /// Signs decisions and confirms accounts.
    DecisionMaker,
    /// Drafts instruments and pay runs.
    Preparer,
    /// Approves instruments, pay runs and relief.
    Approver,
    /// Releases pay runs.
    Releaser,
    /// Receives payment files and brings bank answers.
    Treasury,
    /// Verifies relief requests.
    ReliefVerifier,
    /// Reads everything.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[
        Self::Administrator,
        Self::Caseworker,
        Self::DecisionMaker,
        Self::Preparer,
        Self::Approver,
        Self::Releaser,
        Self::Treasury,
        Self::ReliefVerifier,
        Self::Auditor,
    ];

    /// The code in tables and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Caseworker => "caseworker",
            Self::DecisionMaker => "decision_maker",
            Self::Preparer => "preparer",
            Self::Approver => "approver",
            Self::Releaser => "releaser",
            Self::Treasury => "treasury",
            Self::ReliefVerifier => "relief_verifier",
            Self::Auditor => "auditor",
        }
    }

    /// The role of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.code() == code)
    }
}

permissions! {
    AccessManage: Administrator;
    SandboxManage: Administrator;
    JobManage: Administrator;
    JobRead: Administrator | Preparer | Approver | Releaser | Treasury | Auditor;
    AuditRead: Administrator | Auditor;
    RegistryRead: Caseworker | DecisionMaker | Preparer | Approver | Releaser | ReliefVerifier | Auditor;
    RegistryWrite: Caseworker | DecisionMaker;
    DecisionSign: DecisionMaker;
    ProgramRead: Caseworker | DecisionMaker | Preparer | Approver | Releaser | Treasury | ReliefVerifier | Auditor;
    ProgramWrite: Preparer;
    LawRead: Caseworker | DecisionMaker | Preparer | Approver | Releaser | ReliefVerifier | Auditor;
    LawDraft: Preparer;
    LawApprove: Approver;
    LawPublish: Releaser;
    PayRunRead: Preparer | Approver | Releaser | Treasury | Auditor;
    PayRunMake: Preparer;
    PayRunApprove: Approver;
    PayRunRelease: Releaser;
    FileRead: Releaser | Treasury | Auditor;
    FileAcknowledge: Treasury;
    FileDeliver: Releaser | Treasury;
    BankReportWrite: Treasury;
    BankReportRead: Preparer | Approver | Releaser | Treasury | Auditor;
    FundRead: Preparer | Approver | Releaser | Treasury | Auditor;
    FundManage: Preparer;
    OverpaymentRead: Caseworker | DecisionMaker | Preparer | Approver | Releaser | Auditor;
    OverpaymentPrepare: Caseworker | Preparer;
    OverpaymentDecide: DecisionMaker;
    ReliefRead: Caseworker | ReliefVerifier | Preparer | Approver | Releaser | Auditor;
    ReliefSubmit: Caseworker;
    ReliefVerify: ReliefVerifier;
    ReliefApprove: Approver;
    ReliefEventManage: ReliefVerifier | Preparer;
    SuspenseDecide: Treasury | Approver;
    OrderPropose: Preparer | Treasury;
    OrderDecide: Approver;
    MonthCloseRead: Preparer | Approver | Releaser | Treasury | Auditor;
    MonthCloseMake: Preparer;
    MonthCloseApprove: Approver;
    BankProfileRead: Administrator | Preparer | Approver | Releaser | Treasury | Auditor;
    BankProfileManage: Administrator;
    TierRead: Administrator | Preparer | Approver | Releaser | Auditor;
    TierManage: Administrator;
    CalendarManage: Preparer | Approver;
    FundApprove: Approver;
    BankProfileDecide: Administrator | Approver;
    TierDecide: Administrator | Approver;
    CalendarDecide: Approver;
    TreasuryProposalRead: Administrator | Preparer | Approver | Releaser | Treasury | Auditor;
}

/// One role, and where it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The areas it holds in, with everything below them; none: the whole province.
    pub areas: Option<BTreeSet<String>>,
}

/// Who acts: a credential, and the person it belongs to where it belongs to one.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The credential.
    pub client_id: Uuid,
    /// The person; service clients and jobs have none and approve nothing.
    pub user_id: Option<Uuid>,
    /// A name for the audit trail.
    pub name: String,
    /// What the credential may do.
    pub grants: Vec<Grant>,
    standing: Standing,
}

/// What stands behind an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// A credential with its grants.
    Credential,
    /// The program itself.
    System,
    /// Nothing: somebody who asks what is open to all.
    Anonymous,
}

impl Actor {
    /// A credential with its grants.
    pub const fn new(client_id: Uuid, user_id: Option<Uuid>, name: String, grants: Vec<Grant>) -> Self {
        Self {
            client_id,
            user_id,
            name,
            grants,
            standing: Standing::Credential,
        }
    }

    /// Somebody without a credential, for what is open to all.
    pub fn anonymous() -> Self {
        Self {
            standing: Standing::Anonymous,
            ..Self::new(Uuid::nil(), None, "anonymous".to_owned(), Vec::new())
        }
    }

    /// Is there no credential behind it?
    pub fn is_anonymous(&self) -> bool {
        self.standing == Standing::Anonymous
    }

    /// Is it the program itself?
    pub fn is_system(&self) -> bool {
        self.standing == Standing::System
    }

    /// The program itself, acting in a job that somebody requested; it may see everything and approves nothing.
    pub fn system(requested_by: &str) -> Self {
        Self {
            client_id: Uuid::nil(),
            user_id: None,
            name: format!("system ({requested_by})"),
            grants: Vec::new(),
            standing: Standing::System,
        }
    }

    /// The proof that this actor may do this, and where.
    pub fn require(&self, permission: Permission) -> Result<Scope, Error> {
        match self.standing {
            Standing::System => return Ok(Scope { areas: None }),
            Standing::Anonymous => return Err(Error::new(ProblemCode::Unauthenticated)),
            Standing::Credential => {}
        }
        let mut areas = BTreeSet::new();
        let mut held = false;
        for grant in self
            .grants
            .iter()
            .filter(|grant| permission.roles().contains(&grant.role))
        {
            match &grant.areas {
                None => return Ok(Scope { areas: None }),
                Some(granted) => areas.extend(granted.iter().cloned()),
            }
            held = true;
        }
        if held {
            Ok(Scope { areas: Some(areas) })
        } else {
            Err(lacking([permission]))
        }
    }

    /// The proof for whoever may do the one thing, or else the other, with which of them it is.
    pub fn require_either(&self, one: Permission, other: Permission) -> Result<(Scope, Permission), Error> {
        for permission in [one, other] {
            match self.require(permission) {
                Ok(scope) => return Ok((scope, permission)),
                Err(error) if error.code == ProblemCode::Forbidden => {}
                Err(error) => return Err(error),
            }
        }
        Err(lacking([one, other]))
    }

    /// May this actor do this for the whole province? Where it is no secret that there is something, a grant of one area
    /// is told that it does not reach.
    pub fn require_everywhere(&self, permission: Permission) -> Result<(), Error> {
        if self.require(permission)?.is_everywhere() {
            return Ok(());
        }
        let code = permission.code();
        Err(Error::because(
            ProblemCode::Forbidden,
            format!("Thao tác này cần quyền {code} cho toàn tỉnh"),
            format!("this needs the permission {code} for the whole province"),
        ))
    }

    /// May this actor do this for the whole province? What belongs to no single area is not there for a grant of one.
    pub fn require_province(&self, permission: Permission) -> Result<(), Error> {
        if self.require(permission)?.is_everywhere() {
            Ok(())
        } else {
            Err(Error::not_found())
        }
    }

    /// The person behind the credential: what making, approving and releasing needs.
    pub fn person(&self) -> Result<Uuid, Error> {
        self.user_id.ok_or_else(|| {
            Error::because(
                ProblemCode::Forbidden,
                "Thao tác này cần tài khoản của một người, không phải của một hệ thống",
                "This needs the credential of a person, not of a service",
            )
        })
    }
}

/// The refusal of who holds none of these permissions. What they are called and which roles hold them is the same for
/// everybody, and says nothing of what there is.
pub(crate) fn lacking(needed: impl IntoIterator<Item = Permission>) -> Error {
    let (mut vi, mut en) = (Vec::new(), Vec::new());
    for permission in needed.into_iter().collect::<BTreeSet<_>>() {
        let roles: Vec<&str> = permission.roles().iter().map(|role| role.code()).collect();
        let called: Vec<&str> = roles.iter().map(|role| vocabulary::role(role)).collect();
        vi.push(format!("{} (vai trò: {})", permission.code(), called.join(", ")));
        en.push(format!("{} (roles: {})", permission.code(), roles.join(", ")));
    }
    Error::because(
        ProblemCode::Forbidden,
        format!("Thao tác này cần quyền {}", vi.join(" hoặc ")),
        format!("this needs the permission {}", en.join(" or ")),
    )
}

/// Where a permission holds. Only [`Actor::require`] makes one; scoped queries take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    areas: Option<BTreeSet<String>>,
}

impl Scope {
    /// Does it cover this area (`code@valid-from`)?
    pub fn covers(&self, area_id: &str) -> bool {
        self.areas.as_ref().is_none_or(|areas| areas.contains(area_id))
    }

    /// Does it cover the whole province?
    pub const fn is_everywhere(&self) -> bool {
        self.areas.is_none()
    }

    /// The condition that keeps a query inside: `column` holds an area id.
    pub fn condition(&self, column: impl Into<SimpleExpr>) -> Condition {
        match &self.areas {
            None => Condition::all(),
            Some(areas) => Condition::all().add(column.into().is_in(areas.iter().cloned())),
        }
    }
}
