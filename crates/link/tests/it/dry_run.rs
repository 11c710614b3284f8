//! Dry runs: they say what a command would come to, and leave nothing behind.

use crate::shop::{act, create, customer, delete, order, picture, run, services, update};
use kernel::command::{Consequence, Idempotency, Known, Verb};
use kernel::rights::Rule;
use kernel::{Answer, Call, Command, Input, Problem, Record};
use std::path::Path;
use testkit::world::{World, everywhere};
use types::{Uuid, Value};

async fn dry(world: &World, call: Call, command: Command) -> Result<Answer, Problem> {
    let sent = Idempotency { key: "once".to_owned(), fingerprint: [1; 32] };
    let call = Call { dry_run: true, idempotency: Some(sent), ..call };
    world.execute(call, command).await
}

/// What a dry run refuses, and what it shows of the record.
fn draft(said: Result<Answer, Problem>) -> (String, Record) {
    match said {
        Ok(Answer::Draft(draft)) => (draft.problem.code, draft.record.record),
        other => panic!("no draft but {other:?}"),
    }
}

/// The files of a folder, by their bytes.
fn files(folder: &Path, all: &mut Vec<String>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, all);
        } else if !path.to_string_lossy().ends_with("-shm") {
            let hash = kernel::log::merkle::sha256(&[&std::fs::read(&path).unwrap()]);
            all.push(format!("{} {}", path.display(), kernel::log::hex(&hash)));
        }
    }
}

/// All that there is: records, sums, words, logs; on SQLite every byte.
async fn everything(world: &World) -> Vec<String> {
    world.settle().await;
    let mut all = picture(world).await;
    for service in ["shop", "depot"] {
        let store = world.store(world.org, service).await.unwrap();
        let entries = store.log(0, 10_000).await.unwrap();
        all.extend(entries.iter().map(|entry| format!("{service} {entry:?}")));
        all.push(format!("{:?}", store.head().await.unwrap()));
    }
    if let Some(folder) = world.ground().folder() {
        files(folder, &mut all);
    }
    all
}

fn rule(role: &str, entity: &str, verb: &str) -> Rule {
    Rule {
        name: format!("{role}:{verb}"),
        role: role.to_owned(),
        entity: entity.to_owned(),
        verb: verb.to_owned(),
        allow: true,
        condition: String::new(),
        hidden: Vec::new(),
        read_only: Vec::new(),
    }
}

