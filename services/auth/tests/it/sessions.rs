//! Sessions: tokens that end, are renewed, are revoked.

use crate::neighbours::User;
use crate::{EMAIL, PASSWORD, begin, code, identify, login, services, try_login};
use contracts::SYSTEM_ORG;
use contracts::auth::{Logout, Refresh, Session as Tokens};
use contracts::users::RemoveMember;
use kernel::command::{Known, Verb};
use kernel::{Command, Input, Problem};
use testkit::world::{World, everywhere};
use types::Duration;

const MINUTE: i64 = 60_000_000;

async fn refresh(world: &World, token: &str) -> Result<Tokens, Problem> {
    world.contract::<Refresh>(&Refresh { refresh_token: token.to_owned() }).await
}

async fn states(world: &World) -> Vec<String> {
    let all = contracts::own::all(world.runtime("auth"), SYSTEM_ORG, "auth.session").await;
    all.unwrap().iter().map(|session| session.state().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_token_of_ours_is_known_and_no_other() {
    everywhere(services, async |world| {
        let session = begin(&world).await;
        let token = session.access_token.as_str();
        let mut altered = token.to_owned();
        let last = if altered.ends_with('A') { 'B' } else { 'A' };
        altered.pop();
        altered.push(last);
        for wrong in ["", "mgt_", "nonsense", &token[4..], &altered, &session.refresh_token] {
            assert_eq!(code(identify(&world, wrong).await), "invalid_token", "{wrong}");
        }
        identify(&world, token).await.unwrap();
        world.end().await;
    });
}

#[test]
fn an_access_token_ends_after_a_quarter_of_an_hour_and_a_refresh_renews_it() {
    everywhere(services, async |world| {
        let session = begin(&world).await;
        world.clock.advance(Duration(15 * MINUTE));
        assert_eq!(code(identify(&world, &session.access_token).await), "token_expired");
        let renewed = refresh(&world, &session.refresh_token).await.unwrap();
        assert_eq!(renewed.session, session.session);
        identify(&world, &renewed.access_token).await.unwrap();
        assert_eq!(code(identify(&world, &session.access_token).await), "invalid_token");
        world.clock.advance(Duration(30 * 24 * 60 * MINUTE));
        assert_eq!(code(refresh(&world, &renewed.refresh_token).await), "session_ended");
        world.end().await;
    });
}

#[test]
fn sign_ins_remove_sessions_that_have_expired_and_no_others() {
    everywhere(services, async |world| {
        begin(&world).await;
        for _ in 0..4 {
            login(&world).await;
        }
        let kept = login(&world).await;
        let day = 24 * 60 * MINUTE;
        world.clock.advance(Duration(29 * day));
        let kept = refresh(&world, &kept.refresh_token).await.unwrap();
        login(&world).await;
        assert_eq!(states(&world).await.len(), 7);
        world.clock.advance(Duration(2 * day));
        login(&world).await;
        assert_eq!(states(&world).await.len(), 4);
        login(&world).await;
        assert_eq!(states(&world).await.len(), 4);
        refresh(&world, &kept.refresh_token).await.unwrap();
        world.end().await;
    });
}

#[test]
fn a_refresh_token_used_again_ends_the_session_however_old_it_is() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let second = refresh(&world, &first.refresh_token).await.unwrap();
        let third = refresh(&world, &second.refresh_token).await.unwrap();
        identify(&world, &third.access_token).await.unwrap();
        assert_eq!(code(refresh(&world, &first.refresh_token).await), "token_reused");
        assert_eq!(code(identify(&world, &third.access_token).await), "session_ended");
        assert_eq!(code(refresh(&world, &third.refresh_token).await), "session_ended");
        world.end().await;
    });
}

#[test]
fn a_refresh_whose_answer_got_lost_is_answered_again() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let call = world.system(SYSTEM_ORG);
        let request = Refresh { refresh_token: first.refresh_token.clone() };
        let once = contracts::call::<Refresh>(&*world.peers, call.clone(), &request).await.unwrap();
        let twice = contracts::call::<Refresh>(&*world.peers, call, &request).await.unwrap();
        assert_eq!(once, twice);
        identify(&world, &twice.access_token).await.unwrap();
        world.end().await;
    });
}

