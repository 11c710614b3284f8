//! Full text under a mask: words of a hidden field find nothing.

use super::cells::{listed, searched};
use super::{CUSTOMER, allow, create, hide, only};
use kernel::command::{Aggregate, List};
use kernel::{Answer, Input, Query};
use testkit::world::{World, everywhere};

/// Names of the records that a list and a search find, which must agree.
async fn found(world: &World, words: &str) -> Vec<String> {
    let names = |views: Vec<kernel::View>| {
        let name = |view: &kernel::View| view.record.get("name").as_text().map(str::to_owned);
        let mut names: Vec<String> = views.iter().filter_map(name).collect();
        names.sort();
        names
    };
    let in_list = names(listed(world, world.call_as("clerk"), words).await);
    let in_search = names(searched(world, world.call_as("clerk"), words).await);
    assert_eq!(in_list, in_search, "{words}");
    assert_eq!(in_list, grouped(world, words).await, "{words}, in groups");
    in_list
}

/// Names of the records that words leave in the groups of an aggregate query.
async fn grouped(world: &World, words: &str) -> Vec<String> {
    let question = Aggregate {
        entity: CUSTOMER.to_owned(),
        text: words.to_owned(),
        group_by: "name".to_owned(),
        select: "count()".to_owned(),
        ..Aggregate::default()
    };
    let all = Aggregate { group_by: String::new(), ..question.clone() };
    let groups = async |question| {
        let answer = world.ask(world.call_as("clerk"), Query::Aggregate(question)).await.unwrap();
        let Answer::Groups(groups) = answer else { panic!("groups answered {answer:?}") };
        groups.rows
    };
    let rows = groups(question).await;
    let mut names: Vec<String> =
        rows.iter().filter_map(|row| row[0].as_text().map(str::to_owned)).collect();
    names.sort();
    let together: i64 = groups(all).await.iter().filter_map(|row| row[0].as_int()).sum();
    assert_eq!(together, names.len() as i64, "{words}");
    names
}

#[test]
fn words_of_a_hidden_field_find_nothing() {
    everywhere(server::wiring::services, async |world| {
        for (name, email) in [("Delta One", "whale@a.example"), ("Delta Two", "shark@b.example")] {
            let input = Input::new().set("name", name).set("email", email).set("phone", "555 01");
            create(&world, world.call(), input).await.unwrap();
        }
        let both = ["Delta One", "Delta Two"].as_slice();
        for (words, open, masked) in [
            ("delta", both, both),
            ("del", both, both),
            ("whale", &both[..1], &[][..]),
            ("wha", &both[..1], &[]),
            ("delta whale", &both[..1], &[]),
            ("whale delta", &both[..1], &[]),
            ("delta one", &both[..1], &both[..1]),
            ("one example", &both[..1], &[]),
            ("555", both, both),
            ("delta 555", both, both),
            ("?!", &[], &[]),
        ] {
            only(&world, CUSTOMER, &[allow("read")]).await;
            assert_eq!(found(&world, words).await, open, "{words}, all fields readable");
            only(&world, CUSTOMER, &[hide("email")]).await;
            assert_eq!(found(&world, words).await, masked, "{words}, the e-mail hidden");
        }
        world.end().await;
    });
}

#[test]
fn pages_under_a_mask_are_full_and_counted() {
    everywhere(server::wiring::services, async |world| {
        for number in 0..7 {
            let email = if number % 2 == 0 { "echo@a.example" } else { "other@a.example" };
            let name =
                if number < 4 { format!("Echo {number}") } else { format!("Sound {number}") };
            let input = Input::new().set("name", name).set("email", email);
            create(&world, world.call(), input).await.unwrap();
        }
        only(&world, CUSTOMER, &[hide("email")]).await;
        let (mut names, mut page_token) = (Vec::new(), String::new());
        loop {
            let list = List {
                entity: CUSTOMER.to_owned(),
                text: "echo".to_owned(),
                order_by: "name desc".to_owned(),
                page_size: 3,
                page_token,
                count: true,
                ..List::default()
            };
            let Answer::Page(page) =
                world.ask(world.call_as("clerk"), Query::List(list)).await.unwrap()
            else {
                panic!("a list answers a page")
            };
            assert_eq!(page.total_size, Some(4));
            let name = |view: &kernel::View| view.record.get("name").as_text().unwrap().to_owned();
            names.extend(page.items.iter().map(name));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(names, ["Echo 3", "Echo 2", "Echo 1", "Echo 0"]);
        world.end().await;
    });
}

#[test]
fn who_may_see_few_records_finds_them_among_many() {
    everywhere(server::wiring::services, async |world| {
        let mut commands = Vec::new();
        for number in 0..120 {
            let country = if number % 50 == 49 { "DE" } else { "FR" };
            let input =
                Input::new().set("name", format!("Tea {number:03}")).set("country", country);
            let entity = CUSTOMER.to_owned();
            commands.push(kernel::Command { entity, verb: kernel::command::Verb::Create, input });
        }
        let made = world.peers.execute_all("operations", world.call(), commands, "batch", true);
        made.await.unwrap();
        only(&world, CUSTOMER, &[super::allow_if("read", "country == 'DE'")]).await;
        let search = async |limit: u32| {
            let query = Query::Search { text: "tea".to_owned(), limit };
            match world.peers.ask("operations", world.call_as("clerk"), query).await.unwrap() {
                Answer::Hits(hits) => hits.len(),
                other => panic!("a search answered {other:?}"),
            }
        };
        for (limit, found) in [(1, 1), (2, 2), (5, 2), (100, 2)] {
            assert_eq!(search(limit).await, found, "of at most {limit}");
        }
        only(&world, CUSTOMER, &[allow("read")]).await;
        assert_eq!(search(7).await, 7);
        only(&world, CUSTOMER, &[allow("create")]).await;
        assert_eq!(search(7).await, 0);
        world.end().await;
    });
}
