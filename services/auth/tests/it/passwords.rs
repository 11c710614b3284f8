//! Passwords: set by the platform and by their users.

use crate::{EMAIL, PASSWORD, begin, code, identify, login, services, session, try_login};
use contracts::auth::{Session as Tokens, SetPassword};
use kernel::{Actor, Call, Problem};
use testkit::world::{World, everywhere};

const OTHER: &str = "another sentence";

/// A user sets their own password in their own name.
async fn set_own(
    world: &World,
    who: &Tokens,
    current: &str,
    password: &str,
) -> Result<(), Problem> {
    let call = Call { actor: Actor::User(who.user), ..world.system(who.org) };
    let request = SetPassword {
        user: who.user,
        current: Some(current.to_owned()),
        password: password.to_owned(),
        keep: Some(who.session),
    };
    contracts::call::<SetPassword>(&*world.peers, call, &request).await
}

#[test]
fn a_user_changes_the_password_with_the_present_one_and_keeps_one_session() {
    everywhere(services, async |world| {
        let (mine, elsewhere) = (begin(&world).await, login(&world).await);
        for (current, password, pointer, expected) in [
            ("a wrong sentence", OTHER, "/current", "wrong_password"),
            (PASSWORD, "short", "/password", "password_too_short"),
            (PASSWORD, "NANCY@northwind.example", "/password", "password_is_email"),
        ] {
            let refused = set_own(&world, &mine, current, password).await.unwrap_err();
            let error = &refused.errors[0];
            assert_eq!((error.pointer.as_str(), error.code.as_str()), (pointer, expected));
        }
        identify(&world, &elsewhere.access_token).await.unwrap();
        set_own(&world, &mine, PASSWORD, OTHER).await.unwrap();
        identify(&world, &mine.access_token).await.unwrap();
        assert_eq!(code(identify(&world, &elsewhere.access_token).await), "session_ended");
        assert_eq!(code(try_login(&world, EMAIL, PASSWORD, "").await), "wrong_credentials");
        session(try_login(&world, EMAIL, OTHER, "").await.unwrap());
        world.end().await;
    });
}

#[test]
fn the_platform_sets_anyones_password_and_no_one_else_does() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let request =
            SetPassword { user: first.user, current: None, password: OTHER.to_owned(), keep: None };
        let foreign = contracts::call::<SetPassword>(&*world.peers, world.call(), &request).await;
        assert_eq!(foreign.unwrap_err().kind.status(), 403);
        world.contract::<SetPassword>(&request).await.unwrap();
        assert_eq!(code(identify(&world, &first.access_token).await), "session_ended");
        session(try_login(&world, EMAIL, OTHER, "").await.unwrap());
        world.end().await;
    });
}
