//! `GET /api/v1/platform/schema`: what the records are that who asks may see, for programs that
//! build screens from it.
//!
//! The document is made from the same plan as every answer: an entity that the actor has no right
//! to is not in it, nor is a field that the actor cannot read. `docs/metadata.md` describes it.

use crate::edge::{Asked, Edge};
use crate::pages::Asset;
use crate::path::acts_of;
use crate::query::Params;
use crate::reply::{self, Body, Stop};
use http::Response;
use kernel::command::Call;
use kernel::env;
use kernel::problem::Problem;
use kernel::rights::{OrgFacts, Plan, Plans};
use kernel::schema::{Entity, EntityKind, Field, Scope, slot};
use kernel::service::Registry;
use kernel::{Kind, schema};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use types::{Uuid, Value};

/// Documents that are kept; each is some 100 kB.
const KEPT: u64 = 50;

/// What a document depends on besides the entities: the organisation and the state of its rules,
/// the roles, the companies, and whether the installation's own records are in it.
type Key = (Uuid, u64, Arc<[String]>, Option<Arc<[Uuid]>>, bool);

/// The documents made so far.
pub(crate) struct Metadata {
    plans: Plans,
    made: moka::sync::Cache<Key, Arc<Asset>>,
}

impl Default for Metadata {
    fn default() -> Metadata {
        Metadata { plans: Plans::default(), made: moka::sync::Cache::new(KEPT) }
    }
}

impl Edge {
    /// Answers the document for who asks.
    pub(crate) async fn metadata(&self, asked: Asked<'_>) -> Result<Response<Body>, Stop> {
        Params::parse(asked.parts.uri.query(), &[])?;
        let call = asked.signed.call(asked.request_id);
        let facts = self.facts.of(call.org).await?;
        let system = self.sessions.system_call(asked.signed, asked.request_id).await?;
        let administers = !system.roles.is_empty();
        let (roles, companies) = (call.roles.clone(), call.companies.clone());
        let key = (call.org, facts.epoch, roles, companies, administers);
        let document = match self.metadata.made.get(&key) {
            Some(made) => made,
            None => {
                let document = self.describe(&call, &system, &facts)?;
                let bytes = serde_json::to_vec(&document);
                let bytes = bytes.map_err(|error| Problem::internal(error.to_string()))?;
                let made = Arc::new(Asset::made("application/json", bytes, &self.keys));
                self.metadata.made.insert(key, made.clone());
                made
            }
        };
        let mut response = document.response(asked.parts, "private, no-cache");
        reply::private(&mut response);
        Ok(response)
    }

    fn describe(&self, call: &Call, system: &Call, facts: &OrgFacts) -> Result<Json, Problem> {
        let (none, mut entities) = (OrgFacts::default(), Vec::new());
        for entity in self.registry.all().iter().filter(|e| e.kind != EntityKind::Child) {
            let (call, facts) = match entity.scope {
                Scope::Org => (call, facts),
                Scope::System => (system, &none),
            };
            let plan = self.metadata.plans.of(call, entity, facts, &*self.registry)?;
            let rights = rights(entity, &plan);
            if rights.values().all(|may| *may == Json::Bool(false)) {
                continue;
            }
            let registry = &*self.registry;
            let may_write = |slot: usize| plan.may_write(slot);
            let fields = fields(entity, plan.readable(), &may_write, registry);
            let mut described = described(entity, fields);
            let conditions = row_conditions(entity, &plan, &rights, registry);
            described.insert("rights".to_owned(), rights.into());
            described.insert("row_conditions".to_owned(), conditions.into());
            described.insert("importable".to_owned(), is_importable(entity, &plan).into());
            entities.push(Json::Object(described));
            for lines in plan.lines() {
                let writable = |slot: usize| lines.writable[slot];
                let fields = fields_of_line(&lines.entity, &lines.readable, &writable, registry);
                entities.push(Json::Object(self::described(&lines.entity, fields)));
            }
        }
        let mut services: Vec<&str> = Vec::new();
        for entity in &entities {
            let service = entity["service"].as_str().unwrap_or_default();
            if !services.contains(&service) {
                services.push(service);
            }
        }
        let services = services.iter().map(|name| json!({"name": name, "label": label(name)}));
        Ok(json!({"services": services.collect::<Vec<_>>(), "entities": entities}))
    }
}

/// What the actor may do with some record at least: a screen shows no button for the rest.
fn rights(entity: &Entity, plan: &Plan) -> Map<String, Json> {
    let mut verbs = vec!["read".to_owned(), "create".to_owned()];
    if entity.kind != EntityKind::AppendOnly {
        verbs.extend(["update".to_owned(), "delete".to_owned()]);
    }
    verbs.extend(acts_of(entity));
    let sees = plan.see().is_some();
    let may = |verb: &str| if verb == "read" { sees } else { plan.might(verb) };
    verbs.into_iter().map(|verb| (verb.clone(), Json::Bool(may(&verb)))).collect()
}

