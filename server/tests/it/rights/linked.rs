//! Fields behind links under rights: what someone may not read there does not exist for filters,
//! orders, groups and words, and a record that someone cannot see is as good as none.

use super::{CUSTOMER, GRANT, Given, NOTHING, allow, allow_if, grant_on, hide, only};
use kernel::command::{Aggregate, List};
use kernel::{Answer, Input, Problem, Query};
use testkit::world::{World, everywhere};
use types::Value;

const CONTACT: &str = "operations.contact";

/// Contacts of a German and of a French customer, and of a supplier.
async fn people(world: &World) {
    let customer = |name: &str, country: &str, email: &str| {
        Input::new().set("name", name).set("country", country).set("email", email)
    };
    let alfreds = customer("Alfreds Futterkiste", "DE", "whale@alfreds.example");
    let blondel = customer("Blondel", "FR", "shark@blondel.example");
    let supplier = Input::new().set("name", "Exotic Liquids");
    let alfreds = world.create(CUSTOMER, alfreds).await.unwrap().id();
    let blondel = world.create(CUSTOMER, blondel).await.unwrap().id();
    let supplier = world.create("operations.supplier", supplier).await.unwrap().id();
    for (name, field, of, key) in [
        ("Maria", "customer", alfreds, "1"),
        ("Frédérique", "customer", blondel, "2"),
        ("Charlotte", "supplier", supplier, "3"),
    ] {
        let keys = Value::Json(format!("{{\"northwind\":\"{key}\"}}"));
        let input = Input::new().set("name", name).set(field, of).set("external_ids", keys);
        world.create(CONTACT, input).await.unwrap();
    }
}

/// Grants the clerk to read contacts, and these on customers.
async fn grants(world: &World, on_customers: &[Given]) {
    only(world, CUSTOMER, on_customers).await;
    world.create(GRANT, grant_on(CONTACT, &allow("read"))).await.unwrap();
}

