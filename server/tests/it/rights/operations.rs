//! The operations of the API whose rights no test exercises: a committed list that only shrinks.

use contracts::users::{AddMember, CreateUser};
use contracts::{SYSTEM_ORG, call};
use kernel::Call;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use testkit::conformance::{Hand, operations_obey_rights};
use testkit::world::{World, on_sqlite};
use types::{Uuid, Value};

/// Where the list is, from the root of the project.
const LIST: &str = "docs/rights-untested.txt";

/// What the schemas do not tell; the services' own tests of conformance give the reasons at length.
const HANDS: &[Hand] = &[
    Hand {
        values: |_| vec![("kind", "adjustment".into())],
        ..Hand::new("operations.stock_move", "the sign of a quantity must fit the kind")
    },
    Hand {
        values: |number| vec![("name", format!("role_{number}").into())],
        ..Hand::new("users.role", "a role is named in snake case")
    },
    Hand {
        values: |number| {
            let everything = ["subject", "verb"].map(|field| (field, Value::from("*")));
            let nothing = ["condition", "hidden", "read_only"].map(|field| (field, Value::Null));
            let role = [("role", Value::from(format!("role_{number}")))];
            role.into_iter().chain(everything).chain(nothing).collect()
        },
        ..Hand::new("users.grant", "a grant names what exists")
    },
    Hand { values: an_owner, ..Hand::new("platform.saved_view", "it is a member's") },
    Hand { values: an_owner, ..Hand::new("platform.favourite", "it is a member's") },
    Hand { values: an_owner, ..Hand::new("platform.preference", "a member has one") },
    Hand { by_platform: true, ..Hand::new("platform.job", "only the platform makes jobs") },
    Hand { by_platform: true, ..Hand::new("platform.import", "only the platform makes imports") },
    Hand {
        by_platform: true,
        ..Hand::new("platform.change_set", "an undo needs something to take back")
    },
];

/// How many members the organisation has: more than preferences are made.
const MEMBERS: usize = 64;

/// The members of the world at hand, whom the test makes first.
static OWNERS: Mutex<Vec<Uuid>> = Mutex::new(Vec::new());

/// A member as the owner of a record.
fn an_owner(number: u64) -> Vec<(&'static str, Value)> {
    let owners = OWNERS.lock().unwrap();
    vec![("owner", owners[number as usize % owners.len()].into())]
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The operations of the description, by their ids.
fn described() -> BTreeSet<String> {
    let document = gateway::openapi(&server::wiring::registry(), "0");
    let paths = document["paths"].as_object().unwrap();
    let items = paths.values().flat_map(|item| item.as_object().unwrap().values());
    items.filter_map(|one| one["operationId"].as_str()).map(str::to_owned).collect()
}

fn lines(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// The list as the last commit has it; none where this is no clone or the list is new.
fn committed() -> Option<BTreeSet<String>> {
    let mut git = Command::new("git");
    git.arg("-C").arg(root()).arg("show").arg(format!("HEAD:{LIST}"));
    let shown = git.output().ok()?;
    shown.status.success().then(|| lines(&String::from_utf8_lossy(&shown.stdout)))
}

/// Makes the members of the organisation.
async fn members(world: &World) -> Vec<Uuid> {
    let system = || Call::system(SYSTEM_ORG, "a test");
    let mut members = Vec::new();
    for number in 0..MEMBERS {
        let (email, name) = (format!("{number}@example.org"), format!("Member {number}"));
        let request = CreateUser { email, name, locale: None };
        let user = call::<CreateUser>(&*world.peers, system(), &request).await.unwrap().id;
        let request = AddMember { user, org: world.org, roles: Vec::new(), companies: None };
        call::<AddMember>(&*world.peers, system(), &request).await.unwrap();
        members.push(user);
    }
    members
}

#[test]
fn every_operation_has_a_test_of_its_rights_or_stands_on_a_list_that_shrinks() {
    let at_the_edge = super::edge::exercised();
    on_sqlite(server::wiring::services, async |world| {
        let made = members(&world).await;
        *OWNERS.lock().unwrap() = made;
        let mut tested = operations_obey_rights(&world, HANDS).await;
        tested.extend(at_the_edge.iter().cloned());
        // Search has tests of its own, over the same cells.
        tested.insert("search".to_owned());
        let described = described();
        let unknown: Vec<&String> = tested.difference(&described).collect();
        assert!(unknown.is_empty(), "tested, and not in the description: {unknown:?}");
        let untested: BTreeSet<String> = described.difference(&tested).cloned().collect();
        let listed = lines(&std::fs::read_to_string(root().join(LIST)).unwrap_or_default());
        let missing: Vec<&String> = untested.difference(&listed).collect();
        assert!(
            missing.is_empty(),
            "these operations need a test of their rights (the list only shrinks): {missing:#?}"
        );
        let stale: Vec<&String> = listed.difference(&untested).collect();
        assert!(stale.is_empty(), "take these off {LIST}, they are tested or gone: {stale:#?}");
        if let Some(committed) = committed() {
            let added: Vec<&String> = listed.difference(&committed).collect();
            assert!(added.is_empty(), "{LIST} only shrinks, and these are new: {added:#?}");
        }
        println!("checks: {}, {} operations untested", described.len(), untested.len());
        world.end().await;
    });
}
