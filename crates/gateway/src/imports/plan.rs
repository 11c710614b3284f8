//! What is to become of an uploaded table: `:propose` says what fits, `:start` has it done.

use super::{off_thread, problem, unreadable};
use crate::edge::{Asked, Edge};
use crate::headers;
use crate::path::Place;
use crate::query::Params;
use crate::reply::{self, Body, Stop};
use crate::view::{Expanded, Shape};
use contracts::platform::{CompanyFacts, StartImport};
use exchange::carrying::Carrying;
use exchange::mapping::{Mapping, MappingError, fields_of, with_fields};
use exchange::peers::Asking;
use exchange::pipeline::{self, Context, Executor};
use exchange::propose::{self, Proposing};
use exchange::source;
use http::{Response, StatusCode};
use kernel::command::{Answer, Call, Explained, Query, View};
use kernel::problem::{FieldProblem, Problem};
use kernel::schema::{EntityKind, Scope, nearest};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use types::Uuid;

/// The body of `:propose`, `:preview` and `:start`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Sent {
    /// What the rows become, an entity's full name.
    pub entity: Option<String>,
    /// The table, where the file holds several.
    pub table: Option<String>,
    /// The mapping, TOML; proposed if none.
    pub mapping: Option<String>,
    /// The fields instead of those of the mapping.
    pub fields: Option<serde_json::Map<String, serde_json::Value>>,
    /// The key instead of that of the mapping.
    pub key: Option<String>,
    /// Make every check and change nothing.
    pub dry_run: bool,
    /// What people call the import and its change set.
    pub name: Option<String>,
}

/// An import that can be done.
pub(super) struct Planned {
    pub call: Call,
    /// The record.
    pub import: Uuid,
    pub source: PathBuf,
    /// The mapping's text.
    pub text: String,
    pub mapping: Mapping,
    /// What the rows become.
    pub entity: String,
    pub sent: Sent,
    pub company: Option<CompanyFacts>,
}

impl Edge {
    /// `POST /api/v1/platform/imports/{id}:propose`.
    pub(crate) async fn propose(
        &self,
        place: &Place,
        id: &str,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let planned = self.planned(place, id, &asked).await?;
        let fields = fields_of(&planned.text).map_err(|error| invalid(&error))?;
        let key = planned.mapping.steps.first().map(|step| step.key.clone());
        let answer = serde_json::json!({ "mapping": planned.text, "fields": fields, "key": key });
        Ok(reply::json(StatusCode::OK, answer.to_string()))
    }

    /// `POST /api/v1/platform/imports/{id}:start`: the record of the import, which is then at work.
    pub(crate) async fn start_import(
        &self,
        place: &Place,
        id: &str,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let planned = self.planned(place, id, &asked).await?;
        self.check_plan(&planned, &asked).await?;
        self.start_plan(&planned, &asked).await?;
        let view = self.import_of(&planned.call, planned.import).await?;
        self.record(place, StatusCode::ACCEPTED, &view, &Shape::default(), &Expanded::new())
    }

    /// Holds a plan against schema and file.
    pub(super) async fn check_plan(
        &self,
        planned: &Planned,
        asked: &Asked<'_>,
    ) -> Result<(), Problem> {
        let system = self.call(true, asked).await.ok();
        let executor = Carrying { asking: self.asking(planned, system) };
        self.import(planned, &executor, None).check().await.map_err(problem)
    }

    /// Has a plan done.
    pub(super) async fn start_plan(
        &self,
        planned: &Planned,
        asked: &Asked<'_>,
    ) -> Result<(), Problem> {
        let system = self.call(true, asked).await.ok();
        let Planned { call, import, text, entity, sent, .. } = planned;
        let request = StartImport {
            org: call.org,
            import: *import,
            title: sent.name.as_ref().map(|name| name.chars().take(200).collect()),
            entity: entity.clone(),
            table: sent.table.clone(),
            mapping: text.clone(),
            dry_run: sent.dry_run,
            system,
        };
        contracts::call::<StartImport>(&*self.peers, call.clone(), &request).await?;
        (self.config.imports.wake)(call.org);
        Ok(())
    }

    /// The questions of an import, with the rights of who asks.
    pub(super) fn asking(&self, planned: &Planned, system: Option<Call>) -> Asking {
        let (peers, registry) = (self.peers.clone(), self.registry.clone());
        Asking { peers, registry, call: planned.call.clone(), system }
    }

