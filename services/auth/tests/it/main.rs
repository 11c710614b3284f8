//! Scenarios of auth, on both databases, plain and in wire mode.

mod access;
mod admissions;
mod conformance;
mod keys;
mod neighbours;
mod passwords;
mod resets;
mod sessions;
mod signing_in;

use contracts::admission::{IssuedLink, LinkFacts, ReadLink, UseLink};
use contracts::auth::{
    Authenticate, Client, Identity, IssueSetUpToken, Login, LoginAnswer, Session, SetPassword,
    SetUp,
};
use contracts::platform::CreateOrg;
use contracts::users::{AddMember, CreateUser};
use kernel::{Actor, Call, Problem, Service};
use testkit::world::World;
use types::Uuid;

/// The administrator's e-mail.
pub const EMAIL: &str = "nancy@northwind.example";
/// The administrator's password.
pub const PASSWORD: &str = "a sentence will do";

/// Auth among its neighbours.
pub fn services() -> Vec<Service> {
    vec![auth::service(), neighbours::users(), neighbours::platform()]
}

/// What makes an organisation of this slug.
pub fn org(slug: &str) -> CreateOrg {
    let (country, currency, zone, placement) = (None, None, None, None);
    CreateOrg {
        slug: slug.to_owned(),
        name: slug.to_uppercase(),
        country,
        currency,
        zone,
        placement,
    }
}

/// A set-up token, while there is no administrator.
pub async fn set_up_token(world: &World) -> Option<String> {
    world.contract::<IssueSetUpToken>(&IssueSetUpToken).await.unwrap()
}

/// Asks for the set-up of `northwind` with an administrator of this e-mail.
pub fn set_up(token: &str, email: &str) -> SetUp {
    SetUp {
        token: token.to_owned(),
        name: "Nancy Davolio".to_owned(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        org: org("northwind"),
        client: Client::default(),
    }
}

/// Sets the installation up and answers the administrator's first session.
pub async fn begin(world: &World) -> Session {
    let token = set_up_token(world).await.unwrap();
    world.contract::<SetUp>(&set_up(&token, EMAIL)).await.unwrap()
}

/// Makes another organisation with the user as a member; answers its id.
pub async fn join(world: &World, user: Uuid, slug: &str, roles: &[&str]) -> Uuid {
    let org = world.contract::<CreateOrg>(&org(slug)).await.unwrap().id;
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    let member = AddMember { user, org, roles, companies: None };
    world.contract::<AddMember>(&member).await.unwrap();
    org
}

/// Tries to sign in.
pub async fn try_login(
    world: &World,
    email: &str,
    password: &str,
    address: &str,
) -> Result<LoginAnswer, Problem> {
    let client = Client { name: "a test".to_owned(), address: address.to_owned() };
    let (email, password) = (email.to_owned(), password.to_owned());
    world.contract::<Login>(&Login { email, password, org: None, client }).await
}

/// Signs the administrator in.
pub async fn login(world: &World) -> Session {
    session(try_login(world, EMAIL, PASSWORD, "").await.unwrap())
}

/// The session of an answer.
pub fn session(answer: LoginAnswer) -> Session {
    match answer {
        LoginAnswer::Session(session) => session,
        other => panic!("no session: {other:?}"),
    }
}

/// Who a token stands for.
pub async fn identify(world: &World, token: &str) -> Result<Identity, Problem> {
    world.contract::<Authenticate>(&Authenticate { token: token.to_owned() }).await
}

/// Reads a link.
pub async fn read(world: &World, link: &IssuedLink) -> Result<LinkFacts, Problem> {
    let client = Client { name: String::new(), address: "192.0.2.7".to_owned() };
    world.contract::<ReadLink>(&ReadLink { token: link.token.clone(), client }).await
}

/// Uses a link with a password.
pub async fn enter(
    world: &World,
    link: &IssuedLink,
    password: &str,
) -> Result<LoginAnswer, Problem> {
    let (token, password) = (link.token.clone(), password.to_owned());
    let client = Client { name: String::new(), address: "192.0.2.7".to_owned() };
    world.contract::<UseLink>(&UseLink { token, password, name: None, client }).await
}

/// A call by a user who administers an organisation, as far as the call says.
pub fn as_administrator(world: &World, user: Uuid, org: Uuid) -> Call {
    Call { actor: Actor::User(user), org, ..world.call() }
}

/// Makes an account with a password that belongs to an organisation.
pub async fn member(world: &World, email: &str, org: Uuid, roles: &[&str]) -> Uuid {
    let made = CreateUser { email: email.to_owned(), name: "Sam".to_owned(), locale: None };
    let user = world.contract::<CreateUser>(&made).await.unwrap().id;
    let password = PASSWORD.to_owned();
    let set = SetPassword { user, current: None, password, keep: None };
    world.contract::<SetPassword>(&set).await.unwrap();
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    let place = AddMember { user, org, roles, companies: None };
    world.contract::<AddMember>(&place).await.unwrap();
    user
}

/// The code of a refusal.
pub fn code<T: std::fmt::Debug>(outcome: Result<T, Problem>) -> String {
    outcome.unwrap_err().code
}

#[test]
fn every_entity_is_sound() {
    let mut faults = testkit::schema::faults(&auth::service());
    // No role of an organisation reaches what the system keeps: nobody is meant.
    faults.retain(|fault| !fault.ends_with("is granted to nobody"));
    assert_eq!(faults, Vec::<String>::new());
}
