//! A predicate in SQL selects exactly the rows that the interpreter finds true.

use crate::ground::{Ground, ORG};
use kernel::ports::ListPlan;
use kernel::schema::slot;
use kernel::{Call, Input, Predicate, env};
use testkit::rounds::Rounds;
use types::{Currency, Decimal, Duration, Instant, Money, Uuid, Value, WallTime};

/// Rows and conditions of one run.
const ROWS: usize = 120;

/// A sequence that is the same in every run (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    /// From 0 to one less than `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }

    /// One of a list.
    pub fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.roll(all.len())]
    }

    /// Something of a list, or nothing.
    fn maybe<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        let at = self.roll(all.len() + 1);
        all.get(at).cloned()
    }
}

const TEXTS: &[&str] = &["", "a", "ab", "Ab", "ä", "b", "z\u{1f377}", "%_", "O'Neil"];

/// A thing with anything in it, whose links lead to some of `ids`.
pub fn row(dice: &mut Dice, ids: &[Uuid]) -> Input {
    let decimal = |mantissa: i64, places: u32| Decimal::new(mantissa, places).normalize();
    let ints = [0, 1, -1, 2, 7, i64::MAX, i64::MIN, 999_999_999_999_999_999];
    let fines = [0, 1, 10_000, 25_000, -25_000, 999_999_999_999_999_999].map(|m| decimal(m, 4));
    let coarses = [0, 100, 250, -250, 200, 999_999_999_999_999_999].map(|m| decimal(m, 2));
    let amounts =
        [(0, Currency::EUR), (100, Currency::EUR), (100, Currency::USD), (-5, Currency::USD)]
            .map(|(minor, currency)| Money { minor, currency });
    let days = ["0001-01-01", "2026-01-31", "2026-02-01", "9999-12-31"];
    let days: Vec<types::Date> = days.iter().map(|day| day.parse().unwrap()).collect();
    let walls = ["2026-07-04T09:30:00[Europe/Berlin]", "2026-07-04T09:30:00[UTC]"];
    let walls: Vec<WallTime> = walls.iter().map(|text| WallTime::parse(text).unwrap()).collect();
    let text = |dice: &mut Dice| dice.maybe(TEXTS).map(str::to_owned);
    let keys = ["{\"old\":\"1\"}", "{\"crm\":\"ab\",\"old\":\"2\"}", "{\"crm\":\"Ab\"}"];
    let keys = dice.maybe(&keys).map(|text| Value::Json(text.to_owned()));
    let friends: Vec<Value> = dice.maybe(ids).into_iter().map(Value::Id).collect();
    Input::new()
        .set("name", text(dice))
        .set("plain", text(dice))
        .set("flag", dice.maybe(&[true, false]))
        .set("count", dice.maybe(&ints))
        .set("fine", dice.maybe(&fines))
        .set("coarse", dice.maybe(&coarses))
        .set("price", dice.maybe(&amounts))
        .set("paid", dice.maybe(&amounts))
        .set("on", dice.maybe(&days))
        .set("at", dice.maybe(&[Instant(0), Instant(-1), Instant(1_760_000_000_000_000)]))
        .set("span", dice.maybe(&[Duration(0), Duration(-1_000_000), Duration(3_600_000_000)]))
        .set("wall", dice.maybe(&walls))
        .set("colour", dice.maybe(&["red", "green", "blue"]).map(str::to_owned))
        .set("parent", dice.maybe(ids))
        .set("external_ids", keys)
        .set("friends", if friends.is_empty() { Value::Null } else { Value::List(friends) })
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn number(dice: &mut Dice, depth: usize) -> String {
    match dice.roll(if depth == 0 { 4 } else { 7 }) {
        0 => "count".into(),
        1 => dice.pick(&["fine", "coarse"]).into(),
        2 => dice.pick(&["0", "1", "-1", "2", "9223372036854775807", "999999999999999999"]).into(),
        3 => dice.pick(&["2.5", "-2.5", "1.0001", "0.01", "9999999999999999.99"]).into(),
        4 => format!("-({})", number(dice, 0)),
        5 => format!("({} + {})", number(dice, depth - 1), number(dice, depth - 1)),
        _ => format!("({} - {})", number(dice, depth - 1), number(dice, depth - 1)),
    }
}

fn comparison(dice: &mut Dice, ids: &[String]) -> String {
    let op = dice.pick(&["==", "!=", "<", "<=", ">", ">="]);
    let same = dice.pick(&["==", "!="]);
    let text = |dice: &mut Dice| match dice.roll(3) {
        0 => "name".to_owned(),
        1 => "plain".to_owned(),
        _ => quoted(dice.pick(TEXTS)),
    };
    let money = |dice: &mut Dice| {
        dice.pick(&["price", "paid", "money('1.00', 'EUR')", "money('-0.05', 'USD')"]).to_owned()
    };
    match dice.roll(13) {
        0 | 1 => format!("{} {op} {}", number(dice, 2), number(dice, 2)),
        2 => format!("{} {op} {}", text(dice), text(dice)),
        3 => format!(
            "{}.{}({})",
            text(dice),
            dice.pick(&["startsWith", "endsWith", "contains"]),
            text(dice)
        ),
        4 => format!("{} {op} {}", money(dice), money(dice)),
        5 => format!("on {op} {}", dice.pick(&["on", "date('2026-01-31')", "date('9999-12-31')"])),
        6 => format!(
            "at {op} {}",
            dice.pick(&["instant('1970-01-01T00:00:00Z')", "created_at", "now()"])
        ),
        7 => format!("span {op} {}", dice.pick(&["duration('PT1H')", "duration('PT0S')", "span"])),
        8 => format!(
            "{} {same} null",
            dice.pick(&[
                "name", "flag", "count", "price", "wall", "parent", "friends", "extra", "on"
            ])
        ),
        9 => format!("parent {same} '{}'", ids[dice.roll(ids.len())]),
        10 => format!("colour in [{}]", dice.pick(&["'red'", "'red', 'blue'", "'green', null"])),
        11 => format!("{} in [{}, {}]", number(dice, 0), number(dice, 0), number(dice, 1)),
        _ => dice
            .pick(&["flag", "has(name)", "flag == true", "flag != false", "price + paid > price"])
            .to_owned(),
    }
}

/// A condition on things, terms nested at most `depth` deep.
pub fn condition(dice: &mut Dice, depth: usize, ids: &[String]) -> String {
    match dice.roll(if depth == 0 { 2 } else { 6 }) {
        0 | 1 => comparison(dice, ids),
        2 => format!("!({})", condition(dice, depth - 1, ids)),
        3 => format!(
            "({}) && ({})",
            condition(dice, depth - 1, ids),
            condition(dice, depth - 1, ids)
        ),
        4 => format!(
            "({}) || ({})",
            condition(dice, depth - 1, ids),
            condition(dice, depth - 1, ids)
        ),
        _ => format!(
            "({}) ? ({}) : ({})",
            condition(dice, depth - 1, ids),
            condition(dice, depth - 1, ids),
            condition(dice, depth - 1, ids)
        ),
    }
}

/// Random rows and random conditions: what the database selects is what the interpreter selects.
pub async fn sql_and_interpreter_agree(ground: &Ground, rounds: &'static Rounds) {
    let mut dice = Dice(42);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(ground.thing(ORG, "parent").await.id());
    }
    let public: Vec<String> = ids.iter().map(|id| types::format_id("thi", *id)).collect();
    for _ in 0..ROWS {
        ground.create(ORG, "thing", row(&mut dice, &ids)).await.unwrap();
    }
    let entity = ground.entity("thing");
    let snapshot = ground.store(ORG).await.snapshot().await.unwrap();
    let plan = |predicates: Vec<Predicate>| ListPlan {
        entity: entity.clone(),
        predicates,
        tokens: vec![],
        through: Vec::new(),
        order: vec![],
        after: None,
        skip: 0,
        limit: 10_000,
        lines: false,
    };
    let all = snapshot.list(&plan(vec![])).await.unwrap();
    assert_eq!(all.len(), ROWS + 3);
    let (call, now) = (Call::system(ORG, "test"), Instant(1_760_000_000_500_000));
    let (mut checked, mut some) = (0, 0);
    let mut counter = rounds.begin();
    while counter.done() < rounds.count() {
        counter.one_more();
        let text = condition(&mut dice, 3, &public);
        let Ok(predicate) = env::predicate(&entity, &text, &*ground.runtime.registry) else {
            continue;
        };
        let bound = env::bind(&predicate, &call, now);
        let expected: Vec<Uuid> = all
            .iter()
            .filter(|record| env::holds(&predicate, record, &call, now))
            .map(|record| record.id())
            .collect();
        let found = snapshot.list(&plan(vec![bound.clone()])).await;
        let found = found.unwrap_or_else(|e| panic!("{text}: {e}"));
        let found: Vec<Uuid> =
            found.iter().map(|record| record.values[slot::ID].as_id().unwrap()).collect();
        assert_eq!(found.len(), expected.len(), "{text}");
        assert_eq!(found, expected, "{text}");
        let count = snapshot.count(&plan(vec![bound])).await.unwrap();
        assert_eq!(count, expected.len() as u64, "{text}");
        checked += 1;
        some += usize::from(!expected.is_empty() && expected.len() < all.len());
    }
    assert!(checked > rounds.count() * 2 / 3, "only {checked} conditions compile");
    assert!(some > checked / 3, "only {some} of {checked} conditions tell rows apart");
    counter.report();
    testkit::data::report_checks(checked);
}
