//! Several commands in one commit.

use crate::shop::{create, customer, delete, run, services, update};
use kernel::command::{Idempotency, Known, Verb};
use kernel::{Answer, Call, Command, Input, Problem};
use testkit::world::{World, everywhere};

fn keyed(world: &World, key: &str) -> Call {
    let idempotency = Some(Idempotency { key: key.to_owned(), fingerprint: [7; 32] });
    Call { idempotency, ..world.call() }
}

/// What a result says, in a form that two answers can be compared by.
fn said(results: &[Result<Answer, Problem>]) -> Vec<String> {
    let one = |result: &Result<Answer, Problem>| match result {
        Ok(Answer::Record(view)) => {
            format!("{} v{}", view.record.public_id(), view.record.version())
        }
        Ok(other) => format!("{other:?}"),
        Err(problem) => problem.code.clone(),
    };
    results.iter().map(one).collect()
}

#[test]
fn a_repeated_batch_answers_what_the_first_one_did_whatever_happened_since() {
    everywhere(services, async |world| {
        let old =
            run(&world, world.call(), create("shop.customer", customer("Ana", "ANATR"))).await;
        let gone =
            run(&world, world.call(), create("shop.customer", customer("Bo", "BONAP"))).await;
        let commands = vec![
            create("shop.customer", customer("Alfreds", "ALFKI")),
            create("shop.customer", Input::new().set("code", "NONAME")),
            create("shop.customer", customer("Antonio", "ANTON")),
            update(&old, Input::new().set("name", "Ana Trujillo")),
            delete(&gone),
            create("shop.customer", customer("Twice", "ALFKI")),
        ];
        let send = async || {
            let call = keyed(&world, "one");
            world.peers.execute_all("shop", call, commands.clone(), "batch", false).await.unwrap()
        };
        let first = send().await;
        let words = said(&first);
        assert_eq!(
            [&words[1], &words[4], &words[5]],
            ["invalid", "Done", "already_exists"],
            "{words:?}"
        );
        run(&world, world.call(), update(&old, Input::new().set("name", "Someone"))).await;
        let again = send().await;
        assert_eq!(said(&again)[..5], words[..5]);
        let Ok(Answer::Record(view)) = &again[3] else { panic!("{again:?}") };
        assert_eq!(view.record.get("name"), &"Ana Trujillo".into());
        assert!(view.replayed);
        assert_eq!(world.list("shop.customer", "").await.unwrap().len(), 3);
        world.end().await;
    });
}

#[test]
fn one_refusal_refuses_all_of_an_atomic_batch_and_says_which() {
    everywhere(services, async |world| {
        let commands = vec![
            create("shop.customer", customer("Alfreds", "ALFKI")),
            create("shop.customer", Input::new().set("code", "NONAME")),
        ];
        let refused = world.peers.execute_all("shop", world.call(), commands, "batch", true).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.errors[0].pointer, "/commands/1/name");
        assert!(world.list("shop.customer", "").await.unwrap().is_empty());
        world.end().await;
    });
}

#[test]
fn nobody_but_an_undo_puts_a_record_back() {
    everywhere(services, async |world| {
        let made =
            run(&world, world.call(), create("shop.customer", customer("Ana", "ANATR"))).await;
        let restore = Command {
            entity: "shop.customer".to_owned(),
            verb: Verb::Restore { id: made.id(), version: 1 },
            input: Input::new().set("version", 9_i64),
        };
        let refused = world.execute(world.call(), restore.clone()).await.unwrap_err();
        assert_eq!(refused.kind.status(), 403);
        let refused =
            world.peers.execute_all("shop", world.call(), vec![restore], "batch", true).await;
        assert_eq!(refused.unwrap_err().kind.status(), 403);
        let known = Known::Exactly(1);
        let verb = Verb::Delete { id: made.id(), known };
        let delete = Command { entity: "shop.customer".into(), verb, input: Input::new() };
        world.execute(world.call(), delete).await.unwrap();
        world.end().await;
    });
}