/// The expression that decides on which records, for each verb that the actor may use on some
/// only; null where the expression asks for what the actor cannot read.
fn row_conditions(
    entity: &Entity,
    plan: &Plan,
    rights: &Map<String, Json>,
    registry: &Registry,
) -> Map<String, Json> {
    let verbs = rights.keys().filter(|verb| *verb != "read");
    let conditional = verbs.filter_map(|verb| Some((verb, plan.condition_of(verb)?)));
    conditional
        .map(|(verb, text)| {
            let is_told = env::is_told(entity, &text, registry, plan.readable());
            (verb.clone(), if is_told { text.into() } else { Json::Null })
        })
        .collect()
}

/// Whether the actor may bring in records of a file: people make such records, and the actor may.
fn is_importable(entity: &Entity, plan: &Plan) -> bool {
    let made_by_people =
        entity.permits.iter().any(|permit| matches!(permit.verb.as_str(), "create" | "*"));
    entity.scope == Scope::Org && made_by_people && plan.might("create")
}

/// The entity itself.
fn described(entity: &Entity, fields: Vec<Json>) -> Map<String, Json> {
    let name_of = |slot: usize| Json::from(entity.fields[slot].name.as_str());
    let kind = match entity.kind {
        EntityKind::Normal => "normal",
        EntityKind::Child => "child",
        EntityKind::Tree => "tree",
        EntityKind::Singleton => "singleton",
        EntityKind::AppendOnly => "append_only",
    };
    let states = entity.states.as_ref().map(|states| {
        let moves = states.moves.iter();
        let moves: Vec<Json> =
            moves.map(|m| json!({"from": m.from, "act": m.act, "to": m.to})).collect();
        json!({"names": named(&states.names), "moves": moves})
    });
    let sums = entity.accumulators.iter();
    let sums: Vec<Json> =
        sums.map(|s| json!({"name": s.name, "by": s.by, "over": s.over, "sums": s.sums})).collect();
    let path = format!("{}{}/{}", crate::path::API, entity.service, entity.plural);
    let described = json!({
        "name": entity.full_name(),
        "service": entity.service,
        "plural": entity.plural,
        "path": (entity.kind != EntityKind::Child).then_some(path),
        "prefix": entity.prefix,
        "kind": kind,
        "scope": if entity.scope == Scope::System { "system" } else { "org" },
        "label": label(&entity.name),
        "label_plural": label(&entity.plural),
        "summary": entity.summary,
        "detail": entity.detail,
        "title": name_of(entity.title),
        "parent": entity.parent.map(name_of),
        "per_company": entity.per_company,
        "number": entity.number.as_ref().map(|n| json!({"pattern": n.pattern, "at": n.at})),
        "states": states,
        "acts": named(&acts_of(entity)),
        "sums": sums,
        "fields": fields,
    });
    match described {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

/// The fields that the actor can read, in the order of the record.
fn fields(
    entity: &Entity,
    readable: &[bool],
    writable: &dyn Fn(usize) -> bool,
    registry: &Registry,
) -> Vec<Json> {
    let shown = entity.shown().filter(|&slot| readable[slot]);
    let field = |slot| {
        let mut described = field(entity, slot, writable(slot));
        add_conditions(&mut described, entity, slot, readable, registry);
        described
    };
    shown.map(field).collect()
}

/// Adds when a field is shown, needed and fixed, as far as the actor may know; a condition that
/// asks for a hidden field is in force and not told.
fn add_conditions(
    described: &mut Json,
    entity: &Entity,
    slot: usize,
    readable: &[bool],
    registry: &Registry,
) {
    let told = |text: &str| env::is_told(entity, text, registry, readable);
    let all: Vec<(&str, &str)> =
        entity.fields[slot].conditions.all().filter(|(_, text)| told(text)).collect();
    if all.is_empty() {
        return;
    }
    let text = |rule: &str| all.iter().find(|(known, _)| *known == rule).map(|(_, text)| *text);
    described["conditions"] = json!({
        "visible_if": text("visible_if"),
        "required_if": text("required_if"),
        "read_only_if": text("read_only_if"),
    });
}

/// A line's fields: of what the kernel keeps for each record, a line shows its id alone.
fn fields_of_line(
    entity: &Entity,
    readable: &[bool],
    writable: &dyn Fn(usize) -> bool,
    registry: &Registry,
) -> Vec<Json> {
    let own = entity.shown().filter(|&slot| slot == slot::ID || slot >= slot::FIRST);
    let shown = own.filter(|&slot| readable[slot]);
    let field = |slot| {
        let mut described = field(entity, slot, writable(slot));
        add_conditions(&mut described, entity, slot, readable, registry);
        described
    };
    shown.map(field).collect()
}

fn field(entity: &Entity, place: usize, may_write: bool) -> Json {
    let field = &entity.fields[place];
    let mut described = json!({
        "name": field.name,
        "label": label(&field.name),
        "help": field.help,
        "required": field.required || place == slot::COMPANY && entity.per_company,
        "unique": field.unique,
        "searchable": field.searchable,
        "indexed": entity.is_indexed(place),
        "sortable": field.kind.is_sortable(),
        "personal": field.personal,
        "computed": field.computed.is_some(),
        "system": place < slot::FIRST,
        "writable": may_write && !field.read_only,
        "default": field.default.as_ref().map(|value| default(field, value)),
    });
    if let (Json::Object(all), Json::Object(kind)) = (&mut described, kind(entity, place)) {
        all.extend(kind);
    }
    described
}

/// The kind of a field and what bounds it.
fn kind(entity: &Entity, place: usize) -> Json {
    let on_delete = |how: &kernel::field::OnDelete| match how {
        kernel::field::OnDelete::Restrict => "restrict",
        kernel::field::OnDelete::Cascade => "cascade",
        kernel::field::OnDelete::SetNull => "set_null",
    };
    if place == slot::STATE {
        let names = entity.states.as_ref().map_or(&[][..], |states| &states.names);
        return json!({"kind": "state", "choices": named(names)});
    }
    let kind = &entity.fields[place].kind;
    match kind {
        Kind::Id { prefix } => json!({"kind": "id", "prefix": prefix}),
        Kind::Text { max } => json!({"kind": "text", "max": max}),
        Kind::LongText { max } => json!({"kind": "long_text", "max": max}),
        // As texts: a program that has numbers of 53 bits only would round them.
        Kind::Integer { min, max } => {
            json!({"kind": "integer", "min": min.to_string(), "max": max.to_string()})
        }
        Kind::Decimal { .. } => json!({"kind": "decimal", "scale": kind.scale()}),
        Kind::Percent => json!({"kind": "percent", "scale": kind.scale()}),
        Kind::Price => json!({"kind": "price", "scale": kind.scale()}),
        Kind::Quantity => json!({"kind": "quantity", "scale": kind.scale()}),
        Kind::Money => json!({"kind": "money"}),
        Kind::Boolean => json!({"kind": "boolean"}),
        Kind::Date => json!({"kind": "date"}),
        Kind::Instant => json!({"kind": "instant"}),
        Kind::WallTime => json!({"kind": "wall_time"}),
        Kind::Duration => json!({"kind": "duration"}),
        Kind::Choice { names } => json!({"kind": "choice", "choices": named(names)}),
        Kind::Link { entity, on_delete: how } => {
            json!({"kind": "link", "target": entity, "on_delete": on_delete(how)})
        }
        Kind::Links { entity } => json!({"kind": "links", "target": entity}),
        Kind::Children { entity } => json!({"kind": "lines", "target": entity}),
        Kind::Json => json!({"kind": "json"}),
        Kind::Texts => json!({"kind": "texts"}),
        Kind::Custom => json!({"kind": "custom"}),
        Kind::Colour => json!({"kind": "colour"}),
        Kind::Email => json!({"kind": "email"}),
        Kind::Phone => json!({"kind": "phone"}),
        Kind::Url => json!({"kind": "url"}),
        Kind::Address => json!({"kind": "address"}),
        Kind::Expression => json!({"kind": "expression"}),
    }
}

fn default(field: &Field, default: &schema::Default) -> Json {
    match default {
        schema::Default::Today => json!({"kind": "today"}),
        schema::Default::Now => json!({"kind": "now"}),
        schema::Default::Actor => json!({"kind": "actor"}),
        schema::Default::Value(value) => {
            let mut text = String::new();
            match value {
                Value::Null => text.push_str("null"),
                value => field.kind.write(value, &(), &mut text),
            }
            json!({"kind": "value", "value": serde_json::from_str::<Json>(&text).ok()})
        }
    }
}

/// Names, and how people read them.
fn named(names: &[String]) -> Vec<Json> {
    names.iter().map(|name| json!({"name": name, "label": label(name)})).collect()
}

/// A name as people read it: `sales_order` and `sales-orders` as "Sales order" and "Sales orders".
fn label(name: &str) -> String {
    let spaced = name.replace(['_', '-'], " ");
    let mut letters = spaced.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
