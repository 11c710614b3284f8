//! `POST …:preview`: the first rows as they would be saved.

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
use kernel::json::write_json_string;
use kernel::{Entity, Problem};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Mutex;
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

/// Rehearses writes, and remembers how each record would be saved.
struct Showing {
    carrying: Carrying,
    views: Mutex<Views>,
}

impl Showing {
    fn remember(&self, entity: &str, keys: &Value, view: &View) {
        let Value::Json(keys) = keys else { return };
        let keys: BTreeMap<String, String> = serde_json::from_str(keys).unwrap_or_default();
        for (name, key) in keys {
            self.remember_as(entity, &name, &key, view);
        }
    }

    fn remember_as(&self, entity: &str, name: &str, key: &str, view: &View) {
        let mut views = self.views.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        views.insert((entity.to_owned(), name.to_owned(), key.to_owned()), view.clone());
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
        for (key, view) in &found {
            self.remember_as(entity, name, key, view);
        }
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
        // A record that is made is found by the keys that it is sent with, whoever may read them.
        let sent: Vec<(String, Value)> = writes
            .iter()
            .map(|write| {
                let keys = write.input.values.iter().find(|(name, _)| name == "external_ids");
                (write.entity.clone(), keys.map_or(Value::Null, |(_, keys)| keys.clone()))
            })
            .collect();
        let told = self.carrying.rehearse(writes).await?;
        let id = |((view, result), (entity, keys)): (_, (String, Value))| {
            let view: Option<View> = view;
            if let Some(view) = &view {
                self.remember(&entity, &keys, view);
                self.remember(&entity, view.record.get("external_ids"), view);
            }
            result
        };
        Ok(told.into_iter().zip(sent).map(id).collect())
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
