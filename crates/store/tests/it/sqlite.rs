//! What only SQLite can get wrong: the group commit, the file, its migrations.

use crate::ground::{self, Ground, ORG, OTHER, Signer, Thing};
use crate::{linked, lowering, suite};
use async_trait::async_trait;
use kernel::log::verify::Verifier;
use kernel::ports::{Attempt, InsideError, Placement, Store, StoreError};
use kernel::{Call, Command, Declare, Entity, Field, Input, Kind, List, Problem, Verb};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::sqlite::offline::OfflineFile;
use store::sqlite::{Options, SqliteFile};
use testkit::rounds::{EXPRESSIONS_SQLITE, LINKS_SQLITE};
use types::Uuid;

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("store-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("org.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct On(Arc<SqliteFile>);

#[async_trait]
impl Placement for On {
    async fn store(&self, org: Uuid, service: &str) -> Result<Arc<dyn Store>, Problem> {
        self.0.store(org, service).map_err(kernel::write::store_problem)
    }
}

fn open_with(
    path: &Path,
    entities: Vec<Arc<Entity>>,
    signer: Arc<Signer>,
) -> Result<Arc<SqliteFile>, StoreError> {
    SqliteFile::open(path, Options { entities, signer })
}

fn open(path: &Path) -> (Arc<SqliteFile>, Ground) {
    let file = open_with(path, ground::service().entities, ground::signer()).unwrap();
    (file.clone(), Ground::new(Arc::new(On(file))))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_of_every_database_passes() {
    let folders: std::cell::RefCell<Vec<Folder>> = Default::default();
    suite::all(|| {
        let folder = Folder::new();
        let ground = open(&folder.file()).1;
        folders.borrow_mut().push(folder);
        async { ground }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_selects_what_the_interpreter_selects() {
    let folder = Folder::new();
    lowering::sql_and_interpreter_agree(&open(&folder.file()).1, &EXPRESSIONS_SQLITE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_there_after_a_restart_and_the_log_goes_on() {
    let folder = Folder::new();
    for round in 1..=3u64 {
        let (file, ground) = open(&folder.file());
        assert_eq!(ground.names(ORG, List::default()).await.len() as u64, (round - 1) * 20);
        let made = (0..20).map(|_| ground.thing(ORG, "kept"));
        futures::future::join_all(made).await;
        ground.thing(OTHER, "other").await;
        suite::check_log(&ground, ORG, round * 20).await;
        suite::check_log(&ground, OTHER, round).await;
        assert!(file.is_idle());
        assert_eq!(file.logs().len(), 2);
        drop((file, ground));
        let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().collect();
        assert_eq!(left.len(), 1, "a closed file is one file: {left:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_runs_on_the_writers_thread_reads_lists_of_other_services() {
    let folder = Folder::new();
    let (_file, ground) = open(&folder.file());
    let ground = Arc::new(ground);
    ground.thing(ORG, "stone").await;
    let store = ground.store(ORG).await;
    let (tell, told) = std::sync::mpsc::channel();
    let attempt: Attempt = Box::new(move |_| {
        let (ground, tell) = (ground.clone(), tell.clone());
        Box::pin(async move {
            tell.send(ground.names(ORG, List::default()).await).unwrap();
            Err(Problem::not_found("thing"))
        })
    });
    let done = store.commit_inside(Vec::new(), attempt).await;
    assert!(matches!(done, Err(InsideError::Refused(_))), "{done:?}");
    assert_eq!(told.recv().unwrap(), ["stone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_command_takes_nothing_from_the_others_of_its_batch() {
    let folder = Folder::new();
    let (_file, ground) = open(&folder.file());
    let made = (0..200).map(|n| {
        let input = Input::new().set("name", "n").set("code", format!("C{}", n / 2));
        ground.create(ORG, "thing", input)
    });
    let answers = futures::future::join_all(made).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 100);
    for problem in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert_eq!(problem.code, "already_exists");
    }
    suite::check_log(&ground, ORG, 100).await;
    let found = ground.names(ORG, List { text: "n".into(), ..List::default() }).await;
    assert_eq!(found.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_file_verifies_and_a_touched_one_does_not() {
    let folder = Folder::new();
    let signer = ground::signer();
    {
        let entities = ground::service().entities;
        let file = open_with(&folder.file(), entities, signer.clone()).unwrap();
        let ground = Ground::new(Arc::new(On(file)));
        futures::future::join_all((0..300).map(|_| ground.thing(ORG, "x"))).await;
    }
    let verify = || {
        let file = OfflineFile::open(&folder.file()).unwrap();
        assert_eq!(file.integrity().unwrap(), Vec::<String>::new());
        let logs = file.logs().unwrap();
        let [log] = logs.as_slice() else { panic!("{logs:?}") };
        let heads = signer.heads.lock().unwrap();
        let mut verifier =
            Verifier::new(log.org, &log.service, ground::keys().public_key(), &heads);
        file.events(log, |entry| verifier.entry(entry)).unwrap();
        assert!(verifier.size() >= 299);
        verifier.finish(file.head(log).unwrap().as_ref())
    };
    assert_eq!(verify(), []);
    let raw = rusqlite::Connection::open(folder.file()).unwrap();
    raw.execute("DELETE FROM _event WHERE place = (SELECT max(place) FROM _event)", []).unwrap();
    drop(raw);
    assert_eq!(verify()[0].code, "cut_off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_newer_program_and_what_is_no_file_are_refused() {
    let folder = Folder::new();
    drop(open(&folder.file()));
    let raw = rusqlite::Connection::open(folder.file()).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    drop(raw);
    let refused = open_with(&folder.file(), vec![], ground::signer()).err();
    assert!(matches!(refused, Some(StoreError::Newer(_))), "{refused:?}");
    std::fs::write(folder.file(), [b'x'; 8192]).unwrap();
    let refused = open_with(&folder.file(), vec![], ground::signer()).err();
    assert!(matches!(refused, Some(StoreError::Corrupt(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_got_over_and_reads_go_on() {
    let folder = Folder::new();
    let (file, ground) = open(&folder.file());
    let kept = ground.thing(ORG, "kept").await;
    let big = "x".repeat(9_000);
    let fill = |n: usize| {
        let input = Input::new().set("name", format!("n{n}")).set("notes", big.clone());
        ground.create(ORG, "thing", input)
    };
    file.limit_pages(Some(10)).await.unwrap();
    let mut refused = None;
    for n in 0..200 {
        if let Err(problem) = fill(n).await {
            refused = Some((n, problem));
            break;
        }
    }
    let (made, problem) = refused.expect("the file has no room for 200 records");
    assert_eq!(problem.code, "storage_full");
    assert_eq!(ground.get(ORG, &kept).await.unwrap(), kept);
    suite::check_log(&ground, ORG, made as u64 + 1).await;
    file.limit_pages(None).await.unwrap();
    fill(made).await.unwrap();
    suite::check_log(&ground, ORG, made as u64 + 2).await;
}

/// The thing in a later release: another scale, a field less, one more, one more index.
struct LaterThing;

impl Declare for LaterThing {
    fn entity() -> Entity {
        let mut entity = Thing::entity();
        let keep = |field: &&Field| field.name != "span";
        let fields: Vec<Field> =
            entity.fields.iter().skip(kernel::schema::slot::FIRST).filter(keep).cloned().collect();
        entity = Entity::new("yard", "thing", "things", "thi");
        for mut field in fields {
            match field.name.as_str() {
                "coarse" => field.kind = Kind::Decimal { scale: 3 },
                "plain" => field.indexed = true,
                _ => {}
            }
            entity = entity.field(field);
        }
        entity.field(Field::new("added", Kind::Money, "New.")).title("name")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_entity_keeps_its_values_and_its_order() {
    let folder = Folder::new();
    let names = ["ö", "o", "z", "Ä"];
    {
        let (_file, ground) = open(&folder.file());
        for name in names {
            let input = Input::new()
                .set("name", name)
                .set("plain", name)
                .set("coarse", types::Decimal::new(125, 2));
            ground.create(ORG, "thing", input).await.unwrap();
        }
    }
    let copies = || -> Vec<PathBuf> {
        let all = std::fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().path());
        all.filter(|path| path.extension().is_some_and(|end| end == "backup")).collect()
    };
    assert_eq!(copies(), Vec::<PathBuf>::new(), "the first start changes nothing that there was");
    // A migration that was killed after one chunk: the new column is there, one row is copied.
    let raw = rusqlite::Connection::open(folder.file()).unwrap();
    raw.execute_batch(
        "ALTER TABLE \"yard.thing\" ADD COLUMN \"coarse__new\" INTEGER;
         UPDATE \"yard.thing\" SET coarse__new = coarse * 10 WHERE _row = 1;
         INSERT INTO _meta VALUES ('copied yard.thing.coarse__new', '1');",
    )
    .unwrap();
    drop(raw);
    let entities: Vec<Arc<Entity>> = ground::service()
        .entities
        .into_iter()
        .map(|entity| if entity.name == "thing" { Arc::new(LaterThing::entity()) } else { entity })
        .collect();
    for _ in 0..2 {
        let file = open_with(&folder.file(), entities.clone(), ground::signer()).unwrap();
        let store = file.store(ORG, "yard").unwrap();
        let thing = entities.iter().find(|entity| entity.name == "thing").unwrap();
        let order = vec![kernel::ports::OrderKey {
            hop: None,
            slot: thing.slot("plain").unwrap(),
            descending: false,
        }];
        let plan = kernel::ports::ListPlan {
            entity: thing.clone(),
            predicates: vec![],
            tokens: vec![],
            through: Vec::new(),
            order,
            after: None,
            skip: 0,
            limit: 10,
            lines: false,
        };
        let found = store.snapshot().await.unwrap().list(&plan).await.unwrap();
        let texts: Vec<&str> = found.iter().filter_map(|r| r.get("name").as_text()).collect();
        assert_eq!(texts, ["Ä", "o", "ö", "z"]);
        let coarse = types::Value::Decimal(types::Decimal::new(125, 2));
        assert!(found.iter().all(|record| *record.get("coarse") == coarse));
    }
    // The file as it was lies beside it, once, and opens with what the earlier program declared.
    let [copy] = copies().try_into().unwrap();
    let (_copy, before) = open(&copy);
    let found = before.names(ORG, List::default()).await;
    assert_eq!(found.len(), names.len());
    // What does not fit a smaller scale is refused, and nothing is lost.
    let mut less = LaterThing::entity();
    let slot = less.slot("coarse").unwrap();
    less.fields[slot].kind = Kind::Decimal { scale: 1 };
    let refused = open_with(&folder.file(), vec![Arc::new(less)], ground::signer()).err();
    assert!(matches!(refused, Some(StoreError::Internal(_))), "{refused:?}");
    drop(open_with(&folder.file(), entities, ground::signer()).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_reads_through_links_what_the_interpreter_is_given() {
    let folder = Folder::new();
    linked::sql_and_interpreter_agree(&open(&folder.file()).1, &LINKS_SQLITE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_an_open_file_is_a_whole_one() {
    let folder = Folder::new();
    let (file, ground) = open(&folder.file());
    ground.thing(ORG, "copied").await;
    let target = folder.0.join("copy.db");
    file.copy_to(&target).unwrap();
    let (_copy, other) = open(&target);
    assert_eq!(other.names(ORG, List::default()).await, ["copied"]);
    let command = Command {
        entity: "yard.thing".into(),
        verb: Verb::Create,
        input: Input::new().set("name", "only in the copy"),
    };
    other.runtime.execute(&Call::system(ORG, "test"), &command).await.unwrap();
    suite::check_log(&other, ORG, 2).await;
    suite::check_log(&ground, ORG, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_elsewhere_and_fields_behind_links_are_found_through_indexes() {
    let folder = Folder::new();
    let (_file, ground) = open(&folder.file());
    ground.thing(ORG, "thing").await;
    let raw = rusqlite::Connection::open(folder.file()).unwrap();
    let read = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    let number = "SELECT number FROM _entity WHERE name = 'yard.thing'";
    let number = raw.query_row(number, [], read).unwrap();
    let by_key = "j1 USING PRIMARY KEY (org=? AND entity=? AND name=? AND key=?)";
    for (filter, expected) in [
        ("external_ids.old == '1'", [by_key, "(_org=? AND id=?)"]),
        ("external_ids.old in ['1', '2']", [by_key, "(_org=? AND id=?)"]),
        (
            "parent.count == 3",
            ["yard.thing__count__order", "thing__parent__order (_org=? AND parent=?)"],
        ),
        ("parent.name in ['a']", ["thing__parent__order (_org=? AND parent=?)", "j1"]),
        (
            "parent.name == 'a'",
            ["yard.thing__name__order", "thing__parent__order (_org=? AND parent=?)"],
        ),
    ] {
        let sql = linked::statement(&ground, filter, store::sql::Dialect::Sqlite, number);
        let mut explain = raw.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.text)).unwrap();
        let binds = rusqlite::params_from_iter(&sql.binds);
        let steps = explain.query_map(binds, |row| row.get::<_, String>(3)).unwrap();
        let plan = steps.collect::<Result<Vec<_>, _>>().unwrap().join("\n");
        for step in expected {
            assert!(plan.contains(step), "{filter}: {step}\n{plan}");
        }
    }
}