#[test]
fn a_dry_run_says_what_would_be_and_changes_nothing() {
    everywhere(services, async |world| {
        let alfreds = create("shop.customer", customer("Alfreds", "ALFKI"));
        let alfreds = run(&world, world.call(), alfreds).await;
        let remark = Input::new().set("customer", alfreds.id()).set("text", "pays late");
        run(&world, world.call(), create("shop.remark", remark)).await;
        let bill = run(&world, world.call(), create("shop.bill", Input::new())).await;
        run(&world, world.call(), act(&bill, "check")).await;
        let before = everything(&world).await;

        let would = async |command: Command| match dry(&world, world.call(), command).await {
            Ok(Answer::Record(view)) => view.record,
            other => panic!("no record but {other:?}"),
        };
        let made = would(create("shop.order", order(&alfreds, 5))).await;
        assert_eq!((made.version(), made.get("amount")), (1, &Value::Int(5)));
        let Value::Rows(rows) = made.get("lines") else { panic!("{made:?}") };
        assert_eq!(rows.len(), 1);
        let named = would(update(&alfreds, Input::new().set("name", "Futterkiste"))).await;
        assert_eq!((named.version(), named.get("name")), (2, &"Futterkiste".into()));
        let posted = would(act(&bill, "post")).await;
        assert_eq!((posted.state(), posted.get("number")), (Some("posted"), &Value::Null));
        assert_eq!(would(act(&bill, "enter")).await.get("amount"), &Value::Int(1));
        // A link to another service's record that nothing linked to before.
        let owned = Input::new().set("label", "apples").set("owner", alfreds.id());
        would(create("depot.crate", owned)).await;
        let gone = dry(&world, world.call(), delete(&alfreds)).await.unwrap();
        let with_it = Consequence {
            entity: Some("shop.remark".to_owned()),
            change: "delete".to_owned(),
            count: Some(1),
            message: "1 of shop.remark are deleted with it".to_owned(),
        };
        assert_eq!(gone, Answer::Consequences(vec![with_it]));

        let nobody = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0bad);
        let (code, record) = draft(
            dry(&world, world.call(), create("shop.order", Input::new().set("amount", 7_i64)))
                .await,
        );
        assert_eq!(
            (&*code, record.get("amount")),
            ("invalid", &Value::Int(7)),
            "without a customer"
        );
        let lost = Input::new().set("customer", nobody).set("amount", 8_i64);
        let (code, record) = draft(dry(&world, world.call(), create("shop.order", lost)).await);
        assert_eq!((&*code, record.get("amount")), ("invalid", &Value::Int(8)));
        let taken = create("shop.customer", customer("Another", "ALFKI"));
        let (code, record) = draft(dry(&world, world.call(), taken).await);
        assert_eq!((&*code, record.get("name")), ("already_exists", &"Another".into()));
        let (code, record) = draft(dry(&world, world.call(), act(&bill, "check")).await);
        assert_eq!((&*code, record.state()), ("wrong_state", Some("checked")));
        let verb = Verb::Update { id: alfreds.id(), known: Known::Exactly(9) };
        let stale = Command { verb, ..update(&alfreds, Input::new().set("name", "X")) };
        assert_eq!(dry(&world, world.call(), stale).await.unwrap_err().kind.status(), 412);
        assert_eq!(everything(&world).await, before);

        // What was said then happens, under the key that the dry runs named, too.
        let sent = Idempotency { key: "once".to_owned(), fingerprint: [2; 32] };
        let call = Call { idempotency: Some(sent), ..world.call() };
        let done = run(&world, call, act(&bill, "post")).await;
        assert_eq!(done.get("number"), &"B-001".into());
        assert_ne!(everything(&world).await, before);
        world.end().await;
    });
}

#[test]
fn a_dry_run_asks_for_the_rights_of_its_command() {
    everywhere(services, async |world| {
        let alfreds = create("shop.customer", customer("Alfreds", "ALFKI"));
        let alfreds = run(&world, world.call(), alfreds).await;
        let held = create("shop.order", order(&alfreds, 1));
        let held = run(&world, world.call(), held).await;
        let text = Input::new().set("customer", alfreds.id()).set("text", "pays late");
        run(&world, world.call(), create("shop.remark", text)).await;
        let rules = [("shop.customer", "read"), ("shop.customer", "delete")];
        let mut rules = rules.map(|(entity, verb)| rule("clerk", entity, verb)).to_vec();
        rules[0].hidden.push("phone".to_owned());
        world.facts.rule(world.org, rules);
        let clerk = || world.call_as("clerk");
        for (command, status) in [
            (create("shop.customer", customer("B", "B")), 403),
            (update(&alfreds, Input::new().set("name", "B")), 403),
            (update(&held, Input::new().set("amount", 2_i64)), 404),
            (create("shop.order", order(&alfreds, 5)), 403),
        ] {
            let said = dry(&world, clerk(), command.clone()).await.unwrap_err();
            let real = world.execute(clerk(), command).await.unwrap_err();
            assert_eq!((said.kind.status(), &said), (status, &real));
        }
        // What stands in the way is told as far as it may be known, and so is the record.
        let Ok(Answer::Draft(said)) = dry(&world, clerk(), delete(&alfreds)).await else {
            panic!()
        };
        let real = world.execute(clerk(), delete(&alfreds)).await.unwrap_err();
        assert_eq!((said.problem.kind.status(), &said.problem), (409, &real));
        assert!(real.errors[0].message.contains("that you cannot see"), "{real}");
        assert_eq!(said.record.record.get("phone"), &Value::Null);
        world.execute(world.call(), delete(&held)).await.unwrap();
        let Ok(Answer::Consequences(said)) = dry(&world, clerk(), delete(&alfreds)).await else {
            panic!()
        };
        let [only] = said.as_slice() else { panic!("{said:?}") };
        assert_eq!((&only.entity, only.count), (&None, None), "{only:?}");
        world.end().await;
    });
}
