//! What `auth` answers: signing in and out, tokens, passwords, keys.

use serde::{Deserialize, Serialize};
use types::{Instant, Uuid};

const SERVICE: &str = "auth";

/// From where and with what someone signs in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Client {
    /// What the client calls itself, such as its `User-Agent`.
    pub name: String,
    /// Its network address; failed sign-ins are counted for it.
    pub address: String,
}

/// Signs in with e-mail and password. Errors: 401 `wrong_credentials`, 429 `too_many_attempts`
/// with the seconds to wait, 403 `no_membership`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Login {
    /// The e-mail, in any case.
    pub email: String,
    /// The password.
    pub password: String,
    /// The organisation to sign in to, by slug or id; needed by who belongs to several.
    #[serde(default)]
    pub org: Option<String>,
    /// Where from.
    #[serde(default)]
    pub client: Client,
}
contract!(Login => LoginAnswer, "login");

/// Goes on with a sign-in that needed more. Errors: 401 `invalid_token`, 403 `no_membership`.
#[derive(Clone, Serialize, Deserialize)]
pub struct ContinueLogin {
    /// The token that [`LoginAnswer::Needs`] gave, good for five minutes.
    pub login_token: String,
    /// The organisation that was chosen, by slug or id.
    pub org: String,
    /// Where from.
    #[serde(default)]
    pub client: Client,
}
contract!(ContinueLogin => LoginAnswer, "continue_login");

/// What a sign-in comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoginAnswer {
    /// Signed in.
    Session(Session),
    /// More is needed first.
    Needs {
        /// What.
        needs: Need,
        /// The organisations to choose from.
        orgs: Vec<OrgChoice>,
        /// Stands for the password in what follows.
        login_token: String,
    },
}

/// What a sign-in needs besides the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// The choice of an organisation.
    Org,
    /// A second factor.
    SecondFactor,
}

impl Need {
    /// Its name as clients see it.
    pub fn name(self) -> &'static str {
        match self {
            Need::Org => "org",
            Need::SecondFactor => "second_factor",
        }
    }
}

/// An organisation to choose at sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgChoice {
    /// Its id.
    pub id: Uuid,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// A session's tokens, which nobody can show again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Stands for the user in one organisation; begins with `mgt_`.
    pub access_token: String,
    /// Gives new tokens, once; begins with `mgr_`.
    pub refresh_token: String,
    /// Seconds until the access token ends.
    pub expires_in: u32,
    /// Who signed in.
    pub user: Uuid,
    /// The organisation that the tokens are for.
    pub org: Uuid,
    /// The session's record.
    pub session: Uuid,
}

/// Gives new tokens for a refresh token, which is spent by that: using it again ends the
/// session. Errors: 401 `invalid_token`, `token_reused` or `session_ended`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Refresh {
    /// The refresh token.
    pub refresh_token: String,
}
contract!(Refresh => Session, "refresh");

/// Makes a session of the same user in another organisation. Errors: 401 `invalid_token`, 403
/// `no_membership`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Switch {
    /// A valid access token.
    pub token: String,
    /// The organisation to go to, by slug or id.
    pub org: String,
    /// Where from.
    #[serde(default)]
    pub client: Client,
}
contract!(Switch => Session, "switch");

/// Ends the session of a token; an unknown token is as good as ended.
#[derive(Clone, Serialize, Deserialize)]
pub struct Logout {
    /// Its access or refresh token.
    pub token: String,
}
contract!(Logout => (), "logout");

/// Says who a token stands for, as of now. Errors: 401 `invalid_token`, `token_expired` or
/// `session_ended`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Authenticate {
    /// An access token or an API key.
    pub token: String,
}
contract!(Authenticate => Identity, "authenticate");

/// Who a token stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The user.
    pub user: Uuid,
    /// The session's or the key's record.
    pub session: Uuid,
    /// The organisation that the token is for.
    pub org: Uuid,
    /// The roles in that organisation, sorted.
    pub roles: Vec<String>,
    /// The companies the user is limited to; none means all.
    pub companies: Option<Vec<Uuid>>,
    /// Whether a person signed in or a key is used.
    pub kind: IdentityKind,
}

/// What sort of token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// A person who signed in.
    User,
    /// A program with a key.
    ApiKey,
}

impl Identity {
    /// The actor of this identity.
    pub fn actor(&self) -> kernel::Actor {
        match self.kind {
            IdentityKind::User => kernel::Actor::User(self.user),
            IdentityKind::ApiKey => kernel::Actor::ApiKey { key: self.session, user: self.user },
        }
    }

    /// The call of this identity under a request.
    pub fn call(&self, request_id: &str) -> kernel::Call {
        kernel::Call {
            actor: self.actor(),
            roles: self.roles.as_slice().into(),
            companies: self.companies.as_deref().map(Into::into),
            request_id: request_id.to_owned(),
            reason: None,
            ..kernel::Call::system(self.org, "")
        }
    }
}

/// Gives a token with which the first administrator is made, good for a day; none once there is
/// an administrator. Only the platform may ask.
#[derive(Clone, Serialize, Deserialize)]
pub struct IssueSetUpToken;
contract!(IssueSetUpToken => Option<String>, "issue_set_up_token");

/// Makes the first administrator and the first organisation, and signs in. Errors: 401
/// `invalid_token`, 409 `already_set_up`, 422 for refused values.
#[derive(Clone, Serialize, Deserialize)]
pub struct SetUp {
    /// The token of [`IssueSetUpToken`].
    pub token: String,
    /// The administrator's name.
    pub name: String,
    /// The administrator's e-mail.
    pub email: String,
    /// The administrator's password.
    pub password: String,
    /// The organisation; a country and a currency that are not given are US and USD.
    pub org: crate::platform::CreateOrg,
    /// Where from.
    #[serde(default)]
    pub client: Client,
}
contract!(SetUp => Session, "set_up");

/// Sets a user's password and ends the user's sessions. A user names the present password; the
/// platform need not. Errors: 401 `wrong_credentials`, 403, 422 `password_too_short` and others.
#[derive(Clone, Serialize, Deserialize)]
pub struct SetPassword {
    /// Whose.
    pub user: Uuid,
    /// The present password.
    #[serde(default)]
    pub current: Option<String>,
    /// The new password.
    pub password: String,
    /// The session that goes on, if one does.
    #[serde(default)]
    pub keep: Option<Uuid>,
}
contract!(SetPassword => (), "set_password");

/// Makes a key for a program, which acts as a user in one organisation with these roles, as far
/// as the user has them. Administrators of the organisation may ask. Errors: 403, 422.
#[derive(Clone, Serialize, Deserialize)]
pub struct IssueApiKey {
    /// What the key is for.
    pub name: String,
    /// The user it acts as.
    pub user: Uuid,
    /// The organisation it is for.
    pub org: Uuid,
    /// Its roles.
    pub roles: Vec<String>,
    /// When it ends, if it does.
    #[serde(default)]
    pub expires_at: Option<Instant>,
}
contract!(IssueApiKey => IssuedApiKey, "issue_api_key");

/// A new key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedApiKey {
    /// Its record.
    pub id: Uuid,
    /// The key itself, shown this once; begins with `mgk_`.
    pub key: String,
}
