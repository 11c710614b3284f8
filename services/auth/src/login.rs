//! Signs in: who it is, to which organisation, and then a session.

use crate::attempts::Trier;
use crate::credential::Credential;
use crate::desk::{Visit, invalid_token, no_membership, unauthenticated};
use crate::{authenticate, session, token};
use contracts::auth::{
    Client, ContinueLogin, IdentityKind, Login, LoginAnswer, Need, OrgChoice, Session, Switch,
};
use contracts::platform::{FindOrg, OrgFacts, Orgs};
use contracts::users::{MembershipIn, Memberships, UserByEmail, UserFacts};
use kernel::{Problem, ProblemKind};
use types::{Instant, Uuid};

/// How long a right password may wait for the choice of an organisation: five minutes.
const LOGIN_TOKEN_MICROS: i64 = 5 * 60 * 1_000_000;
/// The longest e-mail (RFC 5321, 4.5.3.1.3).
const MAX_EMAIL: usize = 254;

/// Signs in with e-mail and password.
pub async fn login(visit: Visit, request: Login) -> Result<LoginAnswer, Problem> {
    let user = who(&visit, &request.email, &request.password, &request.client.address).await?;
    to_org(&visit, user.id, request.org.as_deref(), &request.client).await
}

/// Goes on with a sign-in whose password was right.
pub async fn continue_login(visit: Visit, request: ContinueLogin) -> Result<LoginAnswer, Problem> {
    let keys = &visit.runtime.keys;
    let user = token::vouched(keys, token::LOGIN, &request.login_token, visit.now());
    let user = user.ok_or_else(invalid_token)?;
    to_org(&visit, user, Some(&request.org), &request.client).await
}

/// Makes a session of the same user in another organisation.
pub async fn switch(visit: Visit, request: Switch) -> Result<Session, Problem> {
    let identity = authenticate::identify(&visit, &request.token).await?;
    if identity.kind == IdentityKind::ApiKey {
        let text = "An API key belongs to one organisation. Use a key of the other one.";
        return Err(Problem::new(ProblemKind::Forbidden, "api_key_cannot_switch", text));
    }
    let org = member_org(&visit, identity.user, &request.org).await?;
    session::open(&visit, identity.user, org, &request.client).await
}

/// The active user of an e-mail and password.
///
/// # Errors
/// 401 `wrong_credentials`, whichever of the two is wrong; 429 after too many failures; 403
/// `user_inactive` for the right password of a user who may not sign in.
pub async fn who(
    visit: &Visit,
    email: &str,
    password: &str,
    address: &str,
) -> Result<UserFacts, Problem> {
    let email = email.to_lowercase();
    let account = email.get(..MAX_EMAIL).unwrap_or(&email);
    let request = visit.call.request_id.as_bytes();
    let guess = visit.runtime.keys.fingerprint(&[request, email.as_bytes(), password.as_bytes()]);
    let trier = Trier::new(account, address, (!request.is_empty()).then_some(guess));
    visit.desk.attempts.check(&trier, visit.now())?;
    let user = if is_plausible(&email) {
        visit.ask::<UserByEmail>(&UserByEmail { email }).await?
    } else {
        None
    };
    // The credential of nobody is looked for too: that takes as long as anyone's.
    let id = user.as_ref().map_or(Uuid::nil(), |user| user.id);
    let credential = visit.credential(id).await?;
    let hash = credential.as_ref().and_then(|c| c.values[Credential::PASSWORD_HASH].as_text());
    let turn = visit.desk.hasher.turn().await?;
    // Whoever used up the limit while this one waited has saved the work of a hash.
    visit.desk.attempts.check(&trier, visit.now())?;
    let fits = turn.verify(password, hash).await?;
    visit.desk.attempts.settle(&trier, fits, visit.now())?;
    match user {
        Some(user) if fits && user.active => Ok(user),
        Some(_) if fits => {
            let text = "This user may not sign in any more. Ask an administrator.";
            Err(Problem::new(ProblemKind::Forbidden, "user_inactive", text))
        }
        _ => Err(unauthenticated(
            "wrong_credentials",
            "E-mail or password is wrong. An administrator can make a link to a new one.",
        )),
    }
}

fn is_plausible(email: &str) -> bool {
    email.len() <= MAX_EMAIL && email.contains('@') && !email.chars().any(char::is_control)
}

/// Signs a known user in to an organisation, or asks which one.
pub async fn to_org(
    visit: &Visit,
    user: Uuid,
    org: Option<&str>,
    client: &Client,
) -> Result<LoginAnswer, Problem> {
    if let Some(org) = org {
        let org = member_org(visit, user, org).await?;
        return Ok(LoginAnswer::Session(session::open(visit, user, org, client).await?));
    }
    let memberships = visit.ask::<Memberships>(&Memberships { user }).await?;
    let ids = memberships.iter().map(|membership| membership.org).collect();
    let orgs = visit.ask::<Orgs>(&Orgs { ids: Some(ids) }).await?;
    let mut orgs: Vec<OrgFacts> = orgs.into_iter().filter(is_open).collect();
    match orgs.as_slice() {
        [] => Err(no_membership()),
        [only] => Ok(LoginAnswer::Session(session::open(visit, user, only.id, client).await?)),
        _ => {
            orgs.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
            let choice = |org: OrgFacts| OrgChoice { id: org.id, slug: org.slug, name: org.name };
            let until = Instant(visit.now().0 + LOGIN_TOKEN_MICROS);
            Ok(LoginAnswer::Needs {
                needs: Need::Org,
                orgs: orgs.into_iter().map(choice).collect(),
                login_token: token::vouch(&visit.runtime.keys, token::LOGIN, user, until),
            })
        }
    }
}

/// The organisation of a slug or id, if the user belongs to it; the same answer whether it does
/// not exist or the user does not belong to it.
async fn member_org(visit: &Visit, user: Uuid, org: &str) -> Result<Uuid, Problem> {
    let found = visit.ask::<FindOrg>(&FindOrg { org: org.to_owned() }).await?;
    let found = found.filter(is_open).ok_or_else(no_membership)?;
    let membership = visit.ask::<MembershipIn>(&MembershipIn { user, org: found.id }).await?;
    membership.map(|membership| membership.org).ok_or_else(no_membership)
}

/// Whether an organisation may be signed in to.
pub fn is_open(org: &OrgFacts) -> bool {
    org.state == "active"
}
