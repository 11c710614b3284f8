//! The story of a company that comes from another system over two services, and is taken back whole:
//! on both databases, plain and over bytes.

use contracts::platform::{ChangeSetKind, CloseChangeSet, Counts, CreateOrg, OpenChangeSet, Undo};
use exchange::carrying::Carrying;
use exchange::peers::Asking;
use exchange::pipeline::{self, Observer, Reason, Refused};
use exchange::ready;
use kernel::command::{List, Query};
use kernel::service::Undone;
use kernel::{Answer, Call};
use std::path::{Path, PathBuf};
use testkit::world::{World, everywhere};
use types::Uuid;

/// What a company has, of both services.
const KINDS: [&str; 5] = [
    "operations.sales_order",
    "operations.customer",
    "operations.item",
    "operations.supplier",
    "hr.employee",
];

/// Small data in the shape of Northwind, of the project's own making.
fn small() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/exchange/tests/data/northwind")
}

/// An organisation, and a call by its administrator.
async fn company(world: &World) -> Call {
    let request = CreateOrg {
        slug: "northwind".to_owned(),
        name: "Northwind Traders".to_owned(),
        country: None,
        currency: Some("USD".to_owned()),
        zone: None,
        placement: None,
    };
    let made = world.contract::<CreateOrg>(&request).await.unwrap();
    world.settle().await;
    Call { org: made.id, ..world.call() }
}

/// The call under a request id of its own.
fn fresh(world: &World, call: &Call) -> Call {
    Call { request_id: world.call().request_id, ..call.clone() }
}

#[derive(Default)]
struct Seen(Vec<Reason>);

impl Observer for Seen {
    fn refused(&mut self, refused: &Refused) -> std::io::Result<()> {
        self.0.extend(refused.reasons.iter().cloned());
        Ok(())
    }
}

/// Brings the folder in as one change set; the set, and what the import came to.
async fn import(world: &World, call: &Call, folder: &Path) -> (Uuid, pipeline::Counts) {
    let request = OpenChangeSet {
        org: call.org,
        title: "Northwind".to_owned(),
        kind: ChangeSetKind::Import,
        source: Some("northwind".to_owned()),
    };
    let set = contracts::call::<OpenChangeSet>(&*world.peers, fresh(world, call), &request);
    let set = set.await.unwrap();
    let asking = Asking {
        peers: world.peers.clone(),
        registry: world.registry.clone(),
        call: Call { change_set: Some(set), ..fresh(world, call) },
        system: None,
    };
    let import = pipeline::Import {
        mapping: &ready::named("northwind").unwrap(),
        source: folder,
        registry: &world.registry,
        executor: &Carrying { asking },
        journal: &(),
        context: pipeline::Context::new(world.source.clock.now(), "UTC", Vec::new()),
        dry_run: false,
        rows: None,
    };
    let mut seen = Seen::default();
    let total = import.run(&mut seen).await.unwrap().total;
    assert!(seen.0.is_empty(), "{:?}", seen.0);
    let pipeline::Counts { read, created, updated, unchanged, refused, .. } = total;
    let counts = Counts { read, created, updated, unchanged, refused };
    let request = CloseChangeSet { org: call.org, change_set: set, counts };
    let closed = contracts::call::<CloseChangeSet>(&*world.peers, fresh(world, call), &request);
    closed.await.unwrap();
    world.settle().await;
    (set, total)
}

/// How many records there are of each kind.
async fn counted(world: &World, call: &Call) -> [u64; KINDS.len()] {
    let mut counts = [0; KINDS.len()];
    for (count, kind) in counts.iter_mut().zip(KINDS) {
        let list = List { entity: kind.to_owned(), page_size: 1, count: true, ..List::default() };
        let answer = world.ask(fresh(world, call), Query::List(list)).await.unwrap();
        let Answer::Page(page) = answer else { panic!("a list answers a page") };
        *count = page.total_size.unwrap();
    }
    counts
}

async fn undo(world: &World, call: &Call, change_set: Uuid, preview: bool) -> Undone {
    let request = Undo { org: call.org, change_set, preview };
    let undone = contracts::call::<Undo>(&*world.peers, fresh(world, call), &request).await;
    world.settle().await;
    undone.unwrap()
}

/// A company comes, is taken back whole, and comes again.
fn comes_and_goes(folder: &Path, expected: [u64; KINDS.len()]) {
    everywhere(server::wiring::services, async |world| {
        let call = company(&world).await;
        let (set, total) = import(&world, &call, folder).await;
        assert_eq!((total.read, total.refused), (total.created, 0));
        assert_eq!(counted(&world, &call).await, expected);

        let preview = undo(&world, &call, set, true).await;
        assert_eq!((preview.undone, preview.conflicts.as_slice()), (total.created, &[][..]));
        assert_eq!(counted(&world, &call).await, expected, "a preview changes nothing");
        let undone = undo(&world, &call, set, false).await;
        assert_eq!((undone.undone, undone.conflicts.as_slice()), (total.created, &[][..]));
        assert_eq!(counted(&world, &call).await, [0; KINDS.len()]);

        // Nothing of it stands in the way of the same company.
        let (_, again) = import(&world, &call, folder).await;
        assert_eq!((again.created, again.refused), (total.created, 0));
        assert_eq!(counted(&world, &call).await, expected);
        world.end().await;
    });
}

#[test]
fn a_small_company_over_two_services_is_taken_back_whole() {
    comes_and_goes(&small(), [2, 2, 2, 1, 2]);
}
