//! What a body may be, and what answers look like.

use super::*;
use crate::field::Kind;
use crate::field::tests::World;
use crate::record::Record;
use proptest::prelude::*;
use types::{Currency, Date, Decimal, Instant, Money, Uuid, Value};

fn body(text: &str) -> Result<Input, Problem> {
    let world = World::new();
    read_body(&world.order(), text.as_bytes(), &world)
}

#[test]
fn a_body_is_read_with_all_its_problems_together() {
    let input = body(
        r#"{"customer": "cus_01h455vb4pex5vsknk084sn02q", "ordered_on": "soon", "custmer": 1, "state": "x",
            "number": "7", "pin": "1234", "lines": [{"quantity": "2"}, {"quantity": "two", "price": 1}],
            "note": null, "external_ids": {"northwind": "10248"}}"#,
    )
    .unwrap();
    let names: Vec<&str> = input.values.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["customer", "number", "pin", "note", "external_ids"]);
    let problems: Vec<_> =
        input.problems.iter().map(|p| (p.pointer.as_str(), p.code.as_str())).collect();
    assert_eq!(
        problems,
        [
            ("/ordered_on", "invalid_date"),
            ("/custmer", "unknown_field"),
            ("/state", "unknown_field"),
            ("/lines/1/quantity", "invalid_decimal"),
        ]
    );
    assert_eq!(input.problems[1].message, "is not a field of sales order; did you mean customer?");
}

#[test]
fn a_body_that_cannot_be_understood_is_refused_with_the_place() {
    let deep = format!("{{\"data\": {}{}}}", "[".repeat(200), "]".repeat(200));
    for (text, code, detail) in [
        ("", "malformed_json", "line 1"),
        ("{\n  \"note\": tru\n}", "malformed_json", "line 2, column 14"),
        ("{\"note\": \"a\",}", "malformed_json", "byte 13"),
        ("{\"note\": 1} x", "malformed_json", "byte 12"),
        ("{\"note\": \"a\nb\"", "malformed_json", "line 1"),
        ("\u{feff}{}", "malformed_json", "byte 0"),
        ("[]", "not_an_object", "a list"),
        ("\"x\"", "not_an_object", "a text"),
        ("null", "not_an_object", "null"),
        ("{\"note\":1,\"n\\u006fte\":2}", "duplicate_key", "\"note\""),
        (deep.as_str(), "too_deep", "byte 144"),
    ] {
        let problem = body(text).unwrap_err();
        assert_eq!((problem.kind.status(), problem.code.as_str()), (400, code), "{text}");
        assert!(problem.detail.contains(detail), "{text}: {}", problem.detail);
    }
    let world = World::new();
    let problem = read_body(&world.order(), b"{\"note\": \"\xff\"}", &world).unwrap_err();
    assert_eq!(
        (problem.code.as_str(), problem.detail.as_str()),
        ("invalid_utf8", "The body is not UTF-8 at byte 10.")
    );
}

#[test]
fn a_json_field_at_its_deepest_passes_the_body_too() {
    let data = format!("{}{}", "[".repeat(128), "]".repeat(128));
    let input = body(&format!("{{\"data\": {data}}}")).unwrap();
    assert_eq!(input.values, [("data".to_owned(), Value::Json(data.clone()))]);
    let input = body(&format!("{{\"data\": [{data}]}}")).unwrap();
    assert_eq!(input.problems[0].code, "too_deep");
}

