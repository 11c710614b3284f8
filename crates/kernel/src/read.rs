//! The read path: rights become a predicate in the query, then fields are dropped.
//!
//! What the actor may not see does not exist: a hidden record is 404, a hidden field unknown.

use crate::command::{Answer, Call, List, Page, Query, View};
use crate::env;
use crate::env::EntityEnv;
use crate::history::{self, Until};
use crate::linked::{self, Reach};
use crate::log::{hex, merkle};
use crate::ports::{ListPlan, OrderKey, Snapshot};
use crate::problem::{FieldProblem, Problem};
use crate::record::Record;
use crate::rights::{OrgFacts, Plan};
use crate::schema::{Entity, EntityKind, slot};
use crate::service::Runtime;
use crate::text;
use crate::write::{bind, reduce, store_problem};
use std::sync::Arc;
use types::cbor::{Reader, Writer};
use types::{Instant, Uuid, Value};

mod aggregate;
mod explain;
mod occurrences;
mod search;
mod timeline;
mod totals;
mod words;

pub use occurrences::{Occurrence, Touched, occurrences};
use words::Words;

/// Records on a page when the client names no number.
pub const PAGE_SIZE: u32 = 50;
/// The most records on a page.
pub const MAX_PAGE_SIZE: u32 = 1_000;
/// The most keys of an order.
const MAX_ORDER_KEYS: usize = 4;

/// Answers a query.
pub(crate) async fn ask(runtime: &Runtime, call: &Call, query: &Query) -> Result<Answer, Problem> {
    match query {
        Query::Get { entity, id, known_at } => {
            get(runtime, call, entity, *id, *known_at).await.map(Answer::Record)
        }
        Query::List(list) => page(runtime, call, list).await.map(Answer::Page),
        Query::External { entity, name, keys } => {
            external(runtime, call, entity, name, keys).await.map(Answer::Keyed)
        }
        Query::Aggregate(question) => {
            let facts = runtime.facts.of(call.org).await?;
            let (entity, plan) = planned(runtime, call, &question.entity, &facts)?;
            let reach = Reach { runtime, call, facts: &facts };
            aggregate::answer(&reach, question, &entity, &plan).await.map(Answer::Groups)
        }
        Query::Totals(asked) => totals::answer(runtime, call, asked).await.map(Answer::Groups),
        Query::Explain { entity, id, verb, roles } => {
            explain::explain(runtime, call, entity, *id, verb, roles).await.map(Answer::Explained)
        }
        Query::History { entity, id, page_size, page_token } => {
            let page = (*page_size, page_token.as_str());
            timeline::timeline(runtime, call, entity, *id, page).await.map(Answer::History)
        }
        Query::Search { text, limit } => {
            search::search(runtime, call, text, *limit).await.map(Answer::Hits)
        }
    }
}

/// An entity and what the actor may do with it.
async fn scope(
    runtime: &Runtime,
    call: &Call,
    entity: &str,
) -> Result<(Arc<Entity>, Arc<Plan>), Problem> {
    planned(runtime, call, entity, &*runtime.facts.of(call.org).await?)
}

/// The same, by facts of the organisation that are at hand: what else is read from them then
/// belongs to the same state of its rules.
fn planned(
    runtime: &Runtime,
    call: &Call,
    entity: &str,
    facts: &OrgFacts,
) -> Result<(Arc<Entity>, Arc<Plan>), Problem> {
    let entity = runtime.own(entity)?;
    let plan = runtime.plans.of(call, &entity, facts, &*runtime.registry)?;
    Ok((entity, plan))
}

pub(crate) async fn snapshot(runtime: &Runtime, call: &Call) -> Result<Box<dyn Snapshot>, Problem> {
    runtime.store(call.org).await?.snapshot().await.map_err(store_problem)
}

async fn get(
    runtime: &Runtime,
    call: &Call,
    entity: &str,
    id: Uuid,
    known_at: Option<Instant>,
) -> Result<View, Problem> {
    let (entity, plan) = scope(runtime, call, entity).await?;
    let missing = || Problem::not_found(&entity.name);
    let see = plan.see().ok_or_else(missing)?;
    let snapshot = snapshot(runtime, call).await?;
    let found = match known_at {
        None => snapshot
            .get(&entity, id, &bind(see, call, runtime.source.clock.now()))
            .await
            .map_err(store_problem)?,
        Some(instant) => history::replay(runtime, &*snapshot, &entity, id, Until::Instant(instant))
            .await?
            .filter(|record| is_visible(&plan, record, call, runtime.source.clock.now())),
    };
    found.map(|record| reduce(record, &plan)).ok_or_else(missing)
}

