//! Auth: passwords, sessions, tokens and keys.
//!
//! Everything here lives in the system organisation. A token is for one organisation; what it
//! may do there is asked of `users` each time, so that an ended membership ends it at once.

mod access;
mod admission;
mod api_key;
mod attempts;
mod authenticate;
mod credential;
mod desk;
mod issue_api_key;
mod login;
mod password;
mod refresh;
mod session;
mod set_password;
mod set_up;
mod sign_out;
mod token;

pub use admission::Admission;
use admission::{enter, issue};
pub use api_key::ApiKey;
use contracts::Contract;
use contracts::access::{Access, EndSession, RevokeApiKey};
use contracts::admission::{
    Invitations, Invite, IssueReset, LastSignIns, ReadLink, UseLink, Withdraw,
};
use contracts::auth::{
    Authenticate, ContinueLogin, IssueApiKey, IssueSetUpToken, Login, Logout, Refresh, SetPassword,
    SetUp, Switch,
};
pub use credential::Credential;
use desk::{Desk, answer};
use kernel::Service;
pub use session::Session;

/// The service: its entities, acts, what it answers to others, what it listens to.
pub fn service() -> Service {
    let desk = Desk::open();
    Service::new("auth")
        .entity::<Credential>()
        .entity::<Session>()
        .entity::<ApiKey>()
        .entity::<Admission>()
        .act::<Credential>("set_password", credential::set_password)
        .act::<Credential>("sign_out", credential::sign_out)
        .act::<Admission>("claim", admission::claim)
        .act::<Admission>("finish", admission::finish)
        .act::<Admission>("renew", admission::renew)
        .prepare::<Admission>(admission::made_by_platform)
        .check::<Admission>(admission::roles)
        .handle(Login::NAME, answer::<Login, _, _>(&desk, login::login))
        .handle(ContinueLogin::NAME, answer::<ContinueLogin, _, _>(&desk, login::continue_login))
        .handle(Refresh::NAME, answer::<Refresh, _, _>(&desk, refresh::refresh))
        .handle(Switch::NAME, answer::<Switch, _, _>(&desk, login::switch))
        .handle(Logout::NAME, answer::<Logout, _, _>(&desk, refresh::logout))
        .handle(Authenticate::NAME, answer::<Authenticate, _, _>(&desk, authenticate::authenticate))
        .handle(IssueSetUpToken::NAME, answer::<IssueSetUpToken, _, _>(&desk, set_up::issue_token))
        .handle(SetUp::NAME, answer::<SetUp, _, _>(&desk, set_up::set_up))
        .handle(SetPassword::NAME, answer::<SetPassword, _, _>(&desk, set_password::set_password))
        .handle(IssueApiKey::NAME, answer::<IssueApiKey, _, _>(&desk, issue_api_key::issue_api_key))
        .handle(Access::NAME, answer::<Access, _, _>(&desk, access::access))
        .handle(EndSession::NAME, answer::<EndSession, _, _>(&desk, access::end_session))
        .handle(RevokeApiKey::NAME, answer::<RevokeApiKey, _, _>(&desk, access::revoke_api_key))
        .handle(Invite::NAME, answer::<Invite, _, _>(&desk, issue::invite))
        .handle(IssueReset::NAME, answer::<IssueReset, _, _>(&desk, issue::issue_reset))
        .handle(Invitations::NAME, answer::<Invitations, _, _>(&desk, issue::invitations))
        .handle(Withdraw::NAME, answer::<Withdraw, _, _>(&desk, issue::withdraw))
        .handle(LastSignIns::NAME, answer::<LastSignIns, _, _>(&desk, issue::last_sign_ins))
        .handle(ReadLink::NAME, answer::<ReadLink, _, _>(&desk, enter::read_link))
        .handle(UseLink::NAME, answer::<UseLink, _, _>(&desk, enter::use_link))
        .listen("users", sign_out::on_users)
}
