//! Aggregate queries: groups of records with sums, counts and extremes, under the same rights.

use super::words::{self, Words};
use super::{MAX_PAGE_SIZE, parameter, snapshot};
use crate::command::{Aggregate, Groups};
use crate::env::{self, EntityEnv, Place};
use crate::field::Kind;
use crate::linked::{Hop, Reach};
use crate::ports::{AggregatePlan, Bucket, GroupKey, ListPlan, Measure, Snapshot};
use crate::problem::Problem;
use crate::record::Record;
use crate::rights::Plan;
use crate::schema::{Entity, Predicate};
use crate::text;
use crate::write::{bind, store_problem};
use expr::{Context, Names, Type};
use std::cmp::Ordering;
use std::sync::Arc;
use types::{Decimal, Money, Rounding, Uuid, Value};

/// The most groups that are computed, and the most that one answer holds.
const MAX_GROUPS: u32 = 10_000;
const MAX_ANSWER: u32 = 1_000;
/// The most columns of one question.
const MAX_COLUMNS: usize = 16;
/// Places of an average.
const AVERAGE_PLACES: u32 = 8;

/// One column of the answer.
struct Column {
    text: String,
    field: Option<String>,
    ty: Type,
    source: Source,
}

/// Where a column's value comes from among what the store answers.
enum Source {
    Stored(usize),
    /// A sum and a count.
    Average(usize, usize),
}

/// Answers an aggregate query.
pub(super) async fn answer(
    reach: &Reach<'_>,
    question: &Aggregate,
    entity: &Arc<Entity>,
    plan: &Arc<Plan>,
) -> Result<Groups, Problem> {
    let (runtime, call) = (reach.runtime, reach.call);
    let now = runtime.source.clock.now();
    let Some(see) = plan.see() else {
        return Err(Problem::forbidden(&plan.right("read")));
    };
    let mut predicates = bind(see, call, now);
    if !question.filter.is_empty() {
        let filter = runtime.compiled.filter(entity, &question.filter, plan, reach)?;
        predicates.push(env::bind(&filter, call, now));
    }
    let Asked { columns, groups, measures } = read_columns(reach, question, entity, plan)?;
    let order = parse_order(&columns, &question.order_by)?;
    let limit = match question.limit {
        0 => MAX_ANSWER,
        limit @ 1..=MAX_ANSWER => limit,
        _ => return Err(parameter("limit", "out_of_range", "limit must be 1 to 1000")),
    };
    let width = groups.len();
    let snapshot = snapshot(runtime, call).await?;
    let Counted { predicates, tokens, through, among } =
        counted(&*snapshot, reach, question, entity, plan, predicates).await?;
    let query = AggregatePlan {
        entity: entity.clone(),
        predicates,
        tokens,
        through,
        among,
        groups,
        measures,
        limit: MAX_GROUPS,
    };
    let stored = snapshot.aggregate(&query).await.map_err(store_problem)?;
    let mut cut = stored.len() >= MAX_GROUPS as usize;
    let mut rows: Vec<Vec<Value>> = stored
        .into_iter()
        .map(|row| columns.iter().map(|c| c.value(&row, width)).collect())
        .collect();
    if !question.having.is_empty() {
        let having = Having::compile(&question.having, &columns)?;
        let context = Context::new(now, "UTC", Vec::new());
        rows.retain(|row| having.expr.eval_bool(row, &context));
    }
    rows.sort_by(|a, b| compare_rows(a, b, &order, width));
    cut |= rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let columns = columns.into_iter().map(|column| (column.text, column.field)).collect();
    Ok(Groups { entity: entity.full_name(), columns, rows, cut })
}

/// The records that count.
struct Counted {
    predicates: Vec<Predicate>,
    tokens: Vec<String>,
    through: Vec<Arc<Hop>>,
    among: Option<Vec<Uuid>>,
}

/// Adds the words of a question to what must hold: those records count that a list shows for them.
/// Where the index holds words that the actor may not read, they are looked for one by one.
async fn counted(
    snapshot: &dyn Snapshot,
    reach: &Reach<'_>,
    question: &Aggregate,
    entity: &Arc<Entity>,
    plan: &Plan,
    predicates: Vec<Predicate>,
) -> Result<Counted, Problem> {
    let tokens = text::tokens(&question.text);
    if tokens.is_empty() {
        // A text without a word finds nothing.
        let among = (!question.text.is_empty()).then(Vec::new);
        return Ok(Counted { predicates, tokens, through: Vec::new(), among });
    }
    let words = Words::reaching(plan, entity, reach);
    let through = words.through();
    if !words.hides() {
        return Ok(Counted { predicates, tokens, through, among: None });
    }
    let query = ListPlan {
        entity: entity.clone(),
        predicates,
        tokens,
        through,
        order: Vec::new(),
        after: None,
        skip: 0,
        limit: MAX_PAGE_SIZE,
        lines: false,
    };
    let found = words::sift(snapshot, &query, &words, usize::MAX).await?;
    let among = Some(found.iter().map(Record::id).collect());
    let (predicates, tokens, through) = Default::default();
    Ok(Counted { predicates, tokens, through, among })
}

