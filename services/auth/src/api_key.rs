//! API keys: how programs sign in.

use kernel::entity;

/// A key with which a program acts as a user in one organisation.
///
/// The key itself is shown once, when it is made; a keyed hash of it is kept.
#[entity(service = "auth", prefix = "key", title = name, system)]
#[states(Active -> Revoked via revoke)]
pub struct ApiKey {
    /// What the key is for.
    pub name: Text<200>,
    /// The user it acts as.
    pub user: Link<users::UserRef>,
    /// The organisation it is for.
    pub org: Link<platform::OrgRef>,
    /// What it may do there, as far as its user may: a JSON list of roles.
    pub roles: Json,
    /// The keyed hash of the key.
    #[field(secret)]
    pub secret_hash: Text<64>,
    /// The key's last characters, by which people tell keys apart.
    pub hint: Text<12>,
    /// When it ends; never if empty.
    pub expires_at: Option<Instant>,
}

impl ApiKey {
    /// The state of a key that may be used.
    pub const ACTIVE: &'static str = "active";
}
