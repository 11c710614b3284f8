//! Change sets and their undo.

use crate::shop::{act, create, customer, delete, order, picture, run, services, under, update};
use kernel::log::verify::Verifier;
use kernel::service::Undone;
use kernel::{Call, Input};
use testkit::world::{World, everywhere};
use types::Uuid;

const SET: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0c01);
const UNDO: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0c02);
const REDO: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0c03);

/// Undoes a change set in both services, the last one first.
async fn undo(world: &World, set: Uuid, own: Uuid, preview: bool) -> Undone {
    world.settle().await;
    let mut whole = Undone::default();
    for service in ["depot", "shop"] {
        let call = Call { reason: Some("a mistake".to_owned()), ..under(world, own) };
        whole.add(world.peers.undo(service, call, set, preview).await.unwrap());
    }
    world.settle().await;
    whole
}

/// A change set that creates, changes and deletes in both services.
async fn changes(world: &World) {
    let call = || under(world, SET);
    let old = run(world, world.call(), create("shop.customer", customer("Alfreds", "ALFKI"))).await;
    let gone = run(world, world.call(), create("shop.customer", customer("Maria", "MAISD"))).await;
    let remark = Input::new().set("customer", gone.id()).set("text", "pays late");
    run(world, world.call(), create("shop.remark", remark)).await;
    let held = run(world, world.call(), create("shop.order", order(&old, 7))).await;
    let apples = Input::new().set("label", "apples");
    let apples = run(world, world.call(), create("depot.crate", apples)).await;
    let before = picture(world).await;

    let new = run(world, call(), create("shop.customer", customer("Antonio", "ANTON"))).await;
    let made = run(world, call(), create("shop.order", order(&new, 5))).await;
    run(world, call(), update(&made, Input::new().set("amount", 6_i64))).await;
    run(world, call(), update(&old, Input::new().set("name", "Futterkiste"))).await;
    run(world, call(), update(&old, Input::new().set("phone", "089 999"))).await;
    let shrunk = order(&new, 1);
    run(world, call(), update(&held, shrunk)).await;
    world.execute(call(), delete(&gone)).await.unwrap();
    world.execute(call(), delete(&apples)).await.unwrap();
    run(world, call(), create("depot.crate", Input::new().set("label", "pears"))).await;
    let after = picture(world).await;
    assert_ne!(before, after);

    let preview = undo(world, SET, UNDO, true).await;
    assert_eq!(preview.conflicts, [], "the preview");
    assert_eq!(picture(world).await, after, "a preview changes nothing");
    let undone = undo(world, SET, UNDO, false).await;
    assert_eq!(undone.conflicts, []);
    assert_eq!(undone.undone, preview.undone);
    assert_eq!(picture(world).await, before, "all is as it was");
    let back = world.get("shop.customer", gone.id()).await.unwrap();
    assert_eq!((back.version(), back.get("phone")), (2, &"030 123".into()));

    let again = undo(world, SET, UNDO, false).await;
    assert_eq!((again.conflicts.len(), again.undone), (0, undone.undone), "nothing more to do");

    let redone = undo(world, UNDO, REDO, false).await;
    assert_eq!(redone.conflicts, [], "the undo of the undo");
    assert_eq!(picture(world).await, after);
}

/// Nobody finds fault with the logs.
async fn verify(world: &World) {
    for service in ["shop", "depot"] {
        let store = world.store(world.org, service).await.unwrap();
        let mut verifier = Verifier::new(world.org, service, world.keys.public_key(), &[]);
        let entries = store.log(0, 10_000).await.unwrap();
        entries.iter().for_each(|entry| verifier.entry(entry));
        let findings = verifier.finish(store.head().await.unwrap().as_ref());
        assert!(findings.is_empty(), "{service}: {findings:?}");
    }
}

#[test]
fn after_an_undo_everything_is_as_before_and_the_undo_can_be_undone() {
    everywhere(services, async |world| {
        changes(&world).await;
        verify(&world).await;
        world.end().await;
    });
}