async fn ask(world: &World, list: List) -> Result<String, Problem> {
    let list = List { entity: CONTACT.to_owned(), count: true, page_size: 1, ..list };
    let (mut names, mut page_token) = (Vec::new(), String::new());
    loop {
        let query = Query::List(List { page_token, ..list.clone() });
        let Answer::Page(page) = world.ask(world.call_as("clerk"), query).await? else {
            panic!("a list answers a page")
        };
        let name = |view: &kernel::View| view.record.get("name").as_text().unwrap().to_owned();
        names.extend(page.items.iter().map(name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            assert_eq!(page.total_size, Some(names.len() as u64));
            assert_eq!(counted(world, &list).await, names.len() as i64, "{list:?}");
            return Ok(names.join(" "));
        }
    }
}

/// How many records an aggregate query counts by the filter and the words of a list.
async fn counted(world: &World, list: &List) -> i64 {
    let question = Aggregate {
        entity: list.entity.clone(),
        filter: list.filter.clone(),
        text: list.text.clone(),
        select: "count()".to_owned(),
        ..Aggregate::default()
    };
    let answer = world.ask(world.call_as("clerk"), Query::Aggregate(question)).await.unwrap();
    let Answer::Groups(groups) = answer else { panic!("groups answered {answer:?}") };
    groups.rows.iter().filter_map(|row| row[0].as_int()).sum()
}

async fn filtered(world: &World, filter: &str) -> Result<String, Problem> {
    let order_by = "name".to_owned();
    ask(world, List { filter: filter.to_owned(), order_by, ..List::default() }).await
}

async fn ordered(world: &World, order_by: &str) -> Result<String, Problem> {
    ask(world, List { order_by: order_by.to_owned(), ..List::default() }).await
}

async fn said(world: &World, words: &str) -> String {
    let mut names: Vec<String> = ask(world, List { text: words.to_owned(), ..List::default() })
        .await
        .unwrap()
        .split(' ')
        .map(str::to_owned)
        .collect();
    names.sort();
    names.join(" ")
}

fn message(answer: Result<String, Problem>) -> String {
    let problem = answer.unwrap_err();
    assert_eq!(problem.errors[0].code, "unknown_field", "{problem}");
    problem.errors[0].message.clone()
}

#[test]
fn what_is_behind_a_link_is_read_with_the_rights_there() {
    everywhere(server::wiring::services, async |world| {
        people(&world).await;
        let all: [&[Given]; 3] = [
            &[hide("email")],
            &[Given { hidden: "email", ..allow_if("read", "country != 'FR'") }],
            &[],
        ];
        // Filter, and who is found by someone who sees all customers, some, or none.
        for (filter, found) in [
            ("customer.country == 'DE'", [Some("Maria"), Some("Maria"), None]),
            ("customer.country in ['FR', 'DE']", [Some("Frédérique Maria"), Some("Maria"), None]),
            ("customer.country == 'FR'", [Some("Frédérique"), Some(""), None]),
            (
                "customer.country != 'DE'",
                [Some("Charlotte Frédérique"), Some("Charlotte Frédérique"), None],
            ),
            ("has(customer) && !has(customer.name)", [Some(""), Some("Frédérique"), None]),
            ("customer.email.contains('whale')", [None, None, None]),
            ("external_ids.northwind == '2'", [Some("Frédérique"); 3]),
            ("external_ids.northwind in ['1', '3', '7']", [Some("Charlotte Maria"); 3]),
            ("has(external_ids.salesforce)", [Some(""); 3]),
        ] {
            for (on_customers, expected) in all.iter().zip(found) {
                grants(&world, on_customers).await;
                let found = filtered(&world, filter).await.ok();
                assert_eq!(found.as_deref(), expected, "{filter} with {on_customers:?}");
            }
        }
        for (order_by, found) in [
            (
                "customer.name desc, name",
                [Some("Frédérique Maria Charlotte"), Some("Maria Charlotte Frédérique"), None],
            ),
            ("customer.email", [None, None, None]),
        ] {
            for (on_customers, expected) in all.iter().zip(found) {
                grants(&world, on_customers).await;
                let found = ordered(&world, order_by).await.ok();
                assert_eq!(found.as_deref(), expected, "{order_by} with {on_customers:?}");
            }
        }
        world.end().await;
    });
}

#[test]
fn a_hidden_field_behind_a_link_is_as_unknown_as_a_mistyped_one() {
    everywhere(server::wiring::services, async |world| {
        people(&world).await;
        grants(&world, &[hide("email")]).await;
        for (wrong, said, hint) in [
            ("customer.emall", "customer.emall", ""),
            ("customer.email", "customer.email", ""),
            ("customer.countri", "customer.countri", "; did you mean country?"),
        ] {
            let text = message(filtered(&world, &format!("{wrong} == 'x'")).await);
            assert_eq!(text, format!("column 10: there is no field `{said}`{hint}"));
            let hint = hint.replace("country", "customer.country");
            let text = message(ordered(&world, wrong).await);
            assert_eq!(text, format!("'{wrong}' is not a field of contact{hint}"));
        }
        grants(&world, &[]).await;
        let text = message(filtered(&world, "customer.name == 'Blondel'").await);
        assert_eq!(text, "column 10: `customer` has no fields");
        world.end().await;
    });
}

#[test]
fn words_of_what_a_record_links_to_find_it_for_who_may_read_them() {
    everywhere(server::wiring::services, async |world| {
        people(&world).await;
        let some = Given { ..allow_if("read", "country != 'FR'") };
        // Words, and what they find with all customers readable, their e-mail hidden, some of
        // them invisible, their name hidden, and none readable.
        let cases = [allow("read"), hide("email"), some, hide("name")];
        for (words, found) in [
            ("futter", ["Maria", "Maria", "Maria", "", ""]),
            ("maria futterkiste", ["Maria", "Maria", "Maria", "", ""]),
            ("futterkiste mar", ["Maria", "Maria", "Maria", "", ""]),
            ("blondel", ["Frédérique", "Frédérique", "", "", ""]),
            ("whale", ["Maria", "", "Maria", "", ""]),
            ("maria", ["Maria"; 5]),
            ("maria blondel", [""; 5]),
        ] {
            for (at, expected) in found.iter().enumerate() {
                grants(&world, cases.get(at..=at).unwrap_or_default()).await;
                assert_eq!(said(&world, words).await, *expected, "{words}, case {at}");
            }
        }
        world.end().await;
    });
}

#[test]
fn groups_behind_links_show_no_more_than_a_list_does() {
    everywhere(server::wiring::services, async |world| {
        people(&world).await;
        for (on_customers, expected) in [
            (vec![NOTHING], Ok("\"DE\" 1, \"FR\" 1, null 1")),
            (vec![allow_if("read", "country != 'FR'")], Ok("\"DE\" 1, null 2")),
            (vec![hide("country")], Err("unknown_field")),
            (vec![], Err("unknown_field")),
        ] {
            grants(&world, &on_customers).await;
            let question = Query::Aggregate(Aggregate {
                entity: CONTACT.to_owned(),
                group_by: "customer.country".to_owned(),
                select: "count()".to_owned(),
                ..Aggregate::default()
            });
            let answer = match world.ask(world.call_as("clerk"), question).await {
                Ok(Answer::Groups(groups)) => {
                    let cell = |value: &Value| match value {
                        Value::Text(text) => format!("\"{text}\""),
                        Value::Int(int) => int.to_string(),
                        _ => "null".to_owned(),
                    };
                    let row = |row: &Vec<Value>| row.iter().map(cell).collect::<Vec<_>>().join(" ");
                    Ok(groups.rows.iter().map(row).collect::<Vec<_>>().join(", "))
                }
                Ok(other) => panic!("{other:?}"),
                Err(problem) => Err(problem.code),
            };
            let answer = answer.as_deref().map_err(String::as_str);
            assert_eq!(answer, expected, "{on_customers:?}");
        }
        world.end().await;
    });
}
