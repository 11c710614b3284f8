//! `GET …/{id}:history`: what happened to a record, the newest first.

use crate::edge::{Asked, Edge};
use crate::expand;
use crate::path::Place;
use crate::query::Params;
use crate::records::record_id;
use crate::reply::{self, Body, Stop};
use crate::view::write_id;
use http::{Response, StatusCode};
use kernel::Kind;
use kernel::command::{Answer, FieldChange, Happening, History, LineChange, Query};
use kernel::field::Entities;
use kernel::json::write_json_string;
use kernel::problem::Problem;
use kernel::read::{MAX_PAGE_SIZE, PAGE_SIZE};
use kernel::schema::Entity;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use types::Uuid;

/// What users are called, by id.
pub(crate) type Names = HashMap<Uuid, String>;

impl Edge {
    /// `GET /api/v1/{service}/{entities}/{id}:history`.
    pub(crate) async fn history(
        &self,
        place: &Place,
        id: &str,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let params = Params::parse(asked.parts.uri.query(), &["page_size", "page_token"])?;
        let most = u64::from(MAX_PAGE_SIZE);
        let page_size = params.number("page_size", 1, most)?.map_or(PAGE_SIZE, |size| size as u32);
        let (entity, page_token) = (place.full_name.clone(), params.text("page_token"));
        let query = Query::History { entity, id: record_id(place, id)?, page_size, page_token };
        let call = self.call(place.is_system(), &asked).await?;
        match self.peers.ask(&place.entity.service, call, query).await? {
            Answer::History(history) => {
                let actors: BTreeSet<Uuid> =
                    history.items.iter().filter_map(|item| item.actor).collect();
                let actors: Vec<Uuid> = actors.into_iter().collect();
                let names = expand::user_names(self, &actors, &asked).await?;
                let writer = HistoryWriter {
                    entity: &place.entity,
                    entities: &*self.registry,
                    user_prefix: &self.user_prefix,
                    names: &names.into_iter().collect(),
                };
                Ok(reply::json(StatusCode::OK, writer.page(&history)))
            }
            _ => Err(Problem::internal("a question for a history was answered otherwise").into()),
        }
    }
}

/// Writes what happened to the records of one entity.
pub(crate) struct HistoryWriter<'a> {
    /// Whose records.
    pub entity: &'a Entity,
    /// Finds the entities of lines and links.
    pub entities: &'a dyn Entities,
    /// What the ids of users begin with.
    pub user_prefix: &'a str,
    /// What the users are called.
    pub names: &'a Names,
}

impl HistoryWriter<'_> {
    /// A page.
    fn page(&self, history: &History) -> String {
        let mut out = String::with_capacity(64 + history.items.len() * 512);
        out.push_str("{\"items\":");
        list(&history.items, &mut out, |item, out| self.item(item, out));
        out.push_str(",\"next_page_token\":");
        write_json_string(&history.next_page_token, &mut out);
        out.push('}');
        out
    }

    /// One event.
    pub(crate) fn item(&self, item: &Happening, out: &mut String) {
        let optional = |text: Option<&str>, out: &mut String| match text {
            Some(text) if !text.is_empty() => write_json_string(text, out),
            _ => out.push_str("null"),
        };
        // Writing to a text cannot fail.
        let _ = write!(
            out,
            "{{\"event\":\"{}\",\"position\":{},\"at\":\"{}\",\"actor\":",
            item.event, item.position, item.at
        );
        self.actor(item, out);
        out.push_str(",\"verb\":");
        write_json_string(&item.verb, out);
        out.push_str(",\"through\":");
        optional(item.through.as_deref(), out);
        out.push_str(",\"reason\":");
        optional(Some(&item.reason), out);
        out.push_str(",\"request_id\":");
        write_json_string(&item.request_id, out);
        out.push_str(",\"change_set\":");
        match item.change_set {
            Some(id) => write_id(CHANGE_SET_PREFIX, id, out),
            None => out.push_str("null"),
        }
        let _ = write!(out, ",\"version\":{},\"changes\":", item.version);
        list(&item.changes, out, |change, out| {
            write_change(self.entity, change, self.entities, out)
        });
        out.push_str(",\"lines\":");
        list(&item.lines, out, |line, out| self.line(line, out));
        out.push('}');
    }

    fn actor(&self, item: &Happening, out: &mut String) {
        let (kind, service) = match item.actor_kind.split_once(':') {
            Some((kind, name)) => (kind, Some(name)),
            None => (item.actor_kind.as_str(), None),
        };
        out.push_str("{\"id\":");
        match item.actor {
            Some(id) => write_id(self.user_prefix, id, out),
            None => out.push_str("null"),
        }
        out.push_str(",\"kind\":");
        write_json_string(kind, out);
        out.push_str(",\"title\":");
        match item.actor.and_then(|id| self.names.get(&id).map(String::as_str)).or(service) {
            Some(title) => write_json_string(title, out),
            None => out.push_str("null"),
        }
        out.push('}');
    }

    fn line(&self, line: &LineChange, out: &mut String) {
        let entity = match self.entity.field_named(&line.field).map(|field| &field.kind) {
            Some(Kind::Children { entity }) => self.entities.entity(entity),
            _ => None,
        };
        out.push_str("{\"field\":");
        write_json_string(&line.field, out);
        out.push_str(",\"id\":");
        write_id(entity.as_ref().map_or("", |entity| &entity.prefix), line.id, out);
        let _ = write!(out, ",\"change\":\"{}\",\"changes\":", line.change.name());
        list(&line.changes, out, |change, out| match &entity {
            Some(entity) => write_change(entity, change, self.entities, out),
            None => out.push_str("{}"),
        });
        out.push('}');
    }
}

/// What the ids of change sets begin with.
const CHANGE_SET_PREFIX: &str = "cs";

/// One field: absent is what the reader may not know, null what was empty.
fn write_change(entity: &Entity, change: &FieldChange, entities: &dyn Entities, out: &mut String) {
    out.push_str("{\"field\":");
    write_json_string(&change.field, out);
    for (name, value) in [("before", &change.before), ("after", &change.after)] {
        let Some(value) = value else { continue };
        let _ = write!(out, ",\"{name}\":");
        match entity.field_named(&change.field).filter(|_| !value.is_null()) {
            Some(field) => field.kind.write(value, entities, out),
            None => out.push_str("null"),
        }
    }
    let _ = write!(out, ",\"erased\":{}}}", change.erased);
}

fn list<T>(items: &[T], out: &mut String, mut write: impl FnMut(&T, &mut String)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}
