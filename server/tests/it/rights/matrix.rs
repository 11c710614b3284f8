//! The matrix: each row is a set of grants, and what it lets a clerk see on every surface.

use super::cells::{self, Cells, GROUPED};
use super::{CUSTOMER, Given, NOTHING, allow, allow_if, create, deny_if, hide, only};
use kernel::command::Idempotency;
use kernel::{Call, Input, Record};
use std::sync::Arc;
use testkit::world::{World, everywhere};
use types::Value;

/// What the grants of a row leave: letters of the records that exist, and the fields that do not.
struct Row {
    says: &'static str,
    grants: &'static [Given],
    sees: &'static str,
    hidden: &'static [&'static str],
}

const ALL: [&str; 3] = ["A", "B", "C"];

/// A is in Germany, B in France, C nowhere; the clerk made A and B.
const ROWS: &[Row] = &[
    Row { says: "a right to read", grants: &[allow("read")], sees: "ABC", hidden: &[] },
    Row { says: "all rights", grants: &[allow("*")], sees: "ABC", hidden: &[] },
    Row { says: "another right only", grants: &[allow("create")], sees: "", hidden: &[] },
    Row {
        says: "a condition",
        grants: &[allow_if("read", "country == 'DE'")],
        sees: "A",
        hidden: &[],
    },
    Row {
        says: "two conditions, either of which",
        grants: &[allow_if("read", "country == 'DE'"), allow_if("read", "country == 'FR'")],
        sees: "AB",
        hidden: &[],
    },
    Row {
        says: "a denial of some wins",
        grants: &[allow("read"), deny_if("read", "country == 'FR'")],
        sees: "AC",
        hidden: &[],
    },
    Row {
        says: "a denial of all wins",
        grants: &[allow("*"), deny_if("read", "")],
        sees: "",
        hidden: &[],
    },
    Row {
        says: "a denial of every verb wins",
        grants: &[allow("read"), deny_if("*", "country == 'DE'")],
        sees: "BC",
        hidden: &[],
    },
    Row {
        says: "who made it",
        grants: &[allow_if("read", "created_by == user.id")],
        sees: "AB",
        hidden: &[],
    },
    Row {
        says: "hidden fields",
        grants: &[hide("email, notes")],
        sees: "ABC",
        hidden: &["email", "notes"],
    },
    Row {
        says: "hidden fields of the platform",
        grants: &[hide("external_ids, custom, created_by, updated_by, created_at")],
        sees: "ABC",
        hidden: &["external_ids", "custom", "created_by", "updated_by", "created_at"],
    },
    Row { says: "a hidden title", grants: &[hide("name")], sees: "ABC", hidden: &["name"] },
    Row {
        says: "a hidden field that decides",
        grants: &[Given { hidden: "country", ..allow_if("read", "country == 'DE'") }],
        sees: "A",
        hidden: &["country"],
    },
    Row {
        says: "a field that another role of the clerk hides",
        grants: &[allow("read"), Given { role: "trainee", ..hide("email") }],
        sees: "ABC",
        hidden: &["email"],
    },
    Row {
        says: "the grants of someone else",
        grants: &[Given { role: "chief", ..NOTHING }],
        sees: "",
        hidden: &[],
    },
];

/// The clerk, who is a trainee as well.
fn clerk(world: &World) -> Call {
    let roles = Arc::from(["clerk".to_owned(), "trainee".to_owned()]);
    Call { roles, ..world.call_as("clerk") }
}

fn input(letter: &str) -> Input {
    let country = match letter {
        "A" => Value::from("DE"),
        "B" => "FR".into(),
        _ => Value::Null,
    };
    Input::new()
        .set("name", format!("Gamma {letter}"))
        .set("code", format!("gamma {letter}"))
        .set("email", format!("{}@gamma.example", letter.to_lowercase()))
        .set("country", country)
        .set("notes", format!("Note of {letter}."))
        .set("external_ids", Value::Json(format!(r#"{{"northwind":"{letter}"}}"#)))
        .set("custom", Value::Json(r#"{"colour":"red"}"#.to_owned()))
}

/// The request that made a record, and makes it no second time.
fn request(world: &World, letter: &str) -> Call {
    let by = if letter == "C" { world.call() } else { clerk(world) };
    let sent = Idempotency { key: letter.to_owned(), fingerprint: [1; 32] };
    Call { idempotency: Some(sent), ..by }
}

/// What a row lets the clerk see of the records as they are.
fn expected(row: &Row, records: &[Record]) -> Cells {
    let mut cells = Cells::new();
    let seen = ALL.iter().zip(records).filter(|(letter, _)| row.sees.contains(**letter));
    for (_, record) in seen {
        for slot in record.entity.shown() {
            let name = &record.entity.fields[slot].name;
            if !row.hidden.contains(&name.as_str()) {
                let cell = format!("{:?}", record.values[slot]);
                cells.insert((record.id(), name.clone()), cell);
            }
        }
    }
    cells
}

#[test]
fn every_surface_shows_the_same_cells() {
    everywhere(server::wiring::services, async |world| {
        only(&world, CUSTOMER, &[allow("*")]).await;
        let mut records = Vec::new();
        for letter in ALL {
            records.push(create(&world, request(&world, letter), input(letter)).await.unwrap());
        }
        let ids: Vec<_> = records.iter().map(Record::id).collect();
        let mut checks = 0;
        for row in ROWS {
            only(&world, CUSTOMER, row.grants).await;
            let expected = expected(row, &records);
            let call = || clerk(&world);
            let views = |views: Vec<_>| cells::of_views(&world, &views);
            let of = |surface: &str| format!("{}: {surface}", row.says);

            let shows = [
                ("get", views(cells::gotten(&world, &call(), &ids, false).await)),
                ("known_at", views(cells::gotten(&world, &call(), &ids, true).await)),
                ("list", views(cells::listed(&world, call(), "").await)),
                ("list with words", views(cells::listed(&world, call(), "gamma").await)),
                ("search", views(cells::searched(&world, call(), "gamma").await)),
            ];
            for (surface, shown) in shows {
                assert_eq!(shown, expected, "{}", of(surface));
                checks += 1;
            }
            let by_key = views(cells::keyed(&world, call(), &ALL).await);
            match row.hidden.contains(&"external_ids") {
                true => assert_eq!(by_key, Cells::new(), "{}", of("keys")),
                false => assert_eq!(by_key, expected, "{}", of("keys")),
            }
            let mut in_groups = expected.clone();
            in_groups.retain(|(_, name), _| GROUPED.contains(&name.as_str()));
            assert_eq!(cells::grouped(&world, &call()).await, in_groups, "{}", of("aggregate"));

            let mut replayed = Vec::new();
            for (letter, _) in ALL.iter().zip(&records).filter(|(letter, _)| **letter != "C") {
                let command = kernel::Command {
                    entity: CUSTOMER.to_owned(),
                    verb: kernel::command::Verb::Create,
                    input: input(letter),
                };
                match world.execute(request(&world, letter), command).await {
                    Ok(answer) => replayed.push(testkit::world::view(answer)),
                    Err(problem) => assert_eq!(problem.kind.status(), 404, "{}", of("replay")),
                }
            }
            assert!(replayed.iter().all(|view| view.replayed), "{}", of("replay"));
            let mut made = expected.clone();
            made.retain(|(id, _), _| *id != ids[2]);
            assert_eq!(views(replayed), made, "{}", of("replay"));
            checks += 3;
        }
        println!("checks: {checks}");
        world.end().await;
    });
}
