//! What an actor sees, as cells: the value of each field of each record, per surface.

use super::CUSTOMER;
use kernel::command::{Aggregate, List, View};
use kernel::{Answer, Call, Problem, Query};
use std::collections::BTreeMap;
use testkit::world::{World, view};
use types::{Uuid, Value};

/// Values by record and field; an absent cell is one that does not exist for the actor.
pub type Cells = BTreeMap<(Uuid, String), String>;

/// Fields that groups can be made of; the other surfaces show all.
pub const GROUPED: [&str; 8] =
    ["name", "code", "email", "country", "notes", "created_by", "created_at", "version"];

/// The cells of views; the JSON of each must have the same members and no other.
pub fn of_views(world: &World, views: &[View]) -> Cells {
    let mut cells = Cells::new();
    for view in views {
        let record = &view.record;
        let mut json = String::new();
        kernel::json::write_view(view, &*world.registry, &mut json);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let mut members: Vec<&String> = json.as_object().unwrap().keys().collect();
        members.sort();
        let shown = |slot: &usize| view.readable[*slot];
        let mut names: Vec<&String> = record
            .entity
            .shown()
            .filter(shown)
            .map(|slot| &record.entity.fields[slot].name)
            .collect();
        names.sort();
        assert_eq!(members, names, "the JSON of a record shows what its view does");
        for (slot, value) in record.values.iter().enumerate() {
            let name = &record.entity.fields[slot].name;
            match view.readable[slot] {
                true => drop(cells.insert((record.id(), name.clone()), format!("{value:?}"))),
                false => assert_eq!(value, &Value::Null, "{name} is hidden and has a value"),
            }
        }
    }
    cells
}

fn page(answer: Result<Answer, Problem>) -> Vec<View> {
    match answer {
        Ok(Answer::Page(page)) => {
            assert_eq!(
                page.total_size,
                Some(page.items.len() as u64),
                "the count is of what is seen"
            );
            page.items
        }
        // Without any right to read a list is refused, a record does not exist.
        Err(problem) if problem.kind.status() == 403 => Vec::new(),
        other => panic!("a list answered {other:?}"),
    }
}

/// A list, all of it, with its count.
pub async fn listed(world: &World, call: Call, text: &str) -> Vec<View> {
    let list = List {
        entity: CUSTOMER.to_owned(),
        text: text.to_owned(),
        page_size: 100,
        count: true,
        ..List::default()
    };
    page(world.ask(call, Query::List(list)).await)
}

/// A search over all entities.
pub async fn searched(world: &World, call: Call, text: &str) -> Vec<View> {
    let query = Query::Search { text: text.to_owned(), limit: 100 };
    match world.peers.ask("operations", call, query).await.unwrap() {
        Answer::Hits(hits) => hits,
        other => panic!("a search answered {other:?}"),
    }
}

/// Records one by one, as they are or were known at an instant.
pub async fn gotten(world: &World, call: &Call, ids: &[Uuid], known: bool) -> Vec<View> {
    let mut views = Vec::new();
    for &id in ids {
        let known_at = known.then(|| world.source.clock.now());
        let query = Query::Get { entity: CUSTOMER.to_owned(), id, known_at };
        match world.ask(call.clone(), query).await {
            Ok(answer) => views.push(view(answer)),
            Err(problem) => assert_eq!(problem.kind.status(), 404),
        }
    }
    views
}

/// Records by their keys in another system.
pub async fn keyed(world: &World, call: Call, keys: &[&str]) -> Vec<View> {
    let query = Query::External {
        entity: CUSTOMER.to_owned(),
        name: "northwind".to_owned(),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
    };
    match world.ask(call, query).await.unwrap() {
        Answer::Keyed(found) => found.into_iter().map(|(_, view)| view).collect(),
        other => panic!("keys answered {other:?}"),
    }
}

/// The cells that groups by id and one field show, and by the field's greatest value in each.
pub async fn grouped(world: &World, call: &Call) -> Cells {
    let mut cells = Cells::new();
    for name in GROUPED {
        let aggregate = Aggregate {
            entity: CUSTOMER.to_owned(),
            group_by: format!("id, {name}"),
            select: format!("count(), max({name})"),
            ..Aggregate::default()
        };
        let groups = match world.ask(call.clone(), Query::Aggregate(aggregate)).await {
            Ok(Answer::Groups(groups)) => groups,
            Err(problem) if problem.kind.status() == 403 => continue,
            Err(problem) => {
                assert_eq!(problem.code, "unknown_field", "{problem}");
                continue;
            }
            other => panic!("groups answered {other:?}"),
        };
        for row in groups.rows {
            let id = row[0].as_id().unwrap();
            assert_eq!((&row[1], &row[2]), (&row[3], &Value::Int(1)));
            cells.insert((id, name.to_owned()), format!("{:?}", row[1]));
        }
    }
    cells
}