#[test]
fn what_others_changed_or_use_since_is_a_conflict_and_the_rest_is_undone() {
    everywhere(services, async |world| {
        let one =
            run(&world, under(&world, SET), create("shop.customer", customer("One", "A"))).await;
        let two =
            run(&world, under(&world, SET), create("shop.customer", customer("Two", "B"))).await;
        let free =
            run(&world, under(&world, SET), create("shop.customer", customer("Free", "C"))).await;
        run(&world, world.call(), update(&one, Input::new().set("name", "Uno"))).await;
        run(&world, world.call(), create("shop.order", order(&two, 3))).await;
        for preview in [true, false] {
            let mut undone = undo(&world, SET, UNDO, preview).await;
            undone.conflicts.sort();
            let ids: Vec<&str> = undone.conflicts.iter().map(|(id, _)| id.as_str()).collect();
            let mut expected = [one.public_id(), two.public_id()];
            expected.sort();
            assert_eq!(ids, expected, "preview: {preview}");
            assert_eq!(undone.undone, 1);
        }
        assert!(world.get("shop.customer", free.id()).await.is_err());
        assert!(world.get("shop.customer", two.id()).await.is_ok());
        world.end().await;
    });
}

#[test]
fn a_large_change_set_is_undone_in_few_commits_with_its_reason() {
    everywhere(services, async |world| {
        let mut made = Vec::new();
        for row in 0..450 {
            made.push(create("shop.customer", customer(&format!("No {row}"), &format!("C{row}"))));
        }
        for part in made.chunks(150) {
            let call = under(&world, SET);
            let done = world.peers.execute_all("shop", call, part.to_vec(), "import", true).await;
            assert_eq!(done.unwrap().len(), 150);
        }
        let undone = undo(&world, SET, UNDO, false).await;
        assert_eq!((undone.undone, undone.conflicts.len()), (450, 0));
        assert!(world.list("shop.customer", "").await.unwrap().is_empty());
        let store = world.store(world.org, "shop").await.unwrap();
        let log = store.log(3, 1_000).await.unwrap();
        assert!(log.len() <= 3, "{} commits", log.len());
        let event = kernel::log::Event::parse(&log[0].bytes).unwrap();
        assert_eq!((event.act.as_str(), event.change_set), ("undo", Some(UNDO)));
        let named = format!("undo of {}", types::format_id("cs", SET));
        assert!(event.reason.starts_with(&named), "{}", event.reason);
        world.end().await;
    });
}

#[test]
fn a_state_is_put_back_but_a_numbered_document_and_a_journal_stay() {
    everywhere(services, async |world| {
        let call = || under(&world, SET);
        let new = async || {
            let input = Input::new().set("amount", 5_i64);
            run(&world, world.call(), create("shop.bill", input)).await
        };
        let (checked, posted, entered) = (new().await, new().await, new().await);
        run(&world, call(), act(&checked, "check")).await;
        run(&world, world.call(), act(&posted, "check")).await;
        run(&world, call(), act(&posted, "post")).await;
        run(&world, world.call(), act(&entered, "check")).await;
        run(&world, call(), act(&entered, "enter")).await;
        for preview in [true, false] {
            let undone = undo(&world, SET, UNDO, preview).await;
            assert_eq!(undone.undone, 1, "{:?}", undone.conflicts);
            let why: Vec<&str> = undone
                .conflicts
                .iter()
                .filter(|(id, _)| id.starts_with("bil_"))
                .map(|(_, why)| why.split(':').next().unwrap_or_default())
                .collect();
            assert_eq!(why, ["append_only", "numbered"], "preview: {preview}");
        }
        let seen = async |id: Uuid| world.get("shop.bill", id).await.unwrap();
        assert_eq!(seen(checked.id()).await.state(), Some("draft"));
        assert_eq!(seen(posted.id()).await.state(), Some("posted"));
        let whole = seen(entered.id()).await;
        assert_eq!(whole.get("amount").as_int(), Some(6), "one commit is not undone by halves");
        world.end().await;
    });
}

#[test]
fn who_may_not_do_the_opposite_may_not_undo() {
    everywhere(services, async |world| {
        let made = run(&world, under(&world, SET), create("shop.customer", customer("One", "A")));
        let made = made.await;
        world.settle().await;
        let call = Call { change_set: Some(UNDO), ..world.stranger() };
        let undone = world.peers.undo("shop", call, SET, false).await.unwrap();
        assert_eq!((undone.undone, undone.conflicts.len()), (0, 1));
        assert!(world.get("shop.customer", made.id()).await.is_ok());
        let same = world.peers.undo("shop", under(&world, SET), SET, true).await;
        assert_eq!(same.unwrap_err().code, "same_change_set");
        world.end().await;
    });
}
