//! `POST …:preview`: the first rows as they would be.

use super::plan::Planned;
use super::problem;
use crate::edge::{Asked, Edge};
use crate::path::Place;
use crate::reply::{self, Body, Stop};
use crate::view::{Expanded, Shape, Writer};
use async_trait::async_trait;
use exchange::carrying::Carrying;
use exchange::pipeline::{Became, Executor, Observer, Reason, Refused, Write};
use exchange::spool::told;
use http::{Response, StatusCode};
use kernel::command::View;
use kernel::field::merge;
use kernel::json::write_json_string;
use kernel::{Entity, Problem, Record};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use types::{Uuid, Value};

/// Rows that are looked at.
const ROWS: u64 = 20;

impl Edge {
    /// `POST /api/v1/platform/imports/{id}:preview`.
    pub(crate) async fn preview_import(
        &self,
        place: &Place,
        id: &str,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let planned = self.planned(place, id, &asked).await?;
        let system = self.call(true, &asked).await.ok();
        let carrying = Carrying { asking: self.asking(&planned, system) };
        let executor = Showing { carrying, views: Mutex::default() };
        let mut rows = Rows::default();
        let import = self.import(&planned, &executor, Some(ROWS));
        import.run(&mut rows).await.map_err(problem)?;
        let views = executor.views.into_inner().unwrap_or_default();
        let text = self.previewed(&planned, &rows, &views)?;
        Ok(reply::json(StatusCode::OK, text))
    }

    fn previewed(&self, planned: &Planned, rows: &Rows, views: &Views) -> Result<String, Problem> {
        let (shape, expanded) = (Shape::default(), Expanded::new());
        let externals: HashMap<&str, &str> = planned
            .mapping
            .steps
            .iter()
            .map(|step| {
                let external = step.external.as_deref().unwrap_or(planned.mapping.external());
                (step.entity.as_str(), external)
            })
            .collect();
        let mut out = String::from("{\"items\":[");
        let mut sign = "";
        for (line, items) in &rows.0 {
            for item in items {
                out.push_str(sign);
                sign = ",";
                // Writing to a text cannot fail.
                let _ = write!(out, "{{\"row\":{line},\"record\":");
                let view = externals.get(item.entity.as_str()).and_then(|external| {
                    views.get(&(item.entity.clone(), (*external).to_owned(), item.key.clone()))
                });
                match view {
                    Some(view) => {
                        let columns = self.columns_of(&item.entity)?;
                        let writer = Writer {
                            columns,
                            entities: &*self.registry,
                            shape: &shape,
                            expanded: &expanded,
                        };
                        writer.view(view, &mut out);
                    }
                    None => out.push_str("null"),
                }
                out.push_str(",\"would\":");
                write_json_string(item.would, &mut out);
                let problems: Vec<_> = item.problems.iter().map(told).collect();
                let _ = write!(out, ",\"problems\":{}}}", serde_json::Value::from(problems));
            }
        }
        out.push_str("]}");
        Ok(out)
    }
}

/// Records by entity, the name of their keys, and key.
type Views = HashMap<(String, String, String), View>;

/// Rehearses writes, and remembers how each record would be.
struct Showing {
    carrying: Carrying,
    views: Mutex<Views>,
}

impl Showing {
    fn remember(&self, entity: &str, view: &View) {
        let Value::Json(keys) = view.record.get("external_ids") else { return };
        let keys: BTreeMap<String, String> = serde_json::from_str(keys).unwrap_or_default();
        let mut views = self.views.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for (name, key) in keys {
            views.insert((entity.to_owned(), name, key), view.clone());
        }
    }
}

#[async_trait]
impl Executor for Showing {
    async fn by_external(
        &self,
        entity: &str,
        name: &str,
        keys: &[String],
    ) -> Result<Vec<(String, View)>, Problem> {
        let found = self.carrying.by_external(entity, name, keys).await?;
        found.iter().for_each(|(_, view)| self.remember(entity, view));
        Ok(found)
    }

    async fn by_field(
        &self,
        entity: &str,
        field: &str,
        values: &[String],
    ) -> Result<Vec<(String, View)>, Problem> {
        self.carrying.by_field(entity, field, values).await
    }

    async fn seen(&self, entity: &Entity) -> Result<Vec<String>, Problem> {
        self.carrying.seen(entity).await
    }

    async fn write(
        &self,
        writes: Vec<Write>,
        _: bool,
    ) -> Result<Vec<Result<Uuid, Problem>>, Problem> {
        let drafts: Vec<Option<View>> = writes.iter().map(|write| self.draft(write)).collect();
        let entity = writes.first().map(|write| write.entity.clone()).unwrap_or_default();
        let answers = self.carrying.views(writes, true).await?;
        let id = |(answer, draft): (Result<Option<View>, Problem>, Option<View>)| {
            answer.map(|view| match view.or(draft) {
                Some(view) => {
                    self.remember(&entity, &view);
                    view.record.id()
                }
                None => Uuid::nil(),
            })
        };
        Ok(answers.into_iter().zip(drafts).map(id).collect())
    }
}

impl Showing {
    /// The record as a write leaves it, without what the platform computes.
    fn draft(&self, write: &Write) -> Option<View> {
        let entity = self.carrying.asking.registry.get(&write.entity)?.clone();
        let known = write.record.and_then(|(id, _)| {
            let views = self.views.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            views.values().find(|view| view.record.id() == id).cloned()
        });
        let is_new = known.is_none();
        let nothing = || View {
            record: Record::empty(entity.clone()),
            readable: vec![false; entity.fields.len()].into(),
            lines: Arc::from([]),
            replayed: false,
        };
        let mut view = known.unwrap_or_else(nothing);
        let mut readable = view.readable.to_vec();
        for (name, value) in &write.input.values {
            let Some(slot) = entity.slot(name) else { continue };
            let merges = entity.fields[slot].kind.merges();
            let before = &view.record.values[slot];
            view.record.values[slot] =
                if merges { merge(before, value.clone()) } else { value.clone() };
            readable[slot] |= is_new;
        }
        Some(View { readable: readable.into(), ..view })
    }
}

/// What became of the rows, by their lines.
#[derive(Default)]
struct Rows(BTreeMap<u64, Vec<Item>>);

struct Item {
    entity: String,
    key: String,
    would: &'static str,
    problems: Vec<Reason>,
}

impl Observer for Rows {
    fn settled(&mut self, entity: &str, line: u64, key: &str, became: Became) {
        let would = match became {
            Became::Created => "create",
            Became::Updated => "update",
            Became::Unchanged => "nothing",
        };
        let (entity, key) = (entity.to_owned(), key.to_owned());
        let item = Item { entity, key, would, problems: Vec::new() };
        self.0.entry(line).or_default().push(item);
    }

    fn refused(&mut self, refused: &Refused) -> std::io::Result<()> {
        let (entity, key) = (String::new(), String::new());
        let item = Item { entity, key, would: "refuse", problems: refused.reasons.clone() };
        self.0.entry(refused.line).or_default().push(item);
        Ok(())
    }
}
