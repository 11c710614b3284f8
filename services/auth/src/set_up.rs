//! Makes the first administrator and the first organisation.

use crate::desk::{Visit, invalid_token};
use crate::{login, session, set_password, token};
use contracts::SYSTEM_ORG;
use contracts::auth::{IssueSetUpToken, Session, SetUp};
use contracts::only_platform;
use contracts::platform::{CreateOrg, FindOrg, OrgFacts, Orgs};
use contracts::users::{AddMember, Administrators, CreateUser, UserByEmail, UserFacts};
use kernel::Problem;
use kernel::rights::ADMINISTRATOR;
use types::{Instant, Uuid};

/// How long a set-up token is good: a day.
const SET_UP_MICROS: i64 = 24 * 3_600 * 1_000_000;

/// Gives a set-up token, unless there is an administrator.
pub async fn issue_token(visit: Visit, _: IssueSetUpToken) -> Result<Option<String>, Problem> {
    only_platform(&visit.call, "auth.set_up:issue")?;
    if !visit.ask::<Administrators>(&Administrators).await?.is_empty() {
        return Ok(None);
    }
    let until = Instant(visit.now().0 + SET_UP_MICROS);
    Ok(Some(token::vouch(&visit.runtime.keys, token::SET_UP, Uuid::nil(), until)))
}

/// Makes the first administrator and the first organisation, and signs in.
///
/// Every step may be repeated, and the last one makes the administrator: what fails half-way is
/// done again with the same token, and the token is worth nothing from then on.
pub async fn set_up(visit: Visit, request: SetUp) -> Result<Session, Problem> {
    token::vouched(&visit.runtime.keys, token::SET_UP, &request.token, visit.now())
        .ok_or_else(invalid_token)?;
    let email = request.email.to_lowercase();
    let problems = crate::credential::rules::password(&request.password, &email);
    if !problems.is_empty() {
        return Err(Problem::invalid(problems));
    }
    let administrators = visit.ask::<Administrators>(&Administrators).await?;
    let again = administrators.iter().any(|administrator| administrator.email == email);
    if !administrators.is_empty() && !again {
        return Err(already_set_up());
    }
    if again {
        // The answer of an earlier attempt got lost: the password says that it is the same one.
        let address = &request.client.address;
        let known = login::who(&visit, &email, &request.password, address).await;
        let user = known.map_err(|_| already_set_up())?;
        // Only an organisation that this attempt made: the token opens no other.
        let org = visit.ask::<CreateOrg>(&request.org).await;
        let org = org.map_err(|_| already_set_up())?;
        return session::open(&visit, user.id, org.id, &request.client).await;
    }
    let user = administrator(&visit, email, &request.name).await?;
    set_password::store(&visit, &user, &request.password, None).await?;
    let org = first_org(&visit, &request.org).await?;
    // Whoever administers the installation administers what the command line made before.
    let all = visit.ask::<Orgs>(&Orgs { ids: None }).await?;
    let earlier = all.iter().map(|other| other.id).filter(|other| *other != org.id);
    for org in earlier.chain([org.id, SYSTEM_ORG]) {
        let roles = vec![ADMINISTRATOR.to_owned()];
        visit.ask::<AddMember>(&AddMember { user: user.id, org, roles, companies: None }).await?;
    }
    session::open(&visit, user.id, org.id, &request.client).await
}

/// The user who becomes administrator: a new one, or the one of an earlier attempt.
async fn administrator(visit: &Visit, email: String, name: &str) -> Result<UserFacts, Problem> {
    let request = CreateUser { email: email.clone(), name: name.to_owned(), locale: None };
    match visit.ask::<CreateUser>(&request).await {
        Err(problem) if problem.code == "already_exists" => {
            let found = visit.ask::<UserByEmail>(&UserByEmail { email }).await?;
            found.ok_or(problem)
        }
        made => made,
    }
}

/// The first organisation: a new one, or the one of that name that the command line made.
async fn first_org(visit: &Visit, request: &CreateOrg) -> Result<OrgFacts, Problem> {
    match visit.ask::<CreateOrg>(request).await {
        Err(problem) if problem.code == "already_exists" => {
            let found = visit.ask::<FindOrg>(&FindOrg { org: request.slug.clone() }).await?;
            found.ok_or(problem)
        }
        made => made,
    }
}

fn already_set_up() -> Problem {
    let text = "This installation has an administrator already. Sign in instead.";
    Problem::conflict("already_set_up", text)
}
