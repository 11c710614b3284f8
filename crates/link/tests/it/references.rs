//! Links to another service's records.

use crate::shop::{act, create, customer, delete, order, run, services, under, update};
use async_trait::async_trait;
use kernel::command::Query;
use kernel::env::Compiled;
use kernel::rights::{Plans, Rule};
use kernel::service::{Peers, Undone};
use kernel::{Answer, Call, Command, Input, Problem, ProblemKind, Record, Runtime};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::world::{World, everywhere, view};
use types::{Uuid, Value};

const MIRROR: &str = "depot.mirror_shop_customer";
const SET: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0d01);
const UNDO: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0d02);

fn of(owner: Uuid) -> Input {
    Input::new().set("label", "apples").set("owner", owner)
}

async fn a_customer(world: &World, code: &str) -> Record {
    run(world, world.call(), create("shop.customer", customer("Alfreds", code))).await
}

/// The mirror that a service keeps of a record, as its database has it.
async fn mirror(world: &World, name: &str, id: Uuid) -> Option<Record> {
    let service = name.split('.').next().unwrap();
    let store = world.store(world.org, service).await.unwrap();
    let entity = world.registry.stored().iter().find(|e| e.full_name() == name).unwrap();
    store.snapshot().await.unwrap().get(entity, id, &[]).await.unwrap()
}

fn codes(problem: &Problem) -> Vec<(&str, &str)> {
    problem.errors.iter().map(|e| (e.pointer.as_str(), e.code.as_str())).collect()
}

/// Every link of the depot leads to a customer that there is.
async fn no_link_dangles(world: &World) {
    for made in world.list("depot.crate", "").await.unwrap() {
        if let Some(owner) = made.get("owner").as_id() {
            world.get("shop.customer", owner).await.expect("a link leads nowhere");
        }
    }
}

#[test]
fn a_link_saved_right_after_its_target_holds_and_its_mirror_follows_the_target() {
    everywhere(services, async |world| {
        let alfreds = a_customer(&world, "ALFKI").await;
        run(&world, world.call(), create("depot.crate", of(alfreds.id()))).await;
        let shown = mirror(&world, MIRROR, alfreds.id()).await.unwrap();
        assert_eq!(
            (shown.get("name"), shown.get("source_version")),
            (&"Alfreds".into(), &1.into())
        );
        assert_eq!(shown.get("phone"), &"030 123".into());

        let changes = Input::new().set("name", "Futterkiste").set("phone", "089 999");
        run(&world, world.call(), update(&alfreds, changes)).await;
        world.settle().await;
        let shown = mirror(&world, MIRROR, alfreds.id()).await.unwrap();
        assert_eq!(shown.get("name"), &"Futterkiste".into());
        assert_eq!(shown.get("phone"), &"089 999".into());
        assert_eq!(shown.get("source_version"), &2.into());
        // What is not published moves the version only.
        run(&world, world.call(), update(&alfreds, Input::new().set("code", "ALF"))).await;
        world.settle().await;
        let shown = mirror(&world, MIRROR, alfreds.id()).await.unwrap();
        assert_eq!(
            (shown.get("name"), shown.get("source_version")),
            (&"Futterkiste".into(), &3.into())
        );
        world.end().await;
    });
}

#[test]
fn what_the_kernel_keeps_is_on_no_surface_and_personal_values_stay_personal() {
    everywhere(services, async |world| {
        let alfreds = a_customer(&world, "ALFKI").await;
        run(&world, world.call(), create("depot.crate", of(alfreds.id()))).await;
        for kept in [MIRROR, "shop.use_customer"] {
            assert!(world.registry.get(kept).is_none());
            assert!(world.registry.all().iter().all(|entity| entity.full_name() != kept));
            let get = world.get(kept, alfreds.id()).await.unwrap_err();
            assert_eq!(get.kind, ProblemKind::NotFound, "{kept}");
            let made = world.execute(world.call(), create(kept, Input::new())).await.unwrap_err();
            assert_eq!(made.kind, ProblemKind::NotFound, "{kept}");
        }
        let query = Query::Search { text: "alfreds".to_owned(), limit: 10 };
        let Ok(Answer::Hits(hits)) = world.peers.ask("depot", world.call(), query).await else {
            panic!("a search answers hits")
        };
        assert_eq!(hits.len(), 0);
        let asks = world.peers.contract("shop", "references.look", world.call(), vec![0xa0]).await;
        assert_eq!(asks.unwrap_err().kind, ProblemKind::Forbidden);
        let store = world.store(world.org, "depot").await.unwrap();
        let events = store.snapshot().await.unwrap().events_of(alfreds.id()).await.unwrap();
        assert!(!events.is_empty());
        for event in events {
            assert!(!event.bytes.windows(7).any(|bytes| bytes == b"030 123"), "a phone in the log");
        }
        world.end().await;
    });
}

