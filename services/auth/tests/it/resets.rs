//! Links to a new password: who makes them for whom, and what using one does.

use crate::neighbours::User;
use crate::{
    PASSWORD, as_administrator, begin, code, enter, identify, join, member, read, services,
    session, try_login,
};
use contracts::SYSTEM_ORG;
use contracts::admission::{IssueReset, IssuedLink, Purpose};
use contracts::auth::LoginAnswer;
use contracts::users::{AddMember, CreateUser};
use kernel::command::{Known, Verb};
use kernel::{Actor, Call, Command, Input, Problem};
use testkit::world::{World, everywhere};
use types::{Duration, Uuid};

const DAY: i64 = 24 * 3_600_000_000;
const SAM: &str = "sam@example.org";
const OTHER: &str = "another sentence";

async fn reset_as(world: &World, call: Call, user: Uuid) -> Result<IssuedLink, Problem> {
    contracts::call::<IssueReset>(&*world.peers, call, &IssueReset { user }).await
}

async fn set_active(world: &World, user: Uuid, active: bool) {
    let verb = Verb::Update { id: user, known: Known::Nothing };
    let input = Input::new().set("active", active);
    let command = Command { entity: User::ENTITY.to_owned(), verb, input };
    world.execute(world.system(SYSTEM_ORG), command).await.unwrap();
}

#[test]
fn a_new_password_ends_the_sessions_of_before_and_the_link() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let sam = member(&world, SAM, first.org, &["sales"]).await;
        let before = session(try_login(&world, SAM, PASSWORD, "").await.unwrap());
        let call = || as_administrator(&world, first.user, first.org);
        let old = reset_as(&world, call(), sam).await.unwrap();
        let link = reset_as(&world, call(), sam).await.unwrap();
        assert_eq!(code(enter(&world, &old, OTHER).await), "link_invalid", "a newer one was made");
        let facts = read(&world, &link).await.unwrap();
        assert_eq!((facts.purpose, facts.email.as_str()), (Purpose::Reset, SAM));
        assert_eq!((facts.org, facts.signs_in), (None, false));
        identify(&world, &before.access_token).await.unwrap();
        let after = session(enter(&world, &link, OTHER).await.unwrap());
        identify(&world, &after.access_token).await.unwrap();
        assert_eq!(code(identify(&world, &before.access_token).await), "session_ended");
        assert_eq!(code(try_login(&world, SAM, PASSWORD, "").await), "wrong_credentials");
        assert_eq!(code(enter(&world, &link, "a third sentence").await), "link_used");
        session(try_login(&world, SAM, OTHER, "").await.unwrap());
        world.end().await;
    });
}

#[test]
fn of_two_who_use_a_link_at_once_one_sets_the_password() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let sam = member(&world, SAM, first.org, &["sales"]).await;
        let link = reset_as(&world, world.system(SYSTEM_ORG), sam).await.unwrap();
        let passwords = ["the first sentence", "the second sentence"];
        let (a, b) =
            futures::join!(enter(&world, &link, passwords[0]), enter(&world, &link, passwords[1]));
        let won = [a.is_ok(), b.is_ok()];
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{a:?} {b:?}");
        assert_eq!(a.err().or(b.err()).unwrap().code, "link_used");
        for (password, won) in passwords.into_iter().zip(won) {
            assert_eq!(try_login(&world, SAM, password, "").await.is_ok(), won, "{password}");
        }
        world.end().await;
    });
}

#[test]
fn a_link_to_a_new_password_is_good_for_a_day_and_for_who_may_sign_in() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let sam = member(&world, SAM, first.org, &["sales"]).await;
        let call = || as_administrator(&world, first.user, first.org);
        let link = reset_as(&world, call(), sam).await.unwrap();
        world.clock.advance(Duration(DAY));
        assert_eq!(code(enter(&world, &link, OTHER).await), "link_expired");
        let link = reset_as(&world, call(), sam).await.unwrap();
        set_active(&world, sam, false).await;
        assert_eq!(code(read(&world, &link).await), "link_void");
        assert_eq!(code(enter(&world, &link, OTHER).await), "link_void");
        assert_eq!(code(reset_as(&world, call(), sam).await), "user_inactive");
        world.end().await;
    });
}

#[test]
fn an_organisation_resets_accounts_that_are_its_own_alone() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let org = first.org;
        let boss = member(&world, "boss@example.org", org, &["administrator"]).await;
        let own = member(&world, SAM, org, &["sales"]).await;
        let shared = member(&world, "shared@example.org", org, &["sales"]).await;
        let acme = join(&world, shared, "acme", &["sales"]).await;
        let foreign = member(&world, "foreign@example.org", acme, &["sales"]).await;
        let key = Actor::ApiKey { key: first.session, user: boss };
        let by_boss = || as_administrator(&world, boss, org);
        let by_first = || as_administrator(&world, first.user, org);
        let by_seller = Call { actor: Actor::User(own), org, ..world.call_as("sales") };
        for (what, call, user, expected) in [
            ("the boss, their own", by_boss(), own, ""),
            ("the boss, a shared one", by_boss(), shared, "account_elsewhere"),
            ("the boss, of the installation", by_boss(), first.user, "account_elsewhere"),
            ("the boss, another's", by_boss(), foreign, "not_found"),
            ("the boss, nobody's", by_boss(), Uuid::from_u128(7), "not_found"),
            ("the boss themselves", by_boss(), boss, "own_account"),
            ("a seller", by_seller, boss, "forbidden"),
            ("a key", Call { actor: key, ..by_boss() }, own, "forbidden"),
            ("the installation's, a shared one", by_first(), shared, ""),
            ("the installation's, another's", by_first(), foreign, ""),
            ("the command line", world.system(SYSTEM_ORG), first.user, ""),
        ] {
            let said = reset_as(&world, call, user).await;
            let said = said.err().map(|problem| problem.code).unwrap_or_default();
            assert_eq!(said, expected, "{what}");
        }
        world.end().await;
    });
}

#[test]
fn an_account_that_joins_another_organisation_is_out_of_reach_of_links_of_before() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let boss = member(&world, "boss@example.org", first.org, &["administrator"]).await;
        let sam = member(&world, SAM, first.org, &["sales"]).await;
        let link = reset_as(&world, as_administrator(&world, boss, first.org), sam).await.unwrap();
        read(&world, &link).await.unwrap();
        join(&world, sam, "acme", &["administrator"]).await;
        assert_eq!(code(read(&world, &link).await), "link_void");
        assert_eq!(code(enter(&world, &link, OTHER).await), "link_void");
        assert_eq!(code(try_login(&world, SAM, OTHER, "").await), "wrong_credentials");
        world.end().await;
    });
}

#[test]
fn who_never_had_a_password_gets_one_and_who_belongs_to_several_chooses() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let made = CreateUser { email: SAM.to_owned(), name: "Sam".to_owned(), locale: None };
        let sam = world.contract::<CreateUser>(&made).await.unwrap().id;
        let roles = vec!["sales".to_owned()];
        let place = AddMember { user: sam, org: first.org, roles, companies: None };
        world.contract::<AddMember>(&place).await.unwrap();
        join(&world, sam, "acme", &["sales"]).await;
        let link = reset_as(&world, world.system(SYSTEM_ORG), sam).await.unwrap();
        let answer = enter(&world, &link, OTHER).await.unwrap();
        let LoginAnswer::Needs { orgs, .. } = answer else { panic!("no choice: {answer:?}") };
        assert_eq!(orgs.len(), 2);
        world.end().await;
    });
}