/// The parts of a list, split at commas outside parentheses.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0i32;
    text.split(move |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth <= 0
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
}

/// `name(inner)` taken apart.
fn call_of(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once('(')?;
    Some((name.trim(), rest.strip_suffix(')')?.trim()))
}

/// What is asked, and what the store must compute for it.
struct Asked {
    columns: Vec<Column>,
    groups: Vec<GroupKey>,
    measures: Vec<Measure>,
}

fn read_columns(
    reach: &Reach<'_>,
    question: &Aggregate,
    entity: &Entity,
    plan: &Plan,
) -> Result<Asked, Problem> {
    let names = EntityEnv::of(entity, &*reach.runtime.registry, plan, reach);
    let now = reach.runtime.source.clock.now();
    let bind = |hop: Arc<Hop>| hop.bind(reach.call, now);
    let mut reader = Reading { names, bind: &bind, groups: vec![], measures: vec![] };
    let mut columns = Vec::new();
    for text in parts(&question.group_by) {
        columns.push(reader.group(text)?);
    }
    for text in parts(&question.select) {
        columns.push(reader.measure(text)?);
    }
    if reader.measures.is_empty() {
        return Err(parameter("select", "required", "name at least one measure, such as count()"));
    }
    if columns.len() > MAX_COLUMNS {
        return Err(parameter("select", "too_many_columns", "at most 16 columns fit one question"));
    }
    Ok(Asked { columns, groups: reader.groups, measures: reader.measures })
}

/// Reads columns and collects what the store must compute for them.
struct Reading<'a> {
    names: EntityEnv<'a>,
    bind: &'a dyn Fn(Arc<Hop>) -> Arc<Hop>,
    groups: Vec<GroupKey>,
    measures: Vec<Measure>,
}

impl Reading<'_> {
    fn place(&self, name: &str, at: &str) -> Result<Place, Problem> {
        let found = self.names.place(&name.split('.').collect::<Vec<_>>());
        found.ok_or_else(|| parameter(at, "unknown_field", self.names.unknown(name)))
    }

    fn group(&mut self, text: &str) -> Result<Column, Problem> {
        let (name, bucket) = match call_of(text) {
            None => (text, None),
            Some(("year", name)) => (name, Some(Bucket::Year)),
            Some(("month", name)) => (name, Some(Bucket::Month)),
            Some(("day", name)) => (name, Some(Bucket::Day)),
            Some((other, _)) => {
                let text = format!("'{other}' is not year, month or day");
                return Err(parameter("group_by", "unknown_bucket", text));
            }
        };
        let Place { hop, slot, kind, ty, .. } = self.place(name, "group_by")?;
        let dated = matches!(kind, Kind::Date | Kind::Instant);
        if bucket.is_some() && !dated || !kind.is_sortable() {
            let text = format!("'{text}' cannot be grouped by");
            return Err(parameter("group_by", "not_groupable", text));
        }
        self.groups.push(GroupKey { hop: hop.map(self.bind), slot, bucket });
        let (field, ty) = match bucket {
            Some(_) => (None, Type::Text),
            None => (Some(name.to_owned()), ty),
        };
        let source = Source::Stored(self.groups.len() - 1);
        Ok(Column { text: text.to_owned(), field, ty, source })
    }

    /// The index of a measure among the store's, added if it is new.
    fn need(&mut self, measure: Measure) -> usize {
        let known = self.measures.iter().position(|known| *known == measure);
        known.unwrap_or_else(|| {
            self.measures.push(measure);
            self.measures.len() - 1
        })
    }

    fn measure(&mut self, text: &str) -> Result<Column, Problem> {
        let wrong = |why: String| parameter("select", "unknown_measure", why);
        let (function, name) = call_of(text)
            .ok_or_else(|| wrong(format!("'{text}' is not a measure such as sum(total)")))?;
        if function == "count" && name.is_empty() {
            let source = Source::Stored(self.need(Measure::Count));
            return Ok(Column { text: text.to_owned(), field: None, ty: Type::Int, source });
        }
        let Place { hop, slot, kind, ty, .. } = self.place(name, "select")?;
        if hop.is_some() {
            let whose = &self.names.entity.name;
            return Err(wrong(format!("'{text}': only fields of {whose} itself can be measured")));
        }
        let summable = ty.is_number() || matches!(ty, Type::Money | Type::Duration);
        let (field, ty, source) = match function {
            "sum" if summable => {
                let field = matches!(ty, Type::Money | Type::Duration).then(|| name.to_owned());
                let ty = if ty.is_number() { Type::Decimal(None) } else { ty };
                (field, ty, Source::Stored(self.need(Measure::Sum(slot))))
            }
            "avg" if summable && ty != Type::Duration => {
                let field = (ty == Type::Money).then(|| name.to_owned());
                let ty = if ty.is_number() { Type::Decimal(None) } else { ty };
                let (sum, count) = (self.need(Measure::Sum(slot)), self.need(Measure::Count));
                (field, ty, Source::Average(sum, count))
            }
            "min" | "max" if kind.is_sortable() => {
                let measure =
                    if function == "min" { Measure::Min(slot) } else { Measure::Max(slot) };
                (Some(name.to_owned()), ty, Source::Stored(self.need(measure)))
            }
            "sum" | "avg" | "min" | "max" => {
                return Err(wrong(format!("'{text}': {name} has no {function}")));
            }
            _ => return Err(wrong(format!("'{function}' is not count, sum, avg, min or max"))),
        };
        Ok(Column { text: text.to_owned(), field, ty, source })
    }
}