    /// A rehearsal of a plan.
    pub(super) fn import<'a>(
        &'a self,
        planned: &'a Planned,
        executor: &'a dyn Executor,
        rows: Option<u64>,
    ) -> pipeline::Import<'a> {
        let zone = planned.company.as_ref().map_or("UTC", |company| company.zone.as_str());
        pipeline::Import {
            mapping: &planned.mapping,
            source: &planned.source,
            registry: &self.registry,
            executor,
            journal: &(),
            context: Context::new(self.now(), zone, Vec::new()),
            dry_run: true,
            rows,
        }
    }

    /// Reads a body and settles the mapping: the one that was sent, else the one that fits, with
    /// the fields that were sent.
    pub(super) async fn planned(
        &self,
        place: &Place,
        id: &str,
        asked: &Asked<'_>,
    ) -> Result<Planned, Problem> {
        Params::parse(asked.parts.uri.query(), &[])?;
        headers::media_type(&asked.parts.headers, &["application/json"])?;
        let sent: Sent = serde_json::from_slice(&asked.body).map_err(|error| {
            let text = format!(
                "The body must be {{entity, table, mapping, fields, key, dry_run, name}}: {error}."
            );
            Problem::malformed("malformed_json", text)
        })?;
        let (call, import) = self.named_import(place, id, asked).await?;
        let source = self.spooled(&import)?.source().ok_or_else(super::gone)?;
        let company = self.first_company(&call).await;
        let table = self.table(&source, sent.table.clone()).await?;
        let base = match &sent.mapping {
            Some(text) => text.clone(),
            None => {
                let named = sent.entity.as_deref().unwrap_or_default();
                let currency = company.as_ref().map_or("USD", |company| &company.currency);
                self.proposed(named, &source, table, currency, &import, asked).await?
            }
        };
        let is_changed = sent.fields.is_some() || sent.key.is_some();
        let text = match is_changed {
            true => with_fields(&base, sent.fields.as_ref(), sent.key.as_deref()),
            false => Ok(base),
        };
        let text = text.map_err(|error| invalid(&error))?;
        let mapping = Mapping::parse(&text).map_err(|error| invalid(&error))?;
        let mapping = mapping.with_table(sent.table.as_deref());
        let first = mapping.steps.first().map(|step| step.entity.clone());
        let no_table = || Problem::malformed("invalid_mapping", "The mapping has no table.");
        let first = first.ok_or_else(no_table)?;
        for step in &mapping.steps {
            self.importable(&step.entity, asked).await?;
        }
        let entity = sent.entity.clone().unwrap_or(first);
        let import = import.record.id();
        Ok(Planned { call, import, source, text, mapping, entity, sent, company })
    }

    /// The sheet of a workbook by its name; none for a file that is one table.
    async fn table(&self, path: &Path, named: Option<String>) -> Result<Option<String>, Problem> {
        let Some(named) = named else { return Ok(None) };
        let path = path.to_owned();
        off_thread(move || {
            let sheets = source::sheets(&path).map_err(|error| unreadable(&error))?;
            let own = path.file_name().unwrap_or_default().to_string_lossy();
            match sheets.contains(&named) {
                true => Ok(Some(named)),
                false if sheets.is_empty() && own == named => Ok(None),
                false => {
                    let known =
                        if sheets.is_empty() { own.into_owned() } else { sheets.join(", ") };
                    let text = format!("is no table of the file; there are: {known}");
                    Err(invalid_member("table", "unknown_table", text))
                }
            }
        })
        .await?
    }

    /// A mapping that fits, by the fields that who asks may fill.
    async fn proposed(
        &self,
        named: &str,
        path: &Path,
        table: Option<String>,
        currency: &str,
        import: &View,
        asked: &Asked<'_>,
    ) -> Result<String, Problem> {
        if named.is_empty() {
            let text = "says what the rows become, as operations.customer";
            return Err(invalid_member("entity", "required", text.to_owned()));
        }
        let explained = self.importable(named, asked).await?;
        let entity = self.registry.get(named).cloned();
        let entity = entity.ok_or_else(|| Problem::not_found("entity"))?;
        let (registry, currency) = (self.registry.clone(), currency.to_owned());
        let filename = import.record.get("filename").as_text().unwrap_or_default();
        let name = Path::new(filename).file_stem().unwrap_or_default();
        let (name, path) = (name.to_string_lossy().into_owned(), path.to_owned());
        let Explained { readable, read_only, .. } = explained;
        off_thread(move || {
            let may = |name: &str| {
                readable.iter().any(|known| known == name)
                    && !read_only.iter().any(|known| known == name)
            };
            let proposing = Proposing { registry: &registry, may: &may, currency: &currency };
            propose::for_table(&path, table.as_deref(), &name, &entity, &proposing)
        })
        .await?
        .map_err(|error| unreadable(&error))
    }

    /// Whether rows may become records of an entity, and which of its fields who asks sees. What
    /// they may not see at all does not exist.
    async fn importable(&self, named: &str, asked: &Asked<'_>) -> Result<Explained, Problem> {
        let unknown = |names: &[&str]| {
            let near = nearest(named, names.iter().copied());
            let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
            invalid_member("entity", "unknown_entity", format!("there is no entity {named}{hint}"))
        };
        let is_own =
            |place: &&Place| place.full_name == named && place.entity.kind != EntityKind::Child;
        let Some(place) = self.places.all().find(is_own) else {
            return Err(unknown(&[]));
        };
        let explained = self.explained(place, "read", asked).await?;
        let may_create = explained.allowed || self.explained(place, "create", asked).await?.allowed;
        if !may_create {
            return Err(unknown(&[]));
        }
        if place.entity.scope == Scope::System {
            let text = "Records of the installation are made one by one: send each with POST.";
            return Err(Problem::conflict("no_import", text));
        }
        Ok(explained)
    }

    /// Which rule decides whether who asks may do something.
    pub(super) async fn explained(
        &self,
        place: &Place,
        verb: &str,
        asked: &Asked<'_>,
    ) -> Result<Explained, Problem> {
        let (entity, verb) = (place.full_name.clone(), verb.to_owned());
        let query = Query::Explain { entity, id: None, verb, roles: Vec::new() };
        let call = self.call(place.is_system(), asked).await?;
        match self.peers.ask(&place.entity.service, call, query).await? {
            Answer::Explained(explained) => Ok(explained),
            _ => Err(Problem::internal("a question for a right was answered otherwise")),
        }
    }
}

fn invalid(error: &MappingError) -> Problem {
    let errors = error.problems.iter();
    let errors = errors.map(|text| FieldProblem::new("/mapping", "invalid_mapping", text.as_str()));
    let text = "The mapping cannot be read. Correct what the errors name and send it again.";
    Problem::malformed("invalid_mapping", text).with(errors.collect())
}

fn invalid_member(name: &str, code: &str, text: String) -> Problem {
    Problem::invalid(vec![FieldProblem::new(format!("/{name}"), code, text)])
}
