//! All services together, on both databases, plain and over bytes.

use contracts::auth::{IssueSetUpToken, Login, LoginAnswer, SetUp};
use contracts::platform::{CreateOrg, Orgs};
use kernel::command::Verb;
use kernel::{Command, Input};
use testkit::world::{everywhere, view};

#[test]
fn an_installation_is_set_up_and_its_administrator_works_in_the_new_organisation() {
    everywhere(server::wiring::services, async |world| {
        let token = world.contract::<IssueSetUpToken>(&IssueSetUpToken).await.unwrap().unwrap();
        let org = CreateOrg {
            slug: "northwind".to_owned(),
            name: "Northwind".to_owned(),
            country: None,
            currency: None,
            zone: None,
            placement: None,
        };
        let (email, password) = ("ada@example.org".to_owned(), "correct horse battery".to_owned());
        let request = SetUp {
            token,
            name: "Ada".to_owned(),
            email: email.clone(),
            password: password.clone(),
            org,
            client: Default::default(),
        };
        let session = world.contract::<SetUp>(&request).await.unwrap();
        world.settle().await;
        assert_eq!(world.contract::<IssueSetUpToken>(&IssueSetUpToken).await.unwrap(), None);
        let orgs = world.contract::<Orgs>(&Orgs { ids: None }).await.unwrap();
        assert_eq!(orgs.iter().map(|org| org.slug.as_str()).collect::<Vec<_>>(), ["northwind"]);

        let login = Login { email, password, org: None, client: Default::default() };
        let LoginAnswer::Session(again) = world.contract::<Login>(&login).await.unwrap() else {
            panic!("there is one organisation to choose from");
        };
        assert_eq!((again.user, again.org), (session.user, session.org));

        let mut call = world.call();
        (call.org, call.actor) = (session.org, kernel::Actor::User(session.user));
        let input = Input::new().set("code", "ALFKI").set("name", "Alfreds");
        let entity = "operations.customer".to_owned();
        let command = Command { entity, verb: Verb::Create, input };
        let made = view(world.execute(call, command).await.unwrap());
        assert_eq!(made.record.get("created_by").as_id(), Some(session.user));
        world.settle().await;
        world.end().await;
    });
}
