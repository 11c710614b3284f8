//! What `auth` answers about links that let one person in, once: invitations to an organisation
//! and new passwords. [`crate::auth::SetUp`] is the link of the very first person.

use crate::auth::{Client, LoginAnswer, OrgChoice};
use serde::{Deserialize, Serialize};
use types::{Instant, Uuid};

const SERVICE: &str = "auth";

/// Invites a person to an organisation; an earlier invitation of the same e-mail is void. The
/// answer is the same whether the e-mail has an account or not. The platform may ask, and
/// administrators of the organisation. Errors: 403, 409 `already_member`, 422.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invite {
    /// The organisation.
    pub org: Uuid,
    /// The e-mail that the person signs in with, or will.
    pub email: String,
    /// What to call the person, if there is no account yet.
    pub name: String,
    /// The roles in the organisation.
    pub roles: Vec<String>,
}
contract!(Invite => IssuedLink, "invite");

/// Makes a link with which a user sets a new password; an earlier one is void. The platform may
/// ask, who administers the installation, and administrators of an organisation for an account
/// that is theirs alone. Errors: 403 `account_elsewhere`, 404, 409 `own_account` or
/// `user_inactive`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IssueReset {
    /// Whose password.
    pub user: Uuid,
}
contract!(IssueReset => IssuedLink, "issue_reset");

/// What a link is made of; its token is answered this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedLink {
    /// Its record.
    pub id: Uuid,
    /// The token in it; begins with `mga_`.
    pub token: String,
    /// When it ends.
    pub expires_at: Instant,
}

impl IssuedLink {
    /// The link, from the root of the server. The token stands behind the `#`, which browsers
    /// keep to themselves: no server and no proxy writes it into a log.
    pub fn path(&self) -> String {
        format!("/enter#{}", self.token)
    }
}

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To join an organisation.
    Invitation,
    /// To set a new password.
    Reset,
}

impl Purpose {
    /// Its name as clients see it.
    pub fn name(self) -> &'static str {
        match self {
            Purpose::Invitation => "invitation",
            Purpose::Reset => "reset",
        }
    }
}

/// Says what a link is for, to whoever holds it. Errors: 404 `link_invalid`; 409 `link_used`,
/// `link_expired`, `link_withdrawn`, `link_void`, `password_missing`; 429 `too_many_attempts`.
#[derive(Clone, Serialize, Deserialize)]
pub struct ReadLink {
    /// The token of the link.
    pub token: String,
    /// Where from.
    #[serde(default)]
    pub client: Client,
}
contract!(ReadLink => LinkFacts, "read_link");

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkFacts {
    /// What it does.
    pub purpose: Purpose,
    /// The e-mail that it is for.
    pub email: String,
    /// What whoever made it calls the person; the name of the account for a new password.
    pub name: String,
    /// The organisation that it leads to, if it is an invitation.
    pub org: Option<OrgChoice>,
    /// When it ends.
    pub expires_at: Instant,
    /// Whether the password of an account is asked for, not a new one.
    pub signs_in: bool,
}

/// Uses a link: sets the password, or shows that of the account, and signs in. Errors: those of
/// [`ReadLink`], 401 `wrong_credentials`, 422 for a refused password or name.
#[derive(Clone, Serialize, Deserialize)]
pub struct UseLink {
    /// The token of the link.
    pub token: String,
    /// The new password, or that of the account.
    pub password: String,
    /// The person's name, if the account is made now; that of the invitation if none is given.
    #[serde(default)]
    pub name: Option<String>,
    /// Where from.
    #[serde(default)]
    pub client: Client,
}
contract!(UseLink => LoginAnswer, "use_link");

/// The invitations to an organisation that nobody used yet. Administrators may ask.
#[derive(Clone, Serialize, Deserialize)]
pub struct Invitations {
    /// The organisation.
    pub org: Uuid,
}
contract!(Invitations => Vec<InvitationFacts>, "invitations");

/// An invitation that nobody used yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationFacts {
    /// Its record.
    pub id: Uuid,
    /// The e-mail that it is for.
    pub email: String,
    /// What whoever made it calls the person.
    pub name: String,
    /// The roles that it gives.
    pub roles: Vec<String>,
    /// When it ends, or ended.
    pub expires_at: Instant,
}

/// Takes an invitation back; one that is not open is as good as that. Administrators may ask.
/// Errors: 403, 404.
#[derive(Clone, Serialize, Deserialize)]
pub struct Withdraw {
    /// The organisation.
    pub org: Uuid,
    /// The invitation.
    pub invitation: Uuid,
}
contract!(Withdraw => (), "withdraw");

/// When people last signed in to an organisation, as far as sessions tell: the platform keeps
/// those of the last thirty days. Only the platform may ask.
#[derive(Clone, Serialize, Deserialize)]
pub struct LastSignIns {
    /// The organisation.
    pub org: Uuid,
}
contract!(LastSignIns => Vec<(Uuid, Instant)>, "last_sign_ins");