/// Whether a record that did not come through the plan's predicate exists for the actor.
pub(crate) fn is_visible(plan: &Plan, record: &Record, call: &Call, now: Instant) -> bool {
    plan.see()
        .is_some_and(|see| see.iter().all(|predicate| env::holds(predicate, record, call, now)))
}

/// The records that bear one of `keys` in another system, with their lines.
async fn external(
    runtime: &Runtime,
    call: &Call,
    entity: &str,
    name: &str,
    keys: &[String],
) -> Result<Vec<(String, View)>, Problem> {
    let (entity, plan) = scope(runtime, call, entity).await?;
    let Some(see) = plan.see() else { return Ok(Vec::new()) };
    if !plan.readable()[slot::EXTERNAL_IDS] {
        return Ok(Vec::new());
    }
    let see = bind(see, call, runtime.source.clock.now());
    let snapshot = snapshot(runtime, call).await?;
    let found = snapshot.by_external(&entity, name, keys).await.map_err(store_problem)?;
    let mut views = Vec::with_capacity(found.len());
    for (key, id) in found {
        let record = snapshot.get(&entity, id, &see).await.map_err(store_problem)?;
        views.extend(record.map(|record| (key, reduce(record, &plan))));
    }
    Ok(views)
}

async fn page(runtime: &Runtime, call: &Call, list: &List) -> Result<Page, Problem> {
    let facts = runtime.facts.of(call.org).await?;
    let (entity, plan) = planned(runtime, call, &list.entity, &facts)?;
    if entity.kind == EntityKind::Child {
        return Err(Problem::not_found("list"));
    }
    let Some(see) = plan.see() else {
        // The right to read is missing altogether: that is no secret.
        return Err(Problem::forbidden(&plan.right("read")));
    };
    let reach = Reach { runtime, call, facts: &facts };
    let mut predicates = bind(see, call, runtime.source.clock.now());
    if !list.filter.is_empty() {
        let filter = runtime.compiled.filter(&entity, &list.filter, &plan, &reach)?;
        predicates.push(env::bind(&filter, call, runtime.source.clock.now()));
    }
    let order = parse_order(&entity, &plan, &list.order_by, &reach)?;
    let page_size = size_of_page(list.page_size)?;
    let question = question(list);
    let limit = page_size + 1;
    let tokens = text::tokens(&list.text);
    if !list.text.is_empty() && tokens.is_empty() {
        return Ok(Page { total_size: list.count.then_some(0), ..Page::default() });
    }
    let after = parse_token(&list.page_token, &question, order.len())?;
    let words = match tokens.is_empty() {
        true => Words::own(&plan),
        false => Words::reaching(&plan, &entity, &reach),
    };
    let (through, lines) = (words.through(), list.lines);
    let skip = list.skip;
    let mut query =
        ListPlan { entity, predicates, tokens, through, order, after, skip, limit, lines };
    let snapshot = snapshot(runtime, call).await?;
    let sifts = !query.tokens.is_empty() && words.hides();
    let mut records = match sifts {
        true => words::sift(&*snapshot, &query, &words, limit as usize).await?,
        false => snapshot.list(&query).await.map_err(store_problem)?,
    };
    let more = records.len() > page_size as usize;
    records.truncate(page_size as usize);
    let next_page_token = match records.last() {
        Some(last) if more => {
            token(&question, &order_values(&*snapshot, &query.order, last).await?, last.id())
        }
        _ => String::new(),
    };
    let total_size = if list.count {
        (query.after, query.skip, query.lines) = (None, 0, false);
        Some(match sifts {
            true => words::sift(&*snapshot, &query, &words, usize::MAX).await?.len() as u64,
            false => snapshot.count(&query).await.map_err(store_problem)?,
        })
    } else {
        None
    };
    let items = records.into_iter().map(|record| reduce(record, &plan)).collect();
    Ok(Page { items, next_page_token, total_size })
}

/// How many items a page holds.
fn size_of_page(asked: u32) -> Result<u32, Problem> {
    match asked {
        0 => Ok(PAGE_SIZE),
        size @ 1..=MAX_PAGE_SIZE => Ok(size),
        _ => {
            let text = format!("page_size must be 1 to {MAX_PAGE_SIZE}");
            Err(parameter("page_size", "out_of_range", text))
        }
    }
}

