//! Stand-ins for `users` and `platform`: what they answer, with as little behind it as will do.
//!
//! Users are records, because their events matter; places and organisations are kept in memory.

use contracts::people::PlacesOf;
use contracts::platform::{Companies, CreateOrg, FindOrg, OrgFacts, Orgs};
use contracts::users::{
    AddMember, Administrators, CreateUser, Membership, MembershipIn, Memberships, RemoveMember,
    UserByEmail, UserById, UserFacts,
};
use contracts::{Contract, SYSTEM_ORG, handler, in_system_org, once, own};
use kernel::command::Verb;
use kernel::service::Runtime;
use kernel::{Answer, Call, Command, Problem, Record, Service, entity};
use std::sync::{Arc, Mutex};
use types::{Uuid, Value};

/// A user, as far as auth asks.
#[entity(service = "users", prefix = "usr", title = name, system)]
pub struct User {
    /// The e-mail.
    #[field(unique)]
    pub email: Text<254>,
    /// The name.
    pub name: Text<200>,
    /// Whether the user may sign in.
    #[field(default = true)]
    pub active: Boolean,
}

/// An organisation, as far as links to it need one.
#[entity(service = "platform", prefix = "org", system)]
struct Org {}

fn facts(user: &Record) -> UserFacts {
    let text = |slot: usize| user.values[slot].as_text().unwrap_or_default().to_owned();
    UserFacts {
        id: user.id(),
        email: text(User::EMAIL),
        name: text(User::NAME),
        locale: String::new(),
        active: user.values[User::ACTIVE] == Value::Bool(true),
    }
}

async fn user(runtime: &Runtime, id: Uuid) -> Result<Option<UserFacts>, Problem> {
    let found = own::get(runtime, SYSTEM_ORG, User::ENTITY, id).await?;
    Ok(found.as_ref().map(facts))
}

async fn by_email(runtime: &Runtime, email: &str) -> Result<Option<UserFacts>, Problem> {
    let email = email.to_lowercase().into();
    let found = own::find(runtime, SYSTEM_ORG, User::ENTITY, "email", &email).await?;
    Ok(found.first().map(facts))
}

async fn create(runtime: Arc<Runtime>, call: Call, user: CreateUser) -> Result<UserFacts, Problem> {
    let (email, name) = (user.email.to_lowercase(), user.name);
    let texts = [("email", email.as_str()), ("name", name.as_str())];
    let input = own::input(&runtime, User::ENTITY, &texts)?;
    let call = once(&runtime, in_system_org(&call, "a test"), &[email.as_bytes()]);
    let command = Command { entity: User::ENTITY.to_owned(), verb: Verb::Create, input };
    match runtime.execute(&call, &command).await? {
        Answer::Record(view) => Ok(facts(&view.record)),
        other => panic!("{other:?}"),
    }
}

/// Places of users in organisations, and who is active.
fn places_in(places: &Mutex<Vec<Membership>>, user: Uuid) -> Vec<Membership> {
    let places = places.lock().unwrap();
    places.iter().filter(|place| place.user == user).cloned().collect()
}

