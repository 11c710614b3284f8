//! Invitations: made, used once, ended; what they tell and to whom.

use crate::{
    EMAIL, PASSWORD, as_administrator, begin, code, enter, identify, join, member, read, services,
    session, try_login,
};
use contracts::SYSTEM_ORG;
use contracts::admission::{
    Invitations, Invite, IssuedLink, LastSignIns, Purpose, UseLink, Withdraw,
};
use contracts::auth::{Client, LoginAnswer, Session as Tokens};
use contracts::users::{AddMember, CreateUser, MembershipIn, RemoveMember, UserByEmail};
use kernel::{Actor, Call, Problem};
use testkit::world::{World, everywhere};
use types::{Duration, Uuid};

const DAY: i64 = 24 * 3_600_000_000;
const BO: &str = "bo@example.org";
const OTHER: &str = "another sentence";

fn invitation(org: Uuid, email: &str, roles: &[&str]) -> Invite {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    Invite { org, email: email.to_owned(), name: "Bo Buyer".to_owned(), roles }
}

async fn invite_as(world: &World, call: Call, asked: &Invite) -> Result<IssuedLink, Problem> {
    contracts::call::<Invite>(&*world.peers, call, asked).await
}

/// Invites Bo to buy, as the administrator.
async fn invite(world: &World, by: &Tokens) -> IssuedLink {
    let call = as_administrator(world, by.user, by.org);
    invite_as(world, call, &invitation(by.org, "Bo@Example.org", &["purchasing"])).await.unwrap()
}

async fn open_to(world: &World, by: &Tokens) -> Vec<String> {
    let call = as_administrator(world, by.user, by.org);
    let asked = Invitations { org: by.org };
    let open = contracts::call::<Invitations>(&*world.peers, call, &asked).await.unwrap();
    open.into_iter().map(|one| one.email).collect()
}

#[test]
fn whoever_is_invited_sets_a_password_and_is_in_once() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let link = invite(&world, &first).await;
        assert!(link.path().starts_with("/enter#mga_"), "{}", link.path());
        assert_eq!(open_to(&world, &first).await, [BO]);
        let facts = read(&world, &link).await.unwrap();
        assert_eq!((facts.purpose, facts.signs_in), (Purpose::Invitation, false));
        assert_eq!((facts.email.as_str(), facts.name.as_str()), (BO, "Bo Buyer"));
        assert_eq!(facts.org.unwrap().slug, "northwind");
        let weak = enter(&world, &link, "short").await.unwrap_err();
        assert_eq!(weak.errors[0].code, "password_too_short");
        let inside = session(enter(&world, &link, OTHER).await.unwrap());
        let identity = identify(&world, &inside.access_token).await.unwrap();
        assert_eq!((identity.org, identity.roles), (first.org, vec!["purchasing".to_owned()]));
        for again in [OTHER, PASSWORD] {
            assert_eq!(code(enter(&world, &link, again).await), "link_used");
        }
        assert_eq!(code(read(&world, &link).await), "link_used");
        assert_eq!(open_to(&world, &first).await, Vec::<String>::new());
        session(try_login(&world, BO, OTHER, "").await.unwrap());
        world.end().await;
    });
}

#[test]
fn of_two_who_use_a_link_at_once_one_is_in() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let link = invite(&world, &first).await;
        let passwords = ["the first sentence", "the second sentence"];
        let (a, b) =
            futures::join!(enter(&world, &link, passwords[0]), enter(&world, &link, passwords[1]));
        let won = [a.is_ok(), b.is_ok()];
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{a:?} {b:?}");
        let refused = a.err().or(b.err()).unwrap();
        assert!(matches!(refused.code.as_str(), "link_used" | "wrong_credentials"), "{refused:?}");
        for (password, won) in passwords.into_iter().zip(won) {
            assert_eq!(try_login(&world, BO, password, "").await.is_ok(), won, "{password}");
        }
        world.end().await;
    });
}

#[test]
fn an_invitation_ends_after_a_week_and_when_it_is_renewed_or_taken_back() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let (old, late) = (invite(&world, &first).await, invite(&world, &first).await);
        assert_eq!(code(enter(&world, &old, OTHER).await), "link_invalid");
        world.clock.advance(Duration(7 * DAY - 1));
        read(&world, &late).await.unwrap();
        world.clock.advance(Duration(1));
        assert_eq!(code(read(&world, &late).await), "link_expired");
        assert_eq!(code(enter(&world, &late, OTHER).await), "link_expired");
        let link = invite(&world, &first).await;
        assert_eq!(link.id, old.id, "there is one for an e-mail");
        let call = as_administrator(&world, first.user, first.org);
        let acme = join(&world, first.user, "acme", &["administrator"]).await;
        let elsewhere = Withdraw { org: acme, invitation: link.id };
        let foreign = as_administrator(&world, first.user, acme);
        let refused = contracts::call::<Withdraw>(&*world.peers, foreign, &elsewhere).await;
        assert_eq!(code(refused), "not_found");
        let back = Withdraw { org: first.org, invitation: link.id };
        contracts::call::<Withdraw>(&*world.peers, call, &back).await.unwrap();
        assert_eq!(code(enter(&world, &link, OTHER).await), "link_withdrawn");
        assert_eq!(open_to(&world, &first).await, Vec::<String>::new());
        let again = invite(&world, &first).await;
        session(enter(&world, &again, OTHER).await.unwrap());
        world.end().await;
    });
}

