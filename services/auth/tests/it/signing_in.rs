//! Signing in: set-up, credentials, organisations, too many failures.

use crate::{
    EMAIL, PASSWORD, begin, code, identify, join, login, services, session, set_up, set_up_token,
    try_login,
};
use contracts::auth::{Client, ContinueLogin, Login, LoginAnswer, Need, SetUp, Switch};
use contracts::users::RemoveMember;
use testkit::world::everywhere;
use types::Duration;

const MINUTE: i64 = 60_000_000;

#[test]
fn the_first_administrator_is_made_once_with_a_token() {
    everywhere(services, async |world| {
        let token = set_up_token(&world).await.unwrap();
        let forged = world.contract::<SetUp>(&set_up("mgs_AAAA", EMAIL)).await;
        assert_eq!(code(forged), "invalid_token");
        let weak = SetUp { password: "short".to_owned(), ..set_up(&token, EMAIL) };
        assert_eq!(world.contract::<SetUp>(&weak).await.unwrap_err().kind.status(), 422);
        let session = world.contract::<SetUp>(&set_up(&token, EMAIL)).await.unwrap();
        let identity = identify(&world, &session.access_token).await.unwrap();
        assert_eq!(identity.roles, ["administrator"]);
        assert_eq!((identity.user, identity.org), (session.user, session.org));
        assert_eq!(set_up_token(&world).await, None);
        let other = set_up(&token, "andrew@northwind.example");
        assert_eq!(code(world.contract::<SetUp>(&other).await), "already_set_up");
        let again = world.contract::<SetUp>(&set_up(&token, EMAIL)).await.unwrap();
        assert_eq!(again.user, session.user, "who lost the answer asks again");
        world.end().await;
    });
}

#[test]
fn a_set_up_token_is_good_for_a_day() {
    everywhere(services, async |world| {
        let token = set_up_token(&world).await.unwrap();
        world.clock.advance(Duration(24 * 60 * MINUTE));
        assert_eq!(code(world.contract::<SetUp>(&set_up(&token, EMAIL)).await), "invalid_token");
        world.end().await;
    });
}

#[test]
fn email_in_any_case_and_password_sign_in_to_the_only_organisation() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let answer = try_login(&world, "Nancy@Northwind.Example", PASSWORD, "").await.unwrap();
        let signed_in = session(answer);
        assert_eq!((signed_in.user, signed_in.org), (first.user, first.org));
        assert_ne!(signed_in.session, first.session);
        assert_eq!(signed_in.expires_in, 15 * 60);
        identify(&world, &signed_in.access_token).await.unwrap();
        world.end().await;
    });
}

#[test]
fn whether_email_or_password_is_wrong_is_not_said() {
    everywhere(services, async |world| {
        begin(&world).await;
        let mut answers = Vec::new();
        for (email, password) in [
            (EMAIL, "another sentence"),
            ("nobody@northwind.example", PASSWORD),
            ("no e-mail at all", PASSWORD),
            ("\0@northwind.example", PASSWORD),
            ("", ""),
        ] {
            answers.push(try_login(&world, email, password, "").await.unwrap_err());
        }
        assert_eq!(
            (answers[0].kind.status(), answers[0].code.as_str()),
            (401, "wrong_credentials")
        );
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        world.end().await;
    });
}

#[test]
fn ten_failures_close_the_account_and_the_address_for_a_quarter_of_an_hour() {
    everywhere(services, async |world| {
        begin(&world).await;
        for number in 0..10 {
            let outcome = try_login(&world, EMAIL, &format!("guess {number}"), "192.0.2.1").await;
            assert_eq!(code(outcome), "wrong_credentials");
        }
        for (email, address) in [(EMAIL, "192.0.2.2"), ("andrew@northwind.example", "192.0.2.1")] {
            let refused = try_login(&world, email, PASSWORD, address).await.unwrap_err();
            assert_eq!((refused.kind.status(), refused.code.as_str()), (429, "too_many_attempts"));
            assert_eq!(refused.retry_after, Some(15 * 60 + 1));
        }
        world.clock.advance(Duration(15 * MINUTE));
        session(try_login(&world, EMAIL, PASSWORD, "192.0.2.1").await.unwrap());
        world.end().await;
    });
}

#[test]
fn who_belongs_to_several_organisations_says_which() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let acme = join(&world, first.user, "acme", &["sales"]).await;
        let answer = try_login(&world, EMAIL, PASSWORD, "").await.unwrap();
        let LoginAnswer::Needs { needs, orgs, login_token } = answer else { panic!("no choice") };
        assert_eq!(needs, Need::Org);
        let slugs: Vec<&str> = orgs.iter().map(|org| org.slug.as_str()).collect();
        assert_eq!(slugs, ["acme", "northwind"], "by name; the system's own is not offered");
        let choose = |org: &str| ContinueLogin {
            login_token: login_token.clone(),
            org: org.to_owned(),
            client: Client::default(),
        };
        let chosen = world.contract::<ContinueLogin>(&choose("acme")).await.unwrap();
        let identity = identify(&world, &session(chosen).access_token).await.unwrap();
        assert_eq!((identity.org, identity.roles), (acme, vec!["sales".to_owned()]));
        let foreign = world.contract::<ContinueLogin>(&choose("globex")).await;
        assert_eq!(code(foreign), "no_membership");
        let named = Login {
            email: EMAIL.to_owned(),
            password: PASSWORD.to_owned(),
            org: Some(types::format_id("org", acme)),
            client: Client::default(),
        };
        assert_eq!(session(world.contract::<Login>(&named).await.unwrap()).org, acme);
        world.clock.advance(Duration(5 * MINUTE));
        let late = world.contract::<ContinueLogin>(&choose("acme")).await;
        assert_eq!(code(late), "invalid_token");
        world.end().await;
    });
}

#[test]
fn a_session_switches_to_another_organisation_of_its_user_only() {
    everywhere(services, async |world| {
        let first = begin(&world).await;
        let acme = join(&world, first.user, "acme", &["sales"]).await;
        let switch = |token: &str, org: &str| Switch {
            token: token.to_owned(),
            org: org.to_owned(),
            client: Client::default(),
        };
        let there = world.contract::<Switch>(&switch(&first.access_token, "acme")).await.unwrap();
        assert_eq!((there.user, there.org), (first.user, acme));
        identify(&world, &first.access_token).await.unwrap();
        let nowhere = world.contract::<Switch>(&switch(&first.access_token, "globex")).await;
        assert_eq!(code(nowhere), "no_membership");
        let gone = RemoveMember { user: first.user, org: acme };
        world.contract::<RemoveMember>(&gone).await.unwrap();
        assert_eq!(code(identify(&world, &there.access_token).await), "session_ended");
        let again = world.contract::<Switch>(&switch(&first.access_token, "acme")).await;
        assert_eq!(code(again), "no_membership");
        assert_eq!(login(&world).await.org, first.org);
        world.end().await;
    });
}