/// A 400 about one query parameter.
pub fn parameter(name: &str, code: &str, message: impl Into<String>) -> Problem {
    let message = message.into();
    let at = FieldProblem::new(format!("?{name}"), code, message.clone());
    Problem::malformed(code, message).with(vec![at])
}

/// Reads `name, ordered_on desc, customer.name`; a field that the actor cannot read is unknown.
fn parse_order(
    entity: &Entity,
    plan: &Plan,
    text: &str,
    reach: &Reach<'_>,
) -> Result<Vec<OrderKey>, Problem> {
    let names = EntityEnv::of(entity, &*reach.runtime.registry, plan, reach);
    let now = reach.runtime.source.clock.now();
    let mut keys: Vec<OrderKey> = Vec::new();
    let mut known: Vec<&str> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let mut words = part.split_whitespace();
        let name = words.next().unwrap_or_default();
        let descending = match (words.next(), words.next()) {
            (None | Some("asc"), None) => false,
            (Some("desc"), None) => true,
            _ => {
                let text = format!("'{part}' is not a field name with an optional asc or desc");
                return Err(parameter("order_by", "invalid_order", text));
            }
        };
        let Some(place) = names.place(&name.split('.').collect::<Vec<_>>()) else {
            return Err(parameter("order_by", "unknown_field", names.unknown(name)));
        };
        if !place.kind.is_sortable() {
            let text = format!("'{name}' has no order");
            return Err(parameter("order_by", "not_sortable", text));
        }
        if place.slot == slot::ID && place.hop.is_none() {
            break;
        }
        if !known.contains(&name) {
            known.push(name);
            let hop = place.hop.map(|hop| hop.bind(reach.call, now));
            keys.push(OrderKey { hop, slot: place.slot, descending });
        }
    }
    if keys.len() > MAX_ORDER_KEYS {
        let text = format!("at most {MAX_ORDER_KEYS} fields can order a list");
        return Err(parameter("order_by", "too_many_keys", text));
    }
    Ok(keys)
}

/// What a page token belongs to: the same list with the same filter and order.
fn question(list: &List) -> [u8; 8] {
    let parts = [&list.entity, &list.filter, &list.text, &list.order_by];
    mark(&parts.map(|part| part.as_bytes()))
}

/// The mark of a question in its page tokens.
fn mark(parts: &[&[u8]]) -> [u8; 8] {
    let hash = merkle::sha256(parts);
    let mut out = [0; 8];
    out.copy_from_slice(&hash[..8]);
    out
}

/// A record's values of an order's keys.
async fn order_values(
    snapshot: &dyn Snapshot,
    order: &[OrderKey],
    record: &Record,
) -> Result<Vec<Value>, Problem> {
    let mut values = Vec::with_capacity(order.len());
    for key in order {
        values.push(linked::value(snapshot, key.hop.as_ref(), key.slot, record).await?);
    }
    Ok(values)
}

/// Where the next page starts: the question, the last record's order keys and its id.
fn token(question: &[u8; 8], values: &[Value], last: Uuid) -> String {
    let mut writer = Writer::new();
    writer.array(values.len() + 2);
    writer.bytes(question);
    writer.uuid(last);
    values.iter().for_each(|value| writer.value(value));
    hex(&writer.into_bytes())
}

fn parse_token(
    text: &str,
    question: &[u8; 8],
    keys: usize,
) -> Result<Option<(Vec<Value>, Uuid)>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || {
        let text = "the page_token does not belong to this list; leave it out for the first page";
        parameter("page_token", "invalid_page_token", text)
    };
    let even = text.len().is_multiple_of(2) && text.is_ascii();
    let pairs =
        (0..text.len() / 2).map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok());
    let bytes: Vec<u8> = pairs.collect::<Option<_>>().filter(|_| even).ok_or_else(wrong)?;
    let mut reader = Reader::new(&bytes);
    let read = |reader: &mut Reader<'_>| {
        let fits = reader.array()? == keys + 2 && reader.bytes()? == question;
        let id = reader.uuid()?;
        let values = (0..keys).map(|_| reader.value()).collect::<Result<Vec<_>, _>>()?;
        Ok::<_, types::cbor::CborError>((fits, values, id))
    };
    match read(&mut reader) {
        Ok((true, values, id)) if reader.is_at_end() => Ok(Some((values, id))),
        _ => Err(wrong()),
    }
}