#[test]
fn who_has_an_account_joins_with_its_own_password() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let acme = join(&world, first.user, "acme", &["administrator"]).await;
        member(&world, BO, acme, &["administrator"]).await;
        let link = invite(&world, &first).await;
        let facts = read(&world, &link).await.unwrap();
        assert!(facts.signs_in);
        assert_eq!(facts.name, "Bo Buyer", "what the inviter said, and not the account's");
        assert_eq!(code(enter(&world, &link, OTHER).await), "wrong_credentials");
        assert_eq!(code(try_login(&world, BO, OTHER, "").await), "wrong_credentials");
        let inside = session(enter(&world, &link, PASSWORD).await.unwrap());
        let identity = identify(&world, &inside.access_token).await.unwrap();
        assert_eq!((identity.org, identity.roles), (first.org, vec!["purchasing".to_owned()]));
        world.end().await;
    });
}

#[test]
fn guesses_at_the_password_of_an_account_are_counted_as_at_sign_in() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let acme = join(&world, first.user, "acme", &[]).await;
        member(&world, BO, acme, &[]).await;
        let link = invite(&world, &first).await;
        for number in 0..10 {
            let guess = enter(&world, &link, &format!("a wrong sentence {number}")).await;
            assert_eq!(code(guess), "wrong_credentials");
        }
        assert_eq!(code(enter(&world, &link, PASSWORD).await), "too_many_attempts");
        world.end().await;
    });
}

#[test]
fn an_account_without_a_password_is_opened_by_nobody_elses_invitation() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let acme = join(&world, first.user, "acme", &[]).await;
        let made = CreateUser { email: BO.to_owned(), name: "Bo".to_owned(), locale: None };
        let bo = world.contract::<CreateUser>(&made).await.unwrap().id;
        let link = invite(&world, &first).await;
        let roles = vec!["administrator".to_owned()];
        let place = AddMember { user: bo, org: acme, roles, companies: None };
        world.contract::<AddMember>(&place).await.unwrap();
        assert_eq!(code(read(&world, &link).await), "password_missing");
        assert_eq!(code(enter(&world, &link, OTHER).await), "password_missing");
        let gone = RemoveMember { user: bo, org: acme };
        world.contract::<RemoveMember>(&gone).await.unwrap();
        // It belongs nowhere and nobody ever used it: as good as none.
        session(enter(&world, &link, OTHER).await.unwrap());
        world.end().await;
    });
}

#[test]
fn an_invitation_tells_the_inviter_nothing_about_accounts() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let acme = join(&world, first.user, "acme", &[]).await;
        member(&world, BO, acme, &[]).await;
        let boss = member(&world, "boss@example.org", first.org, &["administrator"]).await;
        let mut shapes = Vec::new();
        for email in [BO, "nobody@example.org"] {
            let call = as_administrator(&world, boss, first.org);
            let asked = invitation(first.org, email, &["sales"]);
            let link = invite_as(&world, call, &asked).await.unwrap();
            shapes.push((link.token.len(), link.expires_at));
        }
        assert_eq!(shapes[0], shapes[1]);
        let call = as_administrator(&world, boss, first.org);
        let known = invite_as(&world, call, &invitation(first.org, EMAIL, &[])).await;
        assert_eq!(code(known), "already_member");
        world.end().await;
    });
}

#[test]
fn only_unlimited_administrators_of_the_organisation_invite() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let seller = member(&world, "sam@example.org", first.org, &["sales"]).await;
        let acme = join(&world, seller, "acme", &["administrator"]).await;
        let asked = invitation(first.org, BO, &["administrator"]);
        let call = as_administrator(&world, first.user, first.org);
        let key = Actor::ApiKey { key: first.session, user: first.user };
        for (who, call, allowed) in [
            ("an administrator", call.clone(), true),
            ("the platform", world.system(SYSTEM_ORG), true),
            ("a key", Call { actor: key, ..call.clone() }, false),
            ("a seller", Call { actor: Actor::User(seller), ..world.call_as("sales") }, false),
            ("another's administrator", as_administrator(&world, seller, acme), false),
            // The call says so, and the membership says otherwise: roles were taken away.
            ("who was one", as_administrator(&world, seller, first.org), false),
        ] {
            let call = if who == "a seller" { Call { org: first.org, ..call } } else { call };
            let said = invite_as(&world, call, &asked).await;
            assert_eq!(said.is_ok(), allowed, "{who}: {said:?}");
            assert!(allowed || code(said) == "forbidden", "{who}");
        }
        for (email, roles, pointer) in [
            ("no e-mail", &["sales"][..], "/email"),
            ("", &["sales"], "/email"),
            (BO, &["Sales Manager"], "/roles"),
        ] {
            let refused =
                invite_as(&world, call.clone(), &invitation(first.org, email, roles)).await;
            assert_eq!(refused.unwrap_err().errors[0].pointer, pointer, "{email} {roles:?}");
        }
        world.end().await;
    });
}

