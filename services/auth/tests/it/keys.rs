//! API keys: issued, used, ended.

use crate::{begin, code, identify, join, services};
use contracts::SYSTEM_ORG;
use contracts::auth::{Client, IdentityKind, IssueApiKey, Session as Tokens, Switch};
use contracts::users::AddMember;
use kernel::command::{Known, Verb};
use kernel::{Actor, Call, Command, Input};
use testkit::world::{World, everywhere};
use types::{Duration, Instant};

fn key(who: &Tokens, roles: &[&str]) -> IssueApiKey {
    IssueApiKey {
        name: "nightly export".to_owned(),
        user: who.user,
        org: who.org,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        expires_at: None,
    }
}

fn as_user(world: &World, who: &Tokens, role: &str) -> Call {
    Call { actor: Actor::User(who.user), ..Call { org: who.org, ..world.call_as(role) } }
}

#[test]
fn a_key_acts_as_its_user_in_one_organisation_with_its_roles() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let made = world.contract::<IssueApiKey>(&key(&first, &["sales"])).await.unwrap();
        assert!(made.key.starts_with("mgk_"));
        let identity = identify(&world, &made.key).await.unwrap();
        assert_eq!(identity.kind, IdentityKind::ApiKey);
        assert_eq!((identity.user, identity.org), (first.user, first.org));
        assert_eq!((identity.session, identity.roles), (made.id, vec!["sales".to_owned()]));
        join(&world, first.user, "acme", &["sales"]).await;
        let away = Switch { token: made.key, org: "acme".to_owned(), client: Client::default() };
        assert_eq!(code(world.contract::<Switch>(&away).await), "api_key_cannot_switch");
        world.end().await;
    });
}

#[test]
fn a_key_loses_the_roles_that_its_user_loses() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let made = world.contract::<IssueApiKey>(&key(&first, &["sales", "viewer"])).await.unwrap();
        let roles = vec!["viewer".to_owned()];
        let less = AddMember { user: first.user, org: first.org, roles, companies: None };
        world.contract::<AddMember>(&less).await.unwrap();
        assert_eq!(identify(&world, &made.key).await.unwrap().roles, ["viewer"]);
        let refused = world.contract::<IssueApiKey>(&key(&first, &["sales"])).await.unwrap_err();
        assert_eq!(refused.errors[0].code, "unknown_role");
        world.end().await;
    });
}

#[test]
fn administrators_and_users_themselves_issue_keys_and_keys_do_not() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let made_by_key = Actor::ApiKey { key: first.session, user: first.user };
        for (call, allowed) in [
            (as_user(&world, &first, "sales"), true),
            (Call { org: first.org, ..world.call() }, true),
            (Call { org: first.org, ..world.call_as("sales") }, false),
            (world.call(), false),
            (Call { actor: made_by_key, ..as_user(&world, &first, "administrator") }, false),
        ] {
            let actor = call.actor.clone();
            let request = key(&first, &["sales"]);
            let made = contracts::call::<IssueApiKey>(&*world.peers, call, &request).await;
            assert_eq!(made.is_ok(), allowed, "{actor:?}: {made:?}");
        }
        world.end().await;
    });
}

#[test]
fn a_key_ends_when_it_is_revoked_and_when_its_time_is_over() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let ends = Instant(world.source.clock.now().0 + 1_000_000);
        let past = IssueApiKey { expires_at: Some(Instant(1)), ..key(&first, &[]) };
        let refused = world.contract::<IssueApiKey>(&past).await.unwrap_err();
        assert_eq!(refused.errors[0].code, "in_the_past");
        let short = IssueApiKey { expires_at: Some(ends), ..key(&first, &[]) };
        let short = world.contract::<IssueApiKey>(&short).await.unwrap();
        let long = world.contract::<IssueApiKey>(&key(&first, &[])).await.unwrap();
        for made in [&short, &long] {
            identify(&world, &made.key).await.unwrap();
        }
        world.clock.advance(Duration(1_000_000));
        assert_eq!(code(identify(&world, &short.key).await), "token_expired");
        let act = "revoke".to_owned();
        let verb = Verb::Act { id: long.id, act, known: Known::Nothing };
        let entity = "auth.api_key".to_owned();
        let revoke = Command { entity, verb, input: Input::new() };
        world.execute(world.system(SYSTEM_ORG), revoke).await.unwrap();
        assert_eq!(code(identify(&world, &long.key).await), "key_revoked");
        world.end().await;
    });
}
