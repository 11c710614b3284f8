//! Exports: the rights of who asks, formulas, columns, pages.

mod common;

use async_trait::async_trait;
use common::*;
use exchange::export::{Export, Format, Pages, Sink, Titles, export};
use exchange::peers::Asking;
use exchange::source;
use kernel::command::{Answer, List, Query};
use kernel::service::{Peers, Registry};
use kernel::{Call, Command, Page, Problem, Record, View};
use std::io;
use std::sync::{Arc, Mutex};
use types::{Currency, Money, Uuid, Value};

/// Pages in memory, and how many of them were taken when bytes came.
struct Some(Vec<Page>);

#[async_trait]
impl Pages for Some {
    async fn next(&mut self) -> Result<Option<Page>, Problem> {
        Ok((!self.0.is_empty()).then(|| self.0.remove(0)))
    }
}

struct Named(Vec<(Uuid, String)>);

#[async_trait]
impl Titles for Named {
    async fn titles(&self, _: &str, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Problem> {
        Ok(self.0.iter().filter(|(id, _)| ids.contains(id)).cloned().collect())
    }
}

/// Counts how often bytes come.
#[derive(Default)]
struct Parts(Vec<usize>);

#[async_trait]
impl Sink for Parts {
    async fn take(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.0.push(bytes.len());
        Ok(())
    }
}

fn view(record: Record, hidden: &[&str]) -> View {
    let names = record.entity.fields.iter().map(|field| field.name.as_str());
    let readable: Arc<[bool]> = names.map(|name| !hidden.contains(&name)).collect();
    View { record, readable, lines: Default::default(), replayed: false }
}

fn customer(registry: &Registry, no: u128, name: &str) -> Record {
    let mut record = Record::empty(registry.get("operations.customer").unwrap().clone());
    record.set("id", Uuid::from_u128(no));
    record.set("version", Value::Int(1));
    record.set("name", name);
    record
}

fn what(registry: &Registry, entity: &str, format: Format, fields: &[&str]) -> Export {
    Export {
        entity: registry.get(entity).unwrap().clone(),
        format,
        fields: fields.iter().map(|name| (*name).to_owned()).collect(),
        lines: None,
    }
}

async fn written(what: &Export, items: Vec<View>, titles: &[(Uuid, &str)]) -> Vec<u8> {
    let named = Named(titles.iter().map(|(id, title)| (*id, (*title).to_owned())).collect());
    let count = items.len() as u64;
    let mut pages = Some(vec![Page { items, ..Page::default() }]);
    let mut out = Vec::new();
    let done = export(what, &registry(), &mut pages, &named, &mut out).await.unwrap();
    assert_eq!(done, count);
    out
}

#[tokio::test]
async fn a_table_has_a_column_for_every_part_of_a_value() {
    let registry = registry();
    let mut north = customer(&registry, 1, "North, \"Ltd\"\nBerlin");
    north.set("phone", "+49 30 1");
    north.set("credit_limit", Money { minor: -123450, currency: Currency::EUR });
    north.set("address", Value::Json(r#"{"city":"=Ulm","country":"DE"}"#.to_owned()));
    north.set("active", true);
    north.set("external_ids", Value::Json(r#"{"shop":"1"}"#.to_owned()));
    let fields = ["id", "name", "phone", "credit_limit", "address", "active", "external_ids"];
    let csv = what(&registry, "operations.customer", Format::Csv, &fields);
    let text = String::from_utf8(written(&csv, vec![view(north, &[])], &[]).await).unwrap();
    assert_eq!(
        text,
        "\u{feff}id,name,phone,credit_limit,credit_limit_currency,address.street,address.city,\
         address.region,address.postal_code,address.country,active,external_ids\r\n\
         cus_00000000000000000000000001,\"North, \"\"Ltd\"\"\nBerlin\",'+49 30 1,-1234.50,EUR,,\
         '=Ulm,,,DE,true,\"{\"\"shop\"\":\"\"1\"\"}\"\r\n"
    );
}

#[tokio::test]
async fn what_the_actor_may_not_read_is_no_column_and_no_cell() {
    let registry = registry();
    let one = view(customer(&registry, 1, "secret"), &["name", "phone"]);
    for format in [Format::Csv, Format::JsonLines] {
        let all = what(&registry, "operations.customer", format, &[]);
        let text = String::from_utf8(written(&all, vec![one.clone()], &[]).await).unwrap();
        assert!(!text.contains("secret") && !text.contains("phone"), "{text}");
        assert!(text.contains("fax") && text.contains("cus_"), "{text}");
    }
    let named = what(&registry, "operations.customer", Format::Csv, &["id", "name"]);
    let text = String::from_utf8(written(&named, vec![one], &[]).await).unwrap();
    assert_eq!(text, "\u{feff}id\r\ncus_00000000000000000000000001\r\n");
}

#[tokio::test]
async fn a_link_is_its_title_and_its_id_and_lines_are_rows_of_their_own() {
    let registry = registry();
    let (nut, oat, buyer) = (Uuid::from_u128(7), Uuid::from_u128(8), Uuid::from_u128(9));
    let child = registry.get("operations.sales_order_line").unwrap();
    let line = |item: Uuid, quantity: i64| {
        let mut row = Record::empty(child.clone());
        row.set("item", item);
        row.set("quantity", types::Decimal::from(quantity));
        row.values
    };
    let mut order = Record::empty(registry.get("operations.sales_order").unwrap().clone());
    order.set("id", Uuid::from_u128(1));
    order.set("number", "=SO");
    order.set("customer", buyer);
    order.set("lines", Value::Rows(vec![line(nut, 2), line(oat, 3)]));
    let mut csv = what(&registry, "operations.sales_order", Format::Csv, &["number", "customer"]);
    let titles = [(nut, "Nut"), (buyer, "@North")];
    let items = vec![view(order.clone(), &[])];
    let text = String::from_utf8(written(&csv, items.clone(), &titles).await).unwrap();
    assert_eq!(
        text,
        "\u{feff}number,customer,customer_id\r\n'=SO,'@North,cus_00000000000000000000000009\r\n"
    );
    csv.lines = Option::Some("lines".to_owned());
    let text = String::from_utf8(written(&csv, items, &titles).await).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[0].contains(",lines.item,lines.item_id,lines.description,lines.quantity"));
    assert!(rows[1].starts_with("'=SO,'@North,") && rows[1].contains(",Nut,itm_"));
    assert!(rows[2].contains(",,itm_00000000000000000000000008,,3"));
    csv.lines = Option::Some("customer".to_owned());
    let mut none = Some(Vec::new());
    let refused = export(&csv, &registry, &mut none, &Named(vec![]), &mut Vec::new()).await;
    assert!(refused.unwrap_err().to_string().contains("not a field of lines"));
}

#[tokio::test]
async fn a_workbook_holds_texts_as_texts_and_numbers_as_numbers() {
    let registry = registry();
    let mut one = customer(&registry, 1, "=1+1");
    one.set("credit_limit", Money { minor: 1050, currency: Currency::EUR });
    let mut two = customer(&registry, 2, &"x".repeat(40_000));
    two.set("credit_limit", Money { minor: 12345678901234567, currency: Currency::EUR });
    let fields = ["id", "name", "credit_limit"];
    let book = what(&registry, "operations.customer", Format::Xlsx, &fields);
    let bytes = written(&book, vec![view(one, &[]), view(two, &[])], &[]).await;
    let path = std::env::temp_dir().join(format!("exchange-export-{}.xlsx", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let table = source::open(&path, &source::Format::default()).unwrap();
    assert_eq!(table.columns, ["id", "name", "credit_limit", "credit_limit_currency"]);
    let rows: Vec<Vec<String>> = table.map(|row| row.unwrap().cells).collect();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(rows[0][1..], ["=1+1", "10.5", "EUR"]);
    assert_eq!((rows[1][1].chars().count(), rows[1][2].as_str()), (32_767, "123456789012345.67"));
}

#[tokio::test]
async fn pages_leave_as_they_come_and_no_page_makes_a_header_only() {
    let registry = registry();
    let csv = what(&registry, "operations.customer", Format::Csv, &["name"]);
    let page =
        |no| Page { items: vec![view(customer(&registry, no, "n"), &[])], ..Page::default() };
    let mut parts = Parts::default();
    let mut pages = Some((1..=4).map(page).collect());
    export(&csv, &registry, &mut pages, &Named(vec![]), &mut parts).await.unwrap();
    assert_eq!(parts.0, [3 + 6 + 3, 3, 3, 3]);
    assert_eq!(written(&csv, vec![], &[]).await, "\u{feff}name\r\n".as_bytes());
    let unknown = what(&registry, "operations.customer", Format::Csv, &["nam"]);
    let refused = export(&unknown, &registry, &mut pages, &Named(vec![]), &mut parts).await;
    assert!(refused.unwrap_err().to_string().contains("did you mean name?"));
}

#[tokio::test]
async fn what_was_exported_can_be_imported_again() {
    let folder = data("shop");
    let mapping = std::fs::read_to_string(folder.join("map.toml")).unwrap();
    let mapping = exchange::mapping::Mapping::parse(&mapping).unwrap();
    let memory = Memory::new();
    import(&memory, &mapping, &folder, &(), false).await.0.unwrap();
    let registry = registry();
    let out = std::env::temp_dir().join(format!("exchange-again-{}", std::process::id()));
    std::fs::create_dir_all(&out).unwrap();
    for format in [Format::Csv, Format::Xlsx, Format::JsonLines] {
        let items = memory.all("operations.customer");
        let items: Vec<View> = items.into_iter().map(|record| view(record, &[])).collect();
        let all = what(&registry, "operations.customer", format, &[]);
        let path = out.join(format!("customers.{}", format.extension()));
        std::fs::write(&path, written(&all, items, &[]).await).unwrap();
        let again = exchange::mapping::Mapping::parse(
            "name = \"again\"\n[[step]]\nfile = \"customers.csv\"\nentity = \"operations.customer\"\n\
             key = \"id\"\nmatch = \"code\"\n[step.fields]\ncode = \"code\"\nname = \"name\"\n\
             [step.fields.address]\nstreet = \"address.street\"\ncountry = \"address.country\"\n",
        );
        let dry = import(&memory, &again.unwrap(), &path, &(), true).await;
        // Only the new key differs.
        assert_eq!((counts(&dry.0.unwrap()), dry.1.refused.len()), ([0, 2, 0, 0], 0), "{format:?}");
    }
}

/// Services that remember what they were asked.
#[derive(Default)]
struct Asked(Mutex<Vec<Query>>);

#[async_trait]
impl Peers for Asked {
    async fn execute(&self, _: Call, _: Command) -> Result<Answer, Problem> {
        Err(Problem::internal("not asked for here"))
    }
    async fn ask(&self, service: &str, _: Call, query: Query) -> Result<Answer, Problem> {
        assert_eq!(service, "operations");
        let registry = registry();
        self.0.lock().unwrap().push(query.clone());
        let record = |no, name: &str| {
            let mut record = customer(&registry, no, name);
            record.set("code", name);
            view(record, &[])
        };
        Ok(match query {
            Query::External { keys, .. } => Answer::Keyed(vec![(keys[0].clone(), record(1, "a"))]),
            Query::List(list) if list.page_token.is_empty() && list.filter.is_empty() => {
                let next_page_token = "next".to_owned();
                Answer::Page(Page {
                    items: vec![record(1, "a")],
                    next_page_token,
                    total_size: None,
                })
            }
            _ => Answer::Page(Page { items: vec![record(2, "b")], ..Page::default() }),
        })
    }
    async fn execute_all(
        &self,
        _: &str,
        _: Call,
        _: Vec<Command>,
        _: &str,
        _: bool,
    ) -> Result<Vec<Result<Answer, Problem>>, Problem> {
        Err(Problem::internal("not asked for here"))
    }
    async fn undo(
        &self,
        _: &str,
        _: Call,
        _: Uuid,
        _: bool,
    ) -> Result<kernel::write::undo::Undone, Problem> {
        Err(Problem::internal("not asked for here"))
    }
    async fn contract(&self, _: &str, _: &str, _: Call, _: Vec<u8>) -> Result<Vec<u8>, Problem> {
        Err(Problem::internal("not asked for here"))
    }
}

#[tokio::test]
async fn services_are_asked_in_questions_that_they_take() {
    let asked = Arc::new(Asked::default());
    let asking = Asking {
        peers: asked.clone(),
        registry: Arc::new(registry()),
        call: Call::system(Uuid::nil(), "test"),
        system: None,
    };
    let entity = "operations.customer";
    let keys = ["k".to_owned()];
    assert_eq!(asking.by_external(entity, "shop", &keys).await.unwrap()[0].0, "k");
    let many: Vec<String> = (0..900).map(|no| format!("it's {no}")).collect();
    let found = asking.by_field(entity, "code", &many).await.unwrap();
    assert!(found.iter().all(|(code, _)| code == "b"));
    assert_eq!(asking.titles(entity, &[Uuid::from_u128(2)]).await.unwrap()[0].1, "b");
    assert_eq!(asking.titles("users.user", &[Uuid::nil()]).await.unwrap(), []);
    let mut pages = asking.pages(List { entity: entity.to_owned(), ..List::default() });
    let mut names = Vec::new();
    while let Option::Some(page) = pages.next().await.unwrap() {
        names.extend(page.items.iter().map(|one| one.record.id().as_u128()));
    }
    assert_eq!(names, [1, 2]);
    for query in asked.0.lock().unwrap().iter() {
        if let Query::List(list) = query {
            assert!(list.filter.len() < 8 * 1024, "{}", list.filter.len());
        }
    }
}