fn order() -> View {
    let entity = World::new().order();
    let mut record = Record::empty(entity.clone());
    let id = |n| Value::Id(Uuid::from_u128(n));
    record.values[slot::ID] = id(1);
    record.values[slot::VERSION] = Value::Int(7);
    record.values[slot::COMPANY] = id(2);
    record.values[slot::NUMBER] = "SO-2026-00042".into();
    record.values[slot::CREATED_AT] = Instant::parse("2026-07-04T09:30:00Z").unwrap().into();
    record.values[slot::CREATED_BY] = id(3);
    record.values[slot::UPDATED_AT] = Instant::parse("2026-07-04T09:30:00.5Z").unwrap().into();
    record.values[slot::UPDATED_BY] = id(0);
    record.values[slot::EXTERNAL_IDS] = Value::Json(r#"{"northwind":"10248"}"#.into());
    record.set("customer", Uuid::from_u128(4));
    record.set("ordered_on", "2026-07-04".parse::<Date>().unwrap());
    record.set("total", Money { minor: 19_198, currency: Currency::EUR });
    record.set("note", "line\n\"two\"");
    record.set("pin", "1234");
    let mut line = vec![Value::Null; 15];
    line[slot::ID] = id(5);
    line[11] = id(6);
    line[12] = Decimal::new(12, 0).into();
    line[13] = Decimal::new(14, 0).into();
    line[14] = Money { minor: 15_960, currency: Currency::EUR }.into();
    record.set("lines", Value::Null);
    let lines = entity.slot("lines").unwrap();
    record.values[lines] = Value::Rows(vec![line]);
    let readable = (0..entity.fields.len()).map(|at| entity.shows(at)).collect();
    View { record, readable, lines: Default::default(), replayed: false }
}

const ORDER: &str = concat!(
    r#"{"id":"so_00000000000000000000000001","version":7,"number":"SO-2026-00042","#,
    r#""company":"com_00000000000000000000000002","customer":"cus_00000000000000000000000004","#,
    r#""ordered_on":"2026-07-04","lines":[{"id":"sol_00000000000000000000000005","#,
    r#""item":"itm_00000000000000000000000006","quantity":"12","price":"14.00","#,
    r#""amount":{"amount":"159.60","currency":"EUR"}}],"total":{"amount":"191.98","currency":"EUR"},"#,
    r#""note":"line\n\"two\"","data":null,"custom":{},"external_ids":{"northwind":"10248"},"#,
    r#""created_at":"2026-07-04T09:30:00.000000Z","created_by":"usr_00000000000000000000000003","#,
    r#""updated_at":"2026-07-04T09:30:00.500000Z","updated_by":null}"#
);

#[test]
fn a_record_is_written_in_the_order_of_the_conventions() {
    let (world, mut out) = (World::new(), String::new());
    write_view(&order(), &world, &mut out);
    assert_eq!(out, ORDER);
}

#[test]
fn what_the_actor_may_not_read_is_absent() {
    let (world, mut view) = (World::new(), order());
    let entity = view.record.entity.clone();
    let hidden = [entity.slot("total"), Some(slot::ID), entity.slot("pin")];
    view.readable = (0..entity.fields.len())
        .map(|at| entity.shows(at) && !hidden.contains(&Some(at)))
        .collect();
    let mut out = String::new();
    write_view(&view, &world, &mut out);
    assert!(
        out.starts_with("{\"version\":7,") && !out.contains("\"total\"") && !out.contains("1234")
    );
    view.readable = Arc::from(vec![false; entity.fields.len()]);
    out.clear();
    write_view(&view, &world, &mut out);
    assert_eq!(out, "{}");
}

#[test]
fn a_page_holds_its_records_and_the_way_on() {
    let (world, mut out) = (World::new(), String::new());
    let page =
        Page { items: vec![order(), order()], next_page_token: "abc".into(), total_size: Some(9) };
    write_page(&page, &world, &mut out);
    assert_eq!(
        out,
        format!("{{\"items\":[{ORDER},{ORDER}],\"next_page_token\":\"abc\",\"total_size\":9}}")
    );
    out.clear();
    write_page(&Page::default(), &world, &mut out);
    assert_eq!(out, r#"{"items":[],"next_page_token":""}"#);
}

#[test]
fn a_problem_is_written_as_the_standard_says() {
    let mut out = String::new();
    let errors = vec![FieldProblem::new("/lines/0/quantity", "required", "must be given")];
    write_problem(&Problem::invalid(errors), "req_1", &mut out);
    assert_eq!(
        out,
        concat!(
            r#"{"type":"about:blank","title":"Refused values","status":422,"#,
            r#""detail":"One value is refused: /lines/0/quantity must be given.","code":"invalid","#,
            r#""errors":[{"pointer":"/lines/0/quantity","code":"required","message":"must be given"}],"#,
            r#""request_id":"req_1"}"#
        )
    );
    out.clear();
    write_problem(&Problem::internal("disk /dev/sda1 broke"), "req_2", &mut out);
    assert!(out.contains("\"status\":500") && !out.contains("sda1"));
}

#[test]
fn what_is_written_can_be_sent_back_and_changes_nothing() {
    let world = World::new();
    let view = order();
    let input = read_body(&view.record.entity, ORDER.as_bytes(), &world).unwrap();
    assert_eq!(input.problems, []);
    for (name, value) in &input.values {
        let at = view.record.entity.slot(name).unwrap();
        let kept = &view.record.values[at];
        let nobody = at == slot::UPDATED_BY || at == slot::CUSTOM;
        assert!(nobody || kept == value, "{name}: {value:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let world = World::new();
        let _ = read_body(&world.order(), &bytes, &world);
    }

    #[test]
    fn no_broken_body_makes_the_reader_panic(at in 0..ORDER.len(), byte in any::<u8>(), cut in 0..ORDER.len()) {
        let world = World::new();
        let mut bytes = ORDER.as_bytes().to_vec();
        bytes[at] = byte;
        let _ = read_body(&world.order(), &bytes, &world);
        let problem = read_body(&world.order(), &ORDER.as_bytes()[..cut], &world).unwrap_err();
        prop_assert_eq!(problem.kind.status(), 400);
    }

    #[test]
    fn every_text_comes_back_as_it_was(text in "[^\u{0}]{0,100}") {
        let world = World::new();
        let entity = world.order();
        let mut view = order();
        view.record.set("note", text.as_str());
        let mut out = String::new();
        write_view(&view, &world, &mut out);
        let input = read_body(&entity, out.as_bytes(), &world).unwrap();
        let note = input.values.iter().find(|(name, _)| name == "note");
        prop_assert_eq!(note.map(|(_, value)| value), Some(&Value::Text(text)));
    }
}

#[test]
fn a_kind_that_is_no_list_writes_rows_as_nothing() {
    let mut out = String::new();
    Kind::text(5).write(&Value::Rows(Vec::new()), &(), &mut out);
    assert_eq!(out, "[]");
}
