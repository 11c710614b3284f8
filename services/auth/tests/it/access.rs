//! Where people are signed in and which keys act: who sees it, and who ends it.

use crate::{
    EMAIL, PASSWORD, as_administrator, begin, code, identify, join, member, services, session,
    try_login,
};
use contracts::access::{Access, AccessFacts, EndSession, RevokeApiKey};
use contracts::auth::{IssueApiKey, IssuedApiKey, Session as Tokens};
use kernel::{Actor, Call, Problem};
use testkit::world::{World, everywhere};
use types::{Duration, Instant, Uuid};

const SAM: &str = "sam@northwind.example";
const DAY: i64 = 24 * 3_600_000_000;

/// Northwind with its administrator and Sam, who is in sales; both are signed in.
async fn two(world: &World) -> (Tokens, Tokens) {
    let first = begin(world).await;
    member(world, SAM, first.org, &["sales"]).await;
    let sam = session(try_login(world, SAM, PASSWORD, "192.0.2.7").await.unwrap());
    (first, sam)
}

async fn key(world: &World, who: &Tokens, expires_at: Option<Instant>) -> IssuedApiKey {
    let (name, roles) = ("nightly export".to_owned(), vec![]);
    let asked = IssueApiKey { name, user: who.user, org: who.org, roles, expires_at };
    world.contract::<IssueApiKey>(&asked).await.unwrap()
}

/// A call by somebody who administers nothing.
fn as_sales(world: &World, who: &Tokens) -> Call {
    Call { actor: Actor::User(who.user), org: who.org, ..world.call_as("sales") }
}

async fn seen(world: &World, call: Call, user: Option<Uuid>) -> Result<AccessFacts, Problem> {
    let asked = Access { org: call.org, user };
    contracts::call::<Access>(&*world.peers, call, &asked).await
}

async fn end(world: &World, call: Call, session: Uuid) -> Result<(), Problem> {
    let asked = EndSession { org: call.org, session };
    contracts::call::<EndSession>(&*world.peers, call, &asked).await
}

async fn revoke(world: &World, call: Call, key: Uuid) -> Result<(), Problem> {
    let asked = RevokeApiKey { org: call.org, key };
    contracts::call::<RevokeApiKey>(&*world.peers, call, &asked).await
}

#[test]
fn everyone_sees_what_is_theirs_and_administrators_all_of_their_organisation() {
    everywhere(services, async |world| {
        let (first, sam) = two(&world).await;
        let made = key(&world, &sam, None).await;
        let (boss, own) = (as_administrator(&world, first.user, first.org), as_sales(&world, &sam));
        let mine = seen(&world, own.clone(), Some(sam.user)).await.unwrap();
        let [one] = &mine.sessions[..] else { panic!("{mine:?}") };
        let from = (one.client.as_deref(), one.address.as_deref());
        assert_eq!((one.id, from), (sam.session, (Some("a test"), Some("192.0.2.7"))));
        assert_eq!((mine.keys[0].id, mine.keys[0].name.as_str()), (made.id, "nightly export"));
        assert!(made.key.ends_with(mine.keys[0].hint.trim_start_matches('…')), "{mine:?}");
        let all = seen(&world, boss.clone(), None).await.unwrap();
        let sessions: Vec<Uuid> = all.sessions.iter().map(|one| one.id).collect();
        assert_eq!(sessions, [sam.session, first.session]);
        assert_eq!(seen(&world, boss.clone(), Some(sam.user)).await.unwrap(), mine);

        // A key tells nobody where people are; what is of others is refused; another organisation
        // has nothing of this one.
        let by_key = Actor::ApiKey { key: made.id, user: sam.user };
        let acme = join(&world, first.user, "acme", &["administrator"]).await;
        for (call, user) in [
            (own.clone(), None),
            (own.clone(), Some(first.user)),
            (Call { actor: by_key, ..own.clone() }, Some(sam.user)),
            (Call { companies: Some([acme].into()), ..boss.clone() }, None),
        ] {
            assert_eq!(code(seen(&world, call, user).await), "forbidden");
        }
        let elsewhere = as_administrator(&world, first.user, acme);
        assert_eq!(seen(&world, elsewhere, None).await.unwrap(), AccessFacts::default());
        world.end().await;
    });
}

#[test]
fn sessions_and_keys_are_ended_by_whom_they_concern_and_by_administrators() {
    everywhere(services, async |world| {
        let (first, sam) = two(&world).await;
        let (boss, own) = (as_administrator(&world, first.user, first.org), as_sales(&world, &sam));
        let acme = join(&world, first.user, "acme", &["administrator"]).await;
        let elsewhere = as_administrator(&world, first.user, acme);
        let made = key(&world, &sam, None).await;
        let of_first = key(&world, &first, None).await;

        // Whose it is not learns nothing of it.
        for call in [&own, &elsewhere] {
            assert_eq!(code(end(&world, call.clone(), first.session).await), "not_found");
            assert_eq!(code(revoke(&world, call.clone(), of_first.id).await), "not_found");
        }
        assert_eq!(code(end(&world, boss.clone(), Uuid::from_u128(1)).await), "not_found");
        identify(&world, &first.access_token).await.unwrap();
        identify(&world, &of_first.key).await.unwrap();

        let again = session(try_login(&world, SAM, PASSWORD, "").await.unwrap());
        for (call, session) in [(&own, &sam), (&boss, &again)] {
            // Twice: the second time nothing is left to do.
            for _ in 0..2 {
                end(&world, call.clone(), session.session).await.unwrap();
            }
            assert_eq!(code(identify(&world, &session.access_token).await), "session_ended");
        }
        for (call, made) in [(&own, &made), (&boss, &of_first)] {
            for _ in 0..2 {
                revoke(&world, call.clone(), made.id).await.unwrap();
            }
            assert_eq!(code(identify(&world, &made.key).await), "key_revoked");
        }
        let left = seen(&world, boss, None).await.unwrap();
        assert_eq!((left.sessions.len(), left.keys.len()), (1, 0), "{left:?}");
        world.end().await;
    });
}

#[test]
fn sessions_whose_time_is_over_are_not_shown_and_keys_are() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let ends = Instant(world.source.clock.now().0 + DAY);
        key(&world, &first, Some(ends)).await;
        world.clock.advance(Duration(31 * DAY));
        let now = session(try_login(&world, EMAIL, PASSWORD, "").await.unwrap());
        let boss = as_administrator(&world, first.user, first.org);
        let left = seen(&world, boss, Some(first.user)).await.unwrap();
        let sessions: Vec<Uuid> = left.sessions.iter().map(|one| one.id).collect();
        assert_eq!((sessions, left.keys[0].expires_at), (vec![now.session], Some(ends)));
        world.end().await;
    });
}