#[test]
fn a_link_is_worth_what_its_maker_may_give_when_it_is_used() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let boss = member(&world, "boss@example.org", first.org, &["administrator"]).await;
        let call = as_administrator(&world, boss, first.org);
        let asked = invitation(first.org, BO, &["administrator"]);
        let link = invite_as(&world, call, &asked).await.unwrap();
        let gone = RemoveMember { user: boss, org: first.org };
        world.contract::<RemoveMember>(&gone).await.unwrap();
        assert_eq!(code(read(&world, &link).await), "link_void");
        assert_eq!(code(enter(&world, &link, OTHER).await), "link_void");
        let request = UserByEmail { email: BO.to_owned() };
        assert_eq!(world.contract::<UserByEmail>(&request).await.unwrap(), None);
        world.end().await;
    });
}

#[test]
fn a_lost_answer_is_asked_for_again_in_the_same_request_only() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let link = invite(&world, &first).await;
        let call = world.system(SYSTEM_ORG);
        let (token, client) = (link.token.clone(), Client::default());
        let asked = UseLink { token, password: OTHER.to_owned(), name: None, client };
        let ask = async |call: &Call, asked: &UseLink| {
            contracts::call::<UseLink>(&*world.peers, call.clone(), asked).await
        };
        let one = session(ask(&call, &asked).await.unwrap());
        let same = session(ask(&call, &asked).await.unwrap());
        assert_eq!((same.user, same.org), (one.user, one.org));
        let wrong = UseLink { password: PASSWORD.to_owned(), ..asked.clone() };
        assert_eq!(code(ask(&call, &wrong).await), "link_used");
        assert_eq!(code(ask(&world.system(SYSTEM_ORG), &asked).await), "link_used");
        // A membership that was ended does not come back this way.
        let gone = RemoveMember { user: one.user, org: one.org };
        world.contract::<RemoveMember>(&gone).await.unwrap();
        let LoginAnswer::Session(again) = ask(&call, &asked).await.unwrap() else { panic!() };
        assert_eq!(code(identify(&world, &again.access_token).await), "session_ended");
        let place = MembershipIn { user: one.user, org: one.org };
        assert_eq!(world.contract::<MembershipIn>(&place).await.unwrap(), None);
        world.end().await;
    });
}

#[test]
fn ten_tokens_that_are_none_close_the_address() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let link = invite(&world, &first).await;
        for number in 0..10 {
            let forged = IssuedLink { token: format!("mga_{number}"), ..link.clone() };
            assert_eq!(code(read(&world, &forged).await), "link_invalid");
        }
        assert_eq!(code(read(&world, &link).await), "too_many_attempts");
        world.end().await;
    });
}

#[test]
fn the_token_is_kept_as_a_keyed_hash_only() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let link = invite(&world, &first).await;
        let auth = world.runtime("auth");
        let kept = contracts::own::all(auth, SYSTEM_ORG, "auth.admission").await.unwrap();
        assert_eq!(kept.len(), 1);
        assert!(!format!("{kept:?}").contains(&link.token[4..]));
        world.end().await;
    });
}

#[test]
fn the_last_sign_in_is_that_of_one_organisation() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let acme = join(&world, first.user, "acme", &["sales"]).await;
        world.clock.advance(Duration(DAY));
        let now = world.source.clock.now();
        let link = invite(&world, &first).await;
        let bo = session(enter(&world, &link, OTHER).await.unwrap());
        let asked = |org: Uuid| LastSignIns { org };
        let last = world.contract::<LastSignIns>(&asked(first.org)).await.unwrap();
        assert_eq!(last.iter().find(|(user, _)| *user == bo.user), Some(&(bo.user, now)));
        assert!(last.iter().any(|(user, at)| *user == first.user && *at < now));
        assert_eq!(world.contract::<LastSignIns>(&asked(acme)).await.unwrap(), []);
        let call = as_administrator(&world, first.user, first.org);
        let refused = contracts::call::<LastSignIns>(&*world.peers, call, &asked(first.org)).await;
        assert_eq!(code(refused), "forbidden");
        world.end().await;
    });
}