#[test]
fn of_two_refreshes_at_once_at_most_one_keeps_the_session() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let token = first.refresh_token.as_str();
        let (one, other) = tokio::join!(refresh(&world, token), refresh(&world, token));
        assert!(one.is_err() || other.is_err(), "{one:?} {other:?}");
        assert_eq!(states(&world).await[0], "revoked");
        world.end().await;
    });
}

#[test]
fn signing_out_ends_the_session_and_may_be_said_twice() {
    everywhere(services, async |world| {
        begin(&world).await;
        for use_refresh_token in [false, true] {
            let session = login(&world).await;
            let token =
                if use_refresh_token { &session.refresh_token } else { &session.access_token };
            for _ in 0..2 {
                world.contract::<Logout>(&Logout { token: token.clone() }).await.unwrap();
            }
            assert_eq!(code(identify(&world, &session.access_token).await), "session_ended");
            assert_eq!(code(refresh(&world, &session.refresh_token).await), "session_ended");
        }
        world.contract::<Logout>(&Logout { token: "unknown".to_owned() }).await.unwrap();
        world.end().await;
    });
}

#[test]
fn an_ended_membership_ends_its_sessions_at_once() {
    everywhere(services, async |world| {
        let session = begin(&world).await;
        let gone = RemoveMember { user: session.user, org: session.org };
        world.contract::<RemoveMember>(&gone).await.unwrap();
        assert_eq!(code(identify(&world, &session.access_token).await), "session_ended");
        assert_eq!(code(refresh(&world, &session.refresh_token).await), "session_ended");
        assert_eq!(code(try_login(&world, EMAIL, PASSWORD, "").await), "no_membership");
        world.end().await;
    });
}

#[test]
fn who_is_deactivated_is_refused_at_once_and_signed_out_everywhere() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let second = login(&world).await;
        let set = |active: bool| {
            let verb = Verb::Update { id: first.user, known: Known::Nothing };
            let input = Input::new().set("active", active);
            Command { entity: User::ENTITY.to_owned(), verb, input }
        };
        world.execute(world.system(SYSTEM_ORG), set(false)).await.unwrap();
        for session in [&first, &second] {
            assert_eq!(code(identify(&world, &session.access_token).await), "session_ended");
        }
        assert_eq!(code(try_login(&world, EMAIL, PASSWORD, "").await), "user_inactive");
        world.settle().await;
        assert!(states(&world).await.iter().all(|state| state == "revoked"));
        world.execute(world.system(SYSTEM_ORG), set(true)).await.unwrap();
        assert_eq!(code(identify(&world, &first.access_token).await), "session_ended");
        identify(&world, &login(&world).await.access_token).await.unwrap();
        world.end().await;
    });
}

#[test]
fn no_token_or_password_stands_in_what_is_kept() {
    everywhere(services, async |world| {
        let session = begin(&world).await;
        let secrets = [PASSWORD, &session.access_token[4..], &session.refresh_token[4..]];
        let auth = world.runtime("auth");
        for entity in ["auth.credential", "auth.session"] {
            let all = contracts::own::all(auth, SYSTEM_ORG, entity).await.unwrap();
            assert!(!all.is_empty());
            let kept = format!("{all:?}");
            assert!(secrets.iter().all(|secret| !kept.contains(secret)), "{entity}");
            for record in &all {
                let shown = world.get_as_system(entity, record.id()).await;
                for (slot, field) in record.entity.fields.iter().enumerate() {
                    assert!(!field.secret || shown.values[slot].is_null(), "{}", field.name);
                }
            }
        }
        world.end().await;
    });
}

/// Reads what the system sees.
trait AsSystem {
    async fn get_as_system(&self, entity: &str, id: types::Uuid) -> kernel::Record;
}

impl AsSystem for World {
    async fn get_as_system(&self, entity: &str, id: types::Uuid) -> kernel::Record {
        let query = kernel::Query::Get { entity: entity.to_owned(), id, known_at: None };
        let answer = self.ask(self.system(SYSTEM_ORG), query).await;
        testkit::world::view(answer.unwrap()).record
    }
}