/// A stand-in for `users`.
pub fn users() -> Service {
    let places: Arc<Mutex<Vec<Membership>>> = Arc::default();
    let (all, one, add) = (places.clone(), places.clone(), places.clone());
    let (remove, rule, whole) = (places.clone(), places.clone(), places);
    let memberships = move |runtime: Arc<Runtime>, _: Call, asked: Memberships| {
        let all = places_in(&all, asked.user);
        async move {
            let active = user(&runtime, asked.user).await?.is_some_and(|user| user.active);
            let all = all.into_iter().filter(|place| active && place.org != SYSTEM_ORG);
            Ok(all.collect::<Vec<_>>())
        }
    };
    let membership_in = move |runtime: Arc<Runtime>, _: Call, asked: MembershipIn| {
        let place = places_in(&one, asked.user).into_iter().find(|place| place.org == asked.org);
        async move {
            let active = user(&runtime, asked.user).await?.is_some_and(|user| user.active);
            Ok(place.filter(|_| active))
        }
    };
    let places_of = move |_: Arc<Runtime>, _: Call, asked: PlacesOf| {
        let found = places_in(&whole, asked.user).into_iter().map(|place| place.org).collect();
        async move { Ok::<Vec<Uuid>, Problem>(found) }
    };
    let add_member = move |_: Arc<Runtime>, _: Call, asked: AddMember| {
        let AddMember { user, org, roles, companies } = asked;
        let place = Membership { user, org, roles, companies };
        let mut places = add.lock().unwrap();
        places.retain(|place| (place.user, place.org) != (user, org));
        places.push(place.clone());
        async move { Ok(place) }
    };
    let remove_member = move |_: Arc<Runtime>, _: Call, asked: RemoveMember| {
        let gone = (asked.user, asked.org);
        remove.lock().unwrap().retain(|place| (place.user, place.org) != gone);
        async move { Ok(()) }
    };
    let administrators = move |runtime: Arc<Runtime>, _: Call, _: Administrators| {
        let rule: Vec<Uuid> = {
            let places = rule.lock().unwrap();
            places.iter().filter(|place| place.org == SYSTEM_ORG).map(|place| place.user).collect()
        };
        async move {
            let mut found = Vec::new();
            for id in rule {
                found.extend(user(&runtime, id).await?);
            }
            Ok(found)
        }
    };
    let user_by_email = async |runtime: Arc<Runtime>, _: Call, asked: UserByEmail| {
        by_email(&runtime, &asked.email).await
    };
    let user_by_id =
        async |runtime: Arc<Runtime>, _: Call, asked: UserById| user(&runtime, asked.user).await;
    Service::new("users")
        .entity::<User>()
        .handle(UserByEmail::NAME, handler::<UserByEmail>(user_by_email))
        .handle(UserById::NAME, handler::<UserById>(user_by_id))
        .handle(CreateUser::NAME, handler::<CreateUser>(create))
        .handle(Memberships::NAME, handler::<Memberships>(memberships))
        .handle(MembershipIn::NAME, handler::<MembershipIn>(membership_in))
        .handle(PlacesOf::NAME, handler::<PlacesOf>(places_of))
        .handle(AddMember::NAME, handler::<AddMember>(add_member))
        .handle(RemoveMember::NAME, handler::<RemoveMember>(remove_member))
        .handle(Administrators::NAME, handler::<Administrators>(administrators))
}

/// A stand-in for `platform`.
pub fn platform() -> Service {
    let orgs: Arc<Mutex<Vec<OrgFacts>>> = Arc::default();
    let (find, list) = (orgs.clone(), orgs.clone());
    let create_org = move |_: Arc<Runtime>, _: Call, asked: CreateOrg| {
        let mut orgs = orgs.lock().unwrap();
        let known = orgs.iter().find(|org| org.slug == asked.slug).cloned();
        let org = known.unwrap_or_else(|| OrgFacts {
            id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0b00 + orgs.len() as u128),
            slug: asked.slug,
            name: asked.name,
            placement: "sqlite".to_owned(),
            state: "active".to_owned(),
        });
        orgs.retain(|known| known.id != org.id);
        orgs.push(org.clone());
        async move { Ok(org) }
    };
    let find_org = move |_: Arc<Runtime>, _: Call, asked: FindOrg| {
        let orgs = find.lock().unwrap();
        let is_it =
            |org: &&OrgFacts| org.slug == asked.org || types::format_id("org", org.id) == asked.org;
        let found = orgs.iter().find(is_it).cloned();
        async move { Ok(found) }
    };
    let some_orgs = move |_: Arc<Runtime>, _: Call, asked: Orgs| {
        let orgs = list.lock().unwrap();
        let ids = asked.ids.unwrap_or_default();
        let found: Vec<OrgFacts> = orgs.iter().filter(|o| ids.contains(&o.id)).cloned().collect();
        async move { Ok(found) }
    };
    let companies = async |_: Arc<Runtime>, _: Call, _: Companies| Ok(Vec::new());
    Service::new("platform")
        .entity::<Org>()
        .handle(CreateOrg::NAME, handler::<CreateOrg>(create_org))
        .handle(FindOrg::NAME, handler::<FindOrg>(find_org))
        .handle(Orgs::NAME, handler::<Orgs>(some_orgs))
        .handle(Companies::NAME, handler::<Companies>(companies))
}