#[test]
fn a_link_to_nothing_is_refused_where_it_stands() {
    everywhere(services, async |world| {
        let nobody = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0bad);
        let refused = world.execute(world.call(), create("depot.crate", of(nobody))).await;
        assert_eq!(codes(&refused.unwrap_err()), [("/owner", "unknown_link")]);
        assert!(mirror(&world, MIRROR, nobody).await.is_none(), "nothing is left behind");
        // All that is wrong is said together, and for lines as well.
        let unnamed = Input::new().set("owner", nobody);
        let refused = world.execute(world.call(), create("depot.crate", unnamed)).await;
        assert_eq!(
            codes(&refused.unwrap_err()),
            [("/label", "required"), ("/owner", "unknown_link")]
        );
        let alfreds = a_customer(&world, "ALFKI").await;
        let with_crate = |id: Uuid| {
            let mut input = order(&alfreds, 3);
            let slot = world.registry.get("shop.line").unwrap().slot("crate").unwrap();
            for (_, value) in &mut input.values {
                if let Value::Rows(rows) = value {
                    rows.push(rows[0].clone());
                    rows[1][slot] = id.into();
                }
            }
            input
        };
        let refused = world.execute(world.call(), create("shop.order", with_crate(nobody))).await;
        assert_eq!(codes(&refused.unwrap_err()), [("/lines/1/crate", "unknown_link")]);
        let apples = Input::new().set("label", "apples");
        let apples = run(&world, world.call(), create("depot.crate", apples)).await;
        let made = run(&world, world.call(), create("shop.order", with_crate(apples.id()))).await;
        let refused = world.execute(world.call(), delete(&apples)).await.unwrap_err();
        let text = refused.errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>();
        assert_eq!(text, ["1 of shop.line use it as crate"]);
        world.execute(world.call(), delete(&made)).await.unwrap();
        world.execute(world.call(), delete(&apples)).await.unwrap();
        world.end().await;
    });
}

#[test]
fn an_act_deletes_no_record_that_others_use() {
    everywhere(services, async |world| {
        let alfreds = a_customer(&world, "ALFKI").await;
        let bill = run(&world, world.call(), create("shop.bill", Input::new())).await;
        let remark = Input::new().set("customer", alfreds.id()).set("text", "pays late");
        let remark = run(&world, world.call(), create("shop.remark", remark)).await;
        let ordered = run(&world, world.call(), create("shop.order", order(&alfreds, 3))).await;
        let apples = run(&world, world.call(), create("depot.crate", of(alfreds.id()))).await;
        let strike = |more: Option<&Record>| {
            let input = Input::new().set("customer", alfreds.id());
            let input = more.iter().fold(input, |input, order| input.set("order", order.id()));
            Command { input, ..act(&bill, "strike") }
        };
        let texts = |problem: Problem| {
            assert_eq!((problem.kind, problem.code.as_str()), (ProblemKind::Conflict, "in_use"));
            problem.errors.into_iter().map(|error| error.message).collect::<Vec<_>>()
        };
        let refused = world.execute(world.call(), strike(None)).await.unwrap_err();
        let both = ["1 of shop.order use it as customer", "1 of depot.crate use it as owner"];
        assert_eq!(texts(refused), both);
        // What the act deletes along with it does not stand in the way; what others keep does.
        let refused = world.execute(world.call(), strike(Some(&ordered))).await.unwrap_err();
        assert_eq!(texts(refused), both[1..]);
        world.get("shop.order", ordered.id()).await.expect("nothing was done");
        no_link_dangles(&world).await;

        world.execute(world.call(), delete(&apples)).await.unwrap();
        run(&world, world.call(), strike(Some(&ordered))).await;
        for gone in [&alfreds, &ordered, &remark] {
            let found = world.get(&gone.entity.full_name(), gone.id()).await;
            assert_eq!(found.unwrap_err().kind, ProblemKind::NotFound, "{}", gone.entity.name);
        }
        world.end().await;
    });
}

