//! Imports as their workers keep them.

use contracts::platform::{BeginImport, BegunImport, Counts, CreateOrg, EndImport, ReportImport};
use kernel::Problem;
use testkit::world::{World, everywhere};
use types::Uuid;

async fn begin(world: &World, org: Uuid, content: &str) -> BegunImport {
    let request = BeginImport {
        org,
        title: "Import of rows".to_owned(),
        source: Some("rows".to_owned()),
        key: "rows by rows".to_owned(),
        content: content.to_owned(),
        rows: Some(10),
    };
    world.contract::<BeginImport>(&request).await.unwrap()
}

async fn report(
    world: &World,
    org: Uuid,
    begun: &BegunImport,
    version: u64,
) -> Result<u64, Problem> {
    let counts = Counts { read: 5, created: 4, refused: 1, ..Counts::default() };
    let progress = "{\"rows\":5}".to_owned();
    let request = ReportImport { org, import: begun.import, version, progress, counts };
    world.contract::<ReportImport>(&request).await
}

#[test]
fn an_import_that_was_cut_off_goes_on_and_one_whose_content_changed_begins_anew() {
    everywhere(super::services, async |world| {
        let org = world.contract::<CreateOrg>(&super::northwind()).await.unwrap().id;
        let first = begin(&world, org, "a").await;
        assert_eq!((first.goes_on, &first.progress, first.changed), (false, &None, None));
        let version = report(&world, org, &first, first.version).await.unwrap();

        let again = begin(&world, org, "a").await;
        let expected = BegunImport {
            version,
            goes_on: true,
            progress: Some("{\"rows\":5}".to_owned()),
            ..first.clone()
        };
        assert_eq!(again, expected);
        report(&world, org, &again, again.version).await.unwrap();
        let late = report(&world, org, &first, version).await.unwrap_err();
        assert_eq!(late.code, "import_taken_over");

        let changed = begin(&world, org, "b").await;
        assert_eq!((changed.goes_on, changed.changed), (false, Some(first.change_set)));
        assert_ne!(changed.change_set, first.change_set);

        let counts = Counts { read: 1, created: 1, ..Counts::default() };
        for _ in 0..2 {
            let end =
                EndImport { org, import: changed.import, counts, error: None, cancelled: false };
            world.contract::<EndImport>(&end).await.unwrap();
        }
        let anew = begin(&world, org, "b").await;
        assert_eq!((anew.goes_on, anew.changed), (false, None), "what is done is not gone on with");
        world.end().await;
    });
}