impl Column {
    fn value(&self, row: &[Value], width: usize) -> Value {
        let is_group = self.ty == Type::Text && self.field.is_none();
        match self.source {
            Source::Stored(index) if is_group || self.is_group(width, index) => row[index].clone(),
            Source::Stored(index) => row[width + index].clone(),
            Source::Average(sum, count) => average(&row[width + sum], &row[width + count]),
        }
    }

    /// Group columns are those whose text is not a measure.
    fn is_group(&self, width: usize, index: usize) -> bool {
        let measures = ["count", "sum", "avg", "min", "max"];
        index < width && !call_of(&self.text).is_some_and(|(name, _)| measures.contains(&name))
    }
}

/// The mean of a sum, half-even at eight places, money at its currency's digits; empty for none.
fn average(sum: &Value, count: &Value) -> Value {
    let Some(count) = count.as_int().filter(|count| *count > 0).map(Decimal::from) else {
        return Value::Null;
    };
    match sum {
        Value::Decimal(sum) => {
            let mean = sum.checked_div(count);
            mean.map(|mean| Rounding::HalfEven.round(mean, AVERAGE_PLACES).normalize()).into()
        }
        Value::Money(sum) => {
            let mean = sum.amount().checked_div(count);
            mean.and_then(|mean| Money::round(mean, sum.currency, Rounding::HalfEven)).into()
        }
        _ => Value::Null,
    }
}

/// A condition on groups: each column's text stands for its value.
struct Having {
    expr: expr::Expr,
}

impl Having {
    fn compile(text: &str, columns: &[Column]) -> Result<Having, Problem> {
        let mut by_length: Vec<usize> = (0..columns.len()).collect();
        by_length.sort_by_key(|&at| std::cmp::Reverse(columns[at].text.len()));
        let mut rewritten = text.to_owned();
        for at in by_length {
            // Columns without parentheses are names already.
            if columns[at].text.contains('(') {
                rewritten = rewritten.replace(&columns[at].text, &format!("column_{at}"));
            }
        }
        let names = columns.iter().enumerate().fold(Names::new(), |names, (at, column)| {
            let called = column.text.contains('(');
            let name = if called { format!("column_{at}") } else { column.text.clone() };
            names.field(&name, column.ty.clone())
        });
        let expr = expr::compile(&rewritten, &names, Some(&Type::Bool));
        let expr = expr.map_err(|errors| env::refusal("having", &rewritten, &errors))?;
        Ok(Having { expr })
    }
}

fn parse_order(columns: &[Column], text: &str) -> Result<Vec<(usize, bool)>, Problem> {
    parts(text)
        .map(|part| {
            let (name, descending) = match part.strip_suffix(" desc") {
                Some(name) => (name.trim(), true),
                None => (part.strip_suffix(" asc").unwrap_or(part).trim(), false),
            };
            let at = columns.iter().position(|column| column.text == name);
            let text = format!("'{name}' is not among group_by and select");
            at.map(|at| (at, descending))
                .ok_or_else(|| parameter("order_by", "unknown_column", text))
        })
        .collect()
}

/// Rows by the columns asked for, then by the group keys; empty values last.
fn compare_rows(a: &[Value], b: &[Value], order: &[(usize, bool)], width: usize) -> Ordering {
    let asked = order.iter().map(|&(at, descending)| {
        let order = compare(&a[at], &b[at]);
        let flips = descending && !a[at].is_null() && !b[at].is_null();
        if flips { order.reverse() } else { order }
    });
    let keys = (0..width).map(|at| compare(&a[at], &b[at]));
    asked.chain(keys).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Money(a), Value::Money(b)) => {
            a.currency.cmp(&b.currency).then(a.minor.cmp(&b.minor))
        }
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Instant(a), Value::Instant(b)) => a.cmp(b),
        (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Id(a), Value::Id(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_split_outside_parentheses() {
        let all: Vec<&str> = parts("customer, month(ordered_on) ,max(a, b),").collect();
        assert_eq!(all, ["customer", "month(ordered_on)", "max(a, b)"]);
        assert_eq!(call_of("sum( total )"), Some(("sum", "total")));
        assert_eq!(call_of("total"), None);
    }

    #[test]
    fn an_average_is_rounded_half_even_and_empty_for_nothing() {
        let mean =
            |sum: &str, count: i64| average(&Value::Decimal(sum.parse().unwrap()), &count.into());
        assert_eq!(mean("10", 3), Value::Decimal("3.33333333".parse().unwrap()));
        assert_eq!(mean("0", 0), Value::Null);
    }
}