#[test]
fn a_used_record_is_not_deleted_and_an_unused_one_is() {
    everywhere(services, async |world| {
        let alfreds = a_customer(&world, "ALFKI").await;
        let made = run(&world, world.call(), create("depot.crate", of(alfreds.id()))).await;
        let held = run(&world, world.call(), create("shop.order", order(&alfreds, 1))).await;
        let refused = world.execute(world.call(), delete(&alfreds)).await.unwrap_err();
        assert_eq!((refused.kind, refused.code.as_str()), (ProblemKind::Conflict, "in_use"));
        let mut said: Vec<&str> = refused.errors.iter().map(|e| e.message.as_str()).collect();
        said.sort_unstable();
        assert_eq!(
            said,
            ["1 of depot.crate use it as owner", "1 of shop.order use it as customer"],
            "who stands in the way in every service"
        );
        world.execute(world.call(), delete(&held)).await.unwrap();
        let refused = world.execute(world.call(), delete(&alfreds)).await.unwrap_err();
        assert_eq!(refused.errors.len(), 1, "{refused}");
        assert!(mirror(&world, MIRROR, alfreds.id()).await.is_some());

        run(&world, world.call(), update(&made, Input::new().set("owner", Value::Null))).await;
        world.execute(world.call(), delete(&alfreds)).await.unwrap();
        assert!(mirror(&world, MIRROR, alfreds.id()).await.is_none(), "it was let go");
        let refused = world.execute(world.call(), create("depot.crate", of(alfreds.id()))).await;
        assert_eq!(codes(&refused.unwrap_err()), [("/owner", "unknown_link")]);
        world.settle().await;
        world.end().await;
    });
}

#[test]
fn a_batch_asks_for_all_that_it_links_to_at_once_and_refuses_only_what_is_wrong() {
    everywhere(services, async |world| {
        let mut commands = Vec::new();
        for number in 0..20 {
            let one = a_customer(&world, &format!("C{number}")).await;
            commands.push(create("depot.crate", of(one.id())));
        }
        let nobody = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0bad);
        commands.push(create("depot.crate", of(nobody)));
        let send = async |act: &str| {
            let commands = commands.clone();
            world.peers.execute_all("depot", world.call(), commands, act, false).await.unwrap()
        };
        let tried = send("rehearsal").await;
        assert_eq!(tried.iter().filter(|result| result.is_ok()).count(), 20);
        let first = world.list("shop.customer", "").await.unwrap()[0].id();
        assert!(mirror(&world, MIRROR, first).await.is_none(), "a rehearsal leaves no trace");
        let done = send("batch").await;
        assert_eq!(done.iter().filter(|result| result.is_ok()).count(), 20);
        assert_eq!(codes(done[20].as_ref().unwrap_err()), [("/owner", "unknown_link")]);
        assert_eq!(world.list("depot.crate", "").await.unwrap().len(), 20);
        world.end().await;
    });
}

/// Everything as the world has it, but for one contract call that gets no further while the
/// switch is on.
struct Cut {
    peers: Arc<dyn Peers>,
    name: &'static str,
    cut: AtomicBool,
}

#[async_trait]
impl Peers for Cut {
    async fn execute(&self, call: Call, command: Command) -> Result<Answer, Problem> {
        self.peers.execute(call, command).await
    }

    async fn ask(&self, service: &str, call: Call, query: Query) -> Result<Answer, Problem> {
        self.peers.ask(service, call, query).await
    }

    async fn execute_all(
        &self,
        service: &str,
        call: Call,
        commands: Vec<Command>,
        act: &str,
        all_or_nothing: bool,
    ) -> Result<Vec<Result<Answer, Problem>>, Problem> {
        self.peers.execute_all(service, call, commands, act, all_or_nothing).await
    }

    async fn undo(
        &self,
        service: &str,
        call: Call,
        change_set: Uuid,
        preview: bool,
    ) -> Result<Undone, Problem> {
        self.peers.undo(service, call, change_set, preview).await
    }

