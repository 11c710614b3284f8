//! `GET …:aggregate`: groups of records as JSON.

use crate::edge::{Asked, Edge};
use crate::path::Place;
use crate::query::Params;
use crate::records::search_text;
use crate::reply::{self, Body, Stop};
use http::{Response, StatusCode};
use kernel::Kind;
use kernel::command::{Aggregate, Answer, Groups, Query, Totals};
use kernel::field::Entities;
use kernel::json::write_json_string;
use kernel::problem::Problem;
use kernel::read::{MAX_PAGE_SIZE, parameter};
use kernel::schema::Entity;
use types::Value;

impl Edge {
    /// `GET /api/v1/{service}/{entities}:aggregate`.
    pub(crate) async fn aggregate(
        &self,
        place: &Place,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        const KNOWN: [&str; 7] =
            ["select", "group_by", "filter", "q", "having", "order_by", "limit"];
        let params = Params::parse(asked.parts.uri.query(), &KNOWN)?;
        if params.get("select").is_none_or(|text| text.trim().is_empty()) {
            let text = "select names what to compute, such as count() or sum(FIELD)";
            return Err(parameter("select", "required", text).into());
        }
        let query = Query::Aggregate(Aggregate {
            entity: place.full_name.clone(),
            filter: params.text("filter"),
            text: search_text(params.text("q"))?,
            group_by: params.text("group_by"),
            select: params.text("select"),
            having: params.text("having"),
            order_by: params.text("order_by"),
            limit: params.number("limit", 1, u64::from(MAX_PAGE_SIZE))?.unwrap_or(0) as u32,
        });
        let call = self.call(place.is_system(), &asked).await?;
        match self.peers.ask(&place.entity.service, call, query).await? {
            Answer::Groups(groups) => {
                let text = write_groups(&groups, &place.entity, &*self.registry);
                Ok(reply::json(StatusCode::OK, text))
            }
            _ => Err(Problem::internal("an aggregate query answered no groups").into()),
        }
    }
}

impl Edge {
    /// `GET /api/v1/{service}/{entities}:totals`: the sums of an accumulator, as of a day.
    pub(crate) async fn totals(
        &self,
        place: &Place,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let accumulators = &place.entity.accumulators;
        let by = accumulators.iter().flat_map(|known| &known.by).map(String::as_str);
        let known: Vec<&str> = ["of", "as_of"].into_iter().chain(by).collect();
        let params = Params::parse(asked.parts.uri.query(), &known)?;
        let as_of = params.get("as_of").map(str::parse::<types::Date>).transpose();
        let as_of = as_of.map_err(|e| parameter("as_of", "invalid_date", e.to_string()))?;
        let given = known[2..].iter().filter_map(|name| Some((*name, params.get(name)?)));
        let mut by: Vec<(String, String)> =
            given.map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        by.dedup();
        let (entity, of) = (place.full_name.clone(), params.text("of"));
        let query = Query::Totals(Totals { entity, of, by, as_of });
        let call = self.call(place.is_system(), &asked).await?;
        match self.peers.ask(&place.entity.service, call, query).await? {
            Answer::Groups(groups) => {
                let text = write_groups(&groups, &place.entity, &*self.registry);
                Ok(reply::json(StatusCode::OK, text))
            }
            _ => Err(Problem::internal("a question for sums answered no groups").into()),
        }
    }
}

/// The groups, one object each, keyed by the texts that the client sent.
fn write_groups(groups: &Groups, entity: &Entity, entities: &dyn Entities) -> String {
    let column = |(text, field): &(String, Option<String>)| {
        let mut label = String::new();
        write_json_string(text, &mut label);
        label.push(':');
        (label, field.as_ref().and_then(|path| kind_at(entity, path, entities)))
    };
    let columns: Vec<(String, Option<Kind>)> = groups.columns.iter().map(column).collect();
    let mut out = String::from("{\"items\":[");
    for (index, row) in groups.rows.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push('{');
        for (at, ((label, kind), value)) in columns.iter().zip(row).enumerate() {
            if at > 0 {
                out.push(',');
            }
            out.push_str(label);
            match kind {
                Some(kind) => kind.write(value, entities, &mut out),
                None => plain(value).write(value, entities, &mut out),
            }
        }
        out.push('}');
    }
    out.push_str(if groups.cut { "],\"cut\":true}" } else { "],\"cut\":false}" });
    out
}

/// The kind of the field at a path, behind links too: `customer.country`.
fn kind_at(entity: &Entity, path: &str, entities: &dyn Entities) -> Option<Kind> {
    let Some((link, rest)) = path.split_once('.') else {
        return entity.field_named(path).map(|field| field.kind.clone());
    };
    match &entity.field_named(link)?.kind {
        Kind::Link { entity, .. } => kind_at(&*entities.entity(entity)?, rest, entities),
        _ => None,
    }
}

/// The kind that writes a value which is of no field: a count, an average, a bucket.
fn plain(value: &Value) -> Kind {
    match value {
        Value::Bool(_) => Kind::Boolean,
        Value::Int(_) => Kind::integer(),
        Value::Decimal(_) => Kind::Decimal { scale: 8 },
        Value::Date(_) => Kind::Date,
        Value::Instant(_) => Kind::Instant,
        Value::WallTime(_) => Kind::WallTime,
        Value::Duration(_) => Kind::Duration,
        Value::Money(_) => Kind::Money,
        Value::Null
        | Value::Text(_)
        | Value::Id(_)
        | Value::Json(_)
        | Value::List(_)
        | Value::Rows(_) => Kind::text(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Uuid;

    #[test]
    fn groups_are_keyed_by_the_texts_that_were_sent() {
        let link = kernel::schema::Field::new("parent", Kind::link("operations.customer"), "");
        let entity = Entity::new("operations", "customer", "customers", "cus").field(link);
        let registry = kernel::service::Registry::new([std::sync::Arc::new(entity.clone())]);
        let groups = Groups {
            entity: entity.full_name(),
            columns: vec![
                ("parent".into(), Some("parent".into())),
                ("month(created_at)".into(), None),
                ("count()".into(), None),
            ],
            rows: vec![vec![Value::Id(Uuid::from_u128(1)), Value::from("2026-07"), Value::Int(3)]],
            cut: false,
        };
        let id = types::format_id("cus", Uuid::from_u128(1));
        let expected = format!(
            "{{\"items\":[{{\"parent\":\"{id}\",\"month(created_at)\":\"2026-07\",\"count()\":3}}],\"cut\":false}}"
        );
        assert_eq!(write_groups(&groups, &entity, &registry), expected);
    }
}