    async fn contract(
        &self,
        service: &str,
        name: &str,
        call: Call,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Problem> {
        if name == self.name && self.cut.load(Ordering::SeqCst) {
            return Err(Problem::unavailable("unreachable", "The service does not answer.", 1));
        }
        self.peers.contract(service, name, call, body).await
    }
}

/// A service of the world that does not reach the others by one contract.
fn cut_off(world: &World, service: &str, name: &'static str) -> (Arc<Runtime>, Arc<Cut>) {
    let own = services().into_iter().find(|known| known.name == service).unwrap();
    let known = world.runtime(service);
    let cut = Arc::new(Cut { peers: world.peers.clone(), name, cut: AtomicBool::new(true) });
    let runtime = Runtime {
        service: own,
        registry: known.registry.clone(),
        placement: known.placement.clone(),
        source: known.source.clone(),
        keys: known.keys.clone(),
        peers: cut.clone(),
        facts: known.facts.clone(),
        plans: Plans::default(),
        compiled: Compiled::default(),
    };
    (Arc::new(runtime), cut)
}

#[test]
fn an_owner_that_does_not_answer_leaves_nothing_half_done() {
    everywhere(services, async |world| {
        let alfreds = a_customer(&world, "ALFKI").await;
        let link = create("depot.crate", of(alfreds.id()));
        let (depot, _) = cut_off(&world, "depot", "references.look");
        let refused = depot.execute(&world.call(), &link).await.unwrap_err();
        assert_eq!((refused.kind, refused.retry_after), (ProblemKind::Unavailable, Some(1)));
        assert!(mirror(&world, MIRROR, alfreds.id()).await.is_none());

        // The fill is cut off after its first step: what it left counts as no mirror.
        let (depot, cut) = cut_off(&world, "depot", "references.use");
        let refused = depot.execute(&world.call(), &link).await.unwrap_err();
        assert_eq!((refused.kind, refused.retry_after), (ProblemKind::Unavailable, Some(1)));
        let empty = mirror(&world, MIRROR, alfreds.id()).await.unwrap();
        assert_eq!(empty.get("source_version"), &0.into());
        assert_eq!(world.list("depot.crate", "").await.unwrap().len(), 0);
        cut.cut.store(false, Ordering::SeqCst);
        depot.execute(&world.call(), &link).await.unwrap();
        let filled = mirror(&world, MIRROR, alfreds.id()).await.unwrap();
        assert_eq!(filled.get("name"), &"Alfreds".into());
        assert_eq!(world.list("depot.crate", "").await.unwrap().len(), 1);

        // And a user that does not answer holds up the deletion.
        let (shop, _) = cut_off(&world, "shop", "references.let_go");
        let refused = shop.execute(&world.call(), &delete(&alfreds)).await.unwrap_err();
        assert_eq!((refused.kind, refused.retry_after), (ProblemKind::Unavailable, Some(1)));
        world.get("shop.customer", alfreds.id()).await.unwrap();
        world.end().await;
    });
}

#[test]
fn a_mirror_that_a_killed_fill_left_does_not_keep_its_record() {
    everywhere(services, async |world| {
        let alfreds = a_customer(&world, "ALFKI").await;
        let (depot, cut) = cut_off(&world, "depot", "references.use");
        let link = create("depot.crate", of(alfreds.id()));
        depot.execute(&world.call(), &link).await.unwrap_err();
        world.execute(world.call(), delete(&alfreds)).await.unwrap();
        world.settle().await;
        assert!(mirror(&world, MIRROR, alfreds.id()).await.is_none(), "it follows the deletion");
        cut.cut.store(false, Ordering::SeqCst);
        let refused = depot.execute(&world.call(), &link).await.unwrap_err();
        assert_eq!(codes(&refused), [("/owner", "unknown_link")]);
        world.end().await;
    });
}

#[test]
fn many_who_link_while_one_deletes_leave_no_link_that_leads_nowhere() {
    everywhere(services, async |world| {
        let mut outcomes = Vec::new();
        for round in 0..4 {
            let alfreds = a_customer(&world, &format!("C{round}")).await;
            let linking = (0..64)
                .map(|_| world.execute(world.call(), create("depot.crate", of(alfreds.id()))));
            let deleting = async {
                let mut last = world.execute(world.call(), delete(&alfreds)).await;
                for _ in 0..round {
                    if last.is_err() {
                        last = world.execute(world.call(), delete(&alfreds)).await;
                    }
                }
                last
            };
            let (linked, deleted) = futures::join!(futures::future::join_all(linking), deleting);
            let held = linked.iter().filter(|result| result.is_ok()).count();
            outcomes.push((held, deleted.is_ok()));
            assert!(held == 0 || deleted.is_err(), "{held} link to a deleted record");
            for problem in linked.into_iter().filter_map(Result::err) {
                let fits =
                    codes(&problem) == [("/owner", "unknown_link")] || problem.code == "contended";
                assert!(fits, "{problem}");
            }
            if let Err(problem) = deleted {
                assert!(["in_use", "contended"].contains(&&*problem.code), "{problem}");
            }
            world.settle().await;
            no_link_dangles(&world).await;
        }
        println!("who linked, and whether it was deleted: {outcomes:?}");
        world.end().await;
    });
}

fn rule(entity: &str, verb: &str, condition: &str) -> Rule {
    Rule {
        name: "a test".to_owned(),
        role: "packer".to_owned(),
        entity: entity.to_owned(),
        verb: verb.to_owned(),
        allow: true,
        condition: condition.to_owned(),
        hidden: Vec::new(),
        read_only: Vec::new(),
    }
}

#[test]
fn one_links_only_to_what_one_can_see() {
    everywhere(services, async |world| {
        let alfreds = a_customer(&world, "ALFKI").await;
        let link =
            |owner: Uuid| world.execute(world.call_as("packer"), create("depot.crate", of(owner)));
        let own = [rule("depot.crate", "create", ""), rule("depot.crate", "read", "")];
        for (sees, expected) in [
            (None, false),
            (Some(""), true),
            (Some("name == 'Alfreds'"), true),
            (Some("name == 'Someone'"), false),
            // What is not published cannot be judged here.
            (Some("code == 'ALFKI'"), false),
        ] {
            let sees = sees.map(|condition| rule("shop.customer", "read", condition));
            world.facts.rule(world.org, own.iter().cloned().chain(sees.clone()).collect());
            // The first time with no mirror yet, then with one.
            for _ in 0..2 {
                let linked = link(alfreds.id()).await;
                match linked {
                    Ok(_) => assert!(expected, "{sees:?}"),
                    Err(problem) => {
                        assert_eq!(codes(&problem), [("/owner", "unknown_link")], "{sees:?}");
                        assert!(!expected, "{sees:?}");
                    }
                }
            }
        }
        // A link within the service obeys the same rule.
        world.facts.rule(
            world.org,
            vec![rule("shop.order", "create", ""), rule("shop.order", "read", "")],
        );
        let call = world.call_as("packer");
        let refused = world.execute(call, create("shop.order", order(&alfreds, 1))).await;
        assert_eq!(codes(&refused.unwrap_err()), [("/customer", "unknown_link")]);
        let made = run(&world, world.call(), create("shop.order", order(&alfreds, 1))).await;
        world
            .facts
            .rule(world.org, ["update", "read"].map(|verb| rule("shop.order", verb, "")).to_vec());
        // A link that stands is not looked at again.
        let changes = update(&made, Input::new().set("amount", 2_i64));
        assert_eq!(
            view(world.execute(world.call_as("packer"), changes).await.unwrap())
                .record
                .get("amount"),
            &2.into()
        );
        world.end().await;
    });
}

async fn undo(world: &World, service: &str, preview: bool) -> Undone {
    let call = under(world, UNDO);
    world.peers.undo(service, call, SET, preview).await.unwrap()
}

#[test]
fn an_undo_across_services_releases_what_it_takes_out() {
    everywhere(services, async |world| {
        let alfreds =
            run(&world, under(&world, SET), create("shop.customer", customer("Alfreds", "A")))
                .await;
        run(&world, under(&world, SET), create("depot.crate", of(alfreds.id()))).await;
        world.settle().await;
        let preview = undo(&world, "shop", true).await;
        assert_eq!(preview.conflicts, [], "what links to it goes along");
        // The other way round a crate stands in the way.
        let early = undo(&world, "shop", false).await;
        assert_eq!(early.conflicts.len(), 1, "{early:?}");
        for service in ["depot", "shop"] {
            let undone = undo(&world, service, false).await;
            assert_eq!((undone.conflicts.len(), undone.undone), (0, 1), "{service}");
        }
        world.settle().await;
        assert_eq!(world.list("shop.customer", "").await.unwrap().len(), 0);
        assert_eq!(world.list("depot.crate", "").await.unwrap().len(), 0);
        assert!(mirror(&world, MIRROR, alfreds.id()).await.is_none());

        // Undoing the undo brings both back, and their link.
        let back = |service| {
            let call = under(&world, Uuid::from_u128(SET.as_u128() + 2));
            world.peers.undo(service, call, UNDO, false)
        };
        assert_eq!(back("shop").await.unwrap().conflicts, []);
        assert_eq!(back("depot").await.unwrap().conflicts, []);
        let made = &world.list("depot.crate", "").await.unwrap()[0];
        assert_eq!(made.get("owner"), &alfreds.id().into());
        let refused = world.execute(world.call(), delete(&alfreds)).await.unwrap_err();
        assert_eq!(refused.code, "in_use");
        world.end().await;
    });
}

#[test]
fn an_undo_that_someone_stands_in_the_way_of_says_so_before() {
    everywhere(services, async |world| {
        let alfreds =
            run(&world, under(&world, SET), create("shop.customer", customer("Alfreds", "A")))
                .await;
        run(&world, world.call(), create("depot.crate", of(alfreds.id()))).await;
        world.settle().await;
        for preview in [true, false] {
            let undone = undo(&world, "shop", preview).await;
            let [(id, why)] = undone.conflicts.as_slice() else { panic!("{undone:?}") };
            assert_eq!(*id, alfreds.public_id());
            assert!(why.contains("1 of depot.crate use it as owner"), "{why}");
        }
        world.end().await;
    });
}
