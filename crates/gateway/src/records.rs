//! REST for the records of every entity: one set of handlers, none of which knows an entity.

use crate::edge::{Asked, Edge};
use crate::expand;
use crate::headers;
use crate::path::Place;
use crate::query::Params;
use crate::reply::{self, Body, REPLAYED, Stop};
use crate::view::{Columns, Expanded, Misshapen, Shape, Writer, unknown_field};
use http::header::HeaderValue;
use http::{Response, StatusCode};
use kernel::command::{Answer, Call, Command, Idempotency, Input, Known, List, Query, Verb, View};
use kernel::problem::{FieldProblem, Problem};
use kernel::read::{MAX_PAGE_SIZE, PAGE_SIZE, parameter};
use kernel::schema::nearest;
use types::{Instant, Uuid};

/// The most code points of a full text to search for.
pub(crate) const MAX_SEARCH: usize = 1_000;
/// The most records to pass over: more than any organisation has of one kind.
pub(crate) const MAX_SKIP: u64 = 1_000_000_000;
/// The media types of a create or an act.
const JSON: [&str; 1] = ["application/json"];
/// The media types of a change.
const PATCH: [&str; 2] = ["application/merge-patch+json", "application/json"];

impl Edge {
    /// `GET /api/v1/{service}/{entities}`.
    pub(crate) async fn list(
        &self,
        place: &Place,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        const KNOWN: [&str; 11] = [
            "filter",
            "q",
            "order_by",
            "page_size",
            "page_token",
            "skip",
            "fields",
            "expand",
            "count",
            "known_at",
            "as_of",
        ];
        let params = Params::parse(asked.parts.uri.query(), &KNOWN)?;
        if let Some(name) = ["known_at", "as_of"].iter().find(|name| params.get(name).is_some()) {
            let text = format!(
                "lists of {} show the present only; known_at works on one record",
                place.entity.name
            );
            return Err(parameter(name, "no_history", text).into());
        }
        let most = u64::from(MAX_PAGE_SIZE);
        let page_size = params.number("page_size", 1, most)?.map_or(PAGE_SIZE, |size| size as u32);
        let mut shape = self.shape(place, &params, &asked).await?;
        shape.in_list = true;
        let query = Query::List(List {
            entity: place.full_name.clone(),
            filter: params.text("filter"),
            text: search_text(params.text("q"))?,
            order_by: params.text("order_by"),
            page_size,
            page_token: params.text("page_token"),
            skip: params.number("skip", 0, MAX_SKIP)?.unwrap_or(0),
            count: params.flag("count")?,
            lines: shape.wants_lines(&place.entity),
        });
        let call = self.call(place.is_system(), &asked).await?;
        let page = match self.peers.ask(&place.entity.service, call, query).await? {
            Answer::Page(page) => page,
            _ => return Err(Problem::internal("a list answered something else than a page").into()),
        };
        self.sees(place, &shape, page.items.first(), &asked).await?;
        let expanded = self.expanded(place, &shape, &page.items, &asked).await?;
        let mut text = String::with_capacity(64 + page.items.len() * 512);
        self.writer(place, &shape, &expanded)?.page(&page, &mut text);
        Ok(reply::json(StatusCode::OK, text))
    }

    /// `GET /api/v1/{service}/{entities}/{id}`.
    pub(crate) async fn get(
        &self,
        place: &Place,
        id: &str,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let params = Params::parse(asked.parts.uri.query(), &["fields", "expand", "known_at"])?;
        let shape = self.shape(place, &params, &asked).await?;
        let known_at = params.get("known_at").map(Instant::parse).transpose();
        let known_at =
            known_at.map_err(|e| parameter("known_at", "invalid_instant", e.to_string()))?;
        let id = record_id(place, id)?;
        let query = Query::Get { entity: place.full_name.clone(), id, known_at };
        let call = self.call(place.is_system(), &asked).await?;
        let view = match self.peers.ask(&place.entity.service, call, query).await? {
            Answer::Record(view) => view,
            _ => return Err(Problem::internal("a record's query answered something else").into()),
        };
        self.sees(place, &shape, Some(&view), &asked).await?;
        let version = view.record.version();
        // What a link expands to has versions of its own, which this tag says nothing about.
        if shape.expand.is_empty() && headers::is_held(&asked.parts.headers, version) {
            let mut response = reply::empty(StatusCode::NOT_MODIFIED);
            reply::private(&mut response);
            reply::set_etag(&mut response, version);
            return Ok(response);
        }
        let items = std::slice::from_ref(&view);
        let expanded = self.expanded(place, &shape, items, &asked).await?;
        self.record(place, StatusCode::OK, &view, &shape, &expanded)
    }

    /// `POST /api/v1/{service}/{entities}`.
    pub(crate) async fn create(
        &self,
        place: &Place,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let params = Params::parse(asked.parts.uri.query(), &["dry_run"])?;
        let dry_run = params.flag("dry_run")?;
        headers::media_type(&asked.parts.headers, &JSON)?;
        let input = kernel::json::read_body(&place.entity, &asked.body, &*self.registry)?;
        match self.write(place, Verb::Create, input, dry_run, &asked).await? {
            answer if dry_run => self.rehearsed(place, answer),
            Answer::Record(view) => {
                let shape = Shape::default();
                let mut response =
                    self.record(place, StatusCode::CREATED, &view, &shape, &Expanded::new())?;
                let path = format!("{}/{}", place.collection, view.record.public_id());
                reply::set_location(&mut response, path);
                Ok(response)
            }
            _ => Err(Problem::internal("a create answered no record").into()),
        }
    }

    /// `PATCH /api/v1/{service}/{entities}/{id}`.
    pub(crate) async fn update(
        &self,
        place: &Place,
        id: &str,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let params = Params::parse(asked.parts.uri.query(), &["base_version", "dry_run"])?;
        let dry_run = params.flag("dry_run")?;
        let known = known(&params, &asked)?;
        let id = record_id(place, id)?;
        headers::media_type(&asked.parts.headers, &PATCH)?;
        let input = kernel::json::read_body(&place.entity, &asked.body, &*self.registry)?;
        let verb = Verb::Update { id, known };
        match self.write(place, verb, input, dry_run, &asked).await? {
            answer if dry_run => self.rehearsed(place, answer),
            answer => self.written(place, answer),
        }
    }

    /// `DELETE /api/v1/{service}/{entities}/{id}`.
    pub(crate) async fn delete(
        &self,
        place: &Place,
        id: &str,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let params = Params::parse(asked.parts.uri.query(), &["dry_run"])?;
        let dry_run = params.flag("dry_run")?;
        let known = headers::if_match(&asked.parts.headers)?;
        let verb = Verb::Delete { id: record_id(place, id)?, known };
        let answer = self.write(place, verb, Input::new(), dry_run, &asked).await?;
        if dry_run {
            return self.rehearsed(place, answer);
        }
        let mut response = reply::empty(StatusCode::NO_CONTENT);
        if let Answer::Record(View { replayed: true, .. }) = answer {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        Ok(response)
    }

    /// `POST /api/v1/{service}/{entities}/{id}:{act}`.
    pub(crate) async fn act(
        &self,
        place: &Place,
        id: &str,
        act: &str,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let params = Params::parse(asked.parts.uri.query(), &["dry_run"])?;
        self.act_with(place, id, act, params.flag("dry_run")?, asked).await
    }

    /// An act whose parameters were looked at.
    pub(crate) async fn act_with(
        &self,
        place: &Place,
        id: &str,
        act: &str,
        dry_run: bool,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let known = headers::if_match(&asked.parts.headers)?;
        let id = record_id(place, id)?;
        if matches!(act, "create" | "read" | "update" | "delete") {
            return Err(unknown_act(place, act).into());
        }
        let input = if asked.body.is_empty() {
            Input::new()
        } else {
            headers::media_type(&asked.parts.headers, &JSON)?;
            kernel::json::read_body(&place.entity, &asked.body, &*self.registry)?
        };
        let verb = Verb::Act { id, act: act.to_owned(), known };
        match self.write(place, verb, input, dry_run, &asked).await {
            Ok(answer) if dry_run => self.rehearsed(place, answer),
            Ok(answer) => self.written(place, answer),
            // The kernel knows that there is no such act; the schema knows which there are.
            Err(problem)
                if problem.code == "not_found" && !place.known_acts.iter().any(|a| a == act) =>
            {
                let hint = unknown_act(place, act).detail;
                Err(Problem { detail: format!("{} {hint}", problem.detail), ..problem }.into())
            }
            Err(problem) => Err(problem.into()),
        }
    }

    /// Executes a write, with the client's idempotency key if it sent one.
    async fn write(
        &self,
        place: &Place,
        verb: Verb,
        input: Input,
        dry_run: bool,
        asked: &Asked<'_>,
    ) -> Result<Answer, Problem> {
        let idempotency = self.idempotency(asked)?.filter(|_| !dry_run);
        let call = self.call(place.is_system(), asked).await?;
        let command = Command { entity: place.full_name.clone(), verb, input };
        self.peers.execute(Call { idempotency, dry_run, ..call }, command).await
    }

    /// The answer to a dry run: 200 with what would be, or the refusal with the draft.
    fn rehearsed(&self, place: &Place, answer: Answer) -> Result<Response<Body>, Stop> {
        let (shape, expanded) = (Shape::default(), Expanded::new());
        let record = |view: &View| -> Result<String, Problem> {
            let mut text = String::with_capacity(1_024);
            self.writer(place, &shape, &expanded)?.view(view, &mut text);
            Ok(text)
        };
        match answer {
            Answer::Record(view) => Ok(reply::json(StatusCode::OK, record(&view)?)),
            Answer::Draft(draft) => Err(Stop::drafted(draft.problem, record(&draft.record)?)),
            Answer::Consequences(all) => {
                let all = serde_json::json!({"would": "delete", "consequences": all});
                Ok(reply::json(StatusCode::OK, all.to_string()))
            }
            _ => Err(Problem::internal("a dry run was answered otherwise").into()),
        }
    }

    /// The client's promise that this request is the same as any other with its key.
    pub(crate) fn idempotency(&self, asked: &Asked<'_>) -> Result<Option<Idempotency>, Problem> {
        let key = headers::idempotency_key(&asked.parts.headers)?;
        Ok(key.map(|key| {
            let parts = asked.parts;
            let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
            let hashed = [parts.method.as_str().as_bytes(), path.as_bytes(), &asked.body];
            Idempotency { key: key.to_owned(), fingerprint: self.keys.fingerprint(&hashed) }
        }))
    }

    /// The answer to a change or an act.
    fn written(&self, place: &Place, answer: Answer) -> Result<Response<Body>, Stop> {
        match answer {
            Answer::Record(view) => {
                self.record(place, StatusCode::OK, &view, &Shape::default(), &Expanded::new())
            }
            // The act left nothing to show: the record is gone.
            _ => Ok(reply::empty(StatusCode::NO_CONTENT)),
        }
    }

    pub(crate) fn record(
        &self,
        place: &Place,
        status: StatusCode,
        view: &View,
        shape: &Shape,
        expanded: &Expanded,
    ) -> Result<Response<Body>, Stop> {
        let mut text = String::with_capacity(1_024);
        self.writer(place, shape, expanded)?.view(view, &mut text);
        let mut response = reply::json(status, text);
        reply::set_etag(&mut response, view.record.version());
        if view.replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        Ok(response)
    }

    pub(crate) fn writer<'a>(
        &'a self,
        place: &Place,
        shape: &'a Shape,
        expanded: &'a Expanded,
    ) -> Result<Writer<'a>, Problem> {
        let columns = self.columns_of(&place.full_name)?;
        Ok(Writer { columns, entities: &*self.registry, shape, expanded })
    }

    pub(crate) fn columns_of(&self, full_name: &str) -> Result<&Columns, Problem> {
        let missing = || Problem::internal(format!("{full_name} is not in the registry"));
        self.columns.get(full_name).ok_or_else(missing)
    }

    /// What the client wants to see of each record.
    async fn shape(
        &self,
        place: &Place,
        params: &Params<'_>,
        asked: &Asked<'_>,
    ) -> Result<Shape, Problem> {
        match Shape::parse(&place.entity, params) {
            Ok(shape) => Ok(shape),
            Err(wrong) => Err(self.misshapen(place, wrong, asked).await),
        }
    }

    /// Refuses a field that who asks cannot see, as one that does not exist. A record that is
    /// shown tells; without one, the rights are asked for.
    async fn sees(
        &self,
        place: &Place,
        shape: &Shape,
        shown: Option<&View>,
        asked: &Asked<'_>,
    ) -> Result<(), Problem> {
        let entity = &place.entity;
        let checked = match shown {
            _ if shape.fields.is_none() && shape.expand.is_empty() => Ok(()),
            Some(view) => shape.check(entity, |at| view.readable.get(at) == Some(&true)),
            None => {
                let readable = self.readable(place, asked).await?;
                shape.check(entity, |at| readable.contains(&entity.fields[at].name))
            }
        };
        match checked {
            Ok(()) => Ok(()),
            Err(wrong) => Err(self.misshapen(place, wrong, asked).await),
        }
    }

    async fn misshapen(&self, place: &Place, wrong: Misshapen, asked: &Asked<'_>) -> Problem {
        match wrong {
            Misshapen::Problem(problem) => problem,
            Misshapen::Unknown { parameter, name } => match self.readable(place, asked).await {
                Ok(readable) => unknown_field(&place.entity, parameter, &name, &readable),
                Err(problem) => problem,
            },
        }
    }

    /// The names of the fields that who asks can see.
    pub(crate) async fn readable(
        &self,
        place: &Place,
        asked: &Asked<'_>,
    ) -> Result<Vec<String>, Problem> {
        let (entity, verb) = (place.full_name.clone(), "read".to_owned());
        let query = Query::Explain { entity, id: None, verb, roles: Vec::new() };
        let call = self.call(place.is_system(), asked).await?;
        match self.peers.ask(&place.entity.service, call, query).await? {
            Answer::Explained(explained) => Ok(explained.readable),
            _ => Err(Problem::internal("a question for a right was answered otherwise")),
        }
    }

    async fn expanded(
        &self,
        place: &Place,
        shape: &Shape,
        items: &[View],
        asked: &Asked<'_>,
    ) -> Result<Expanded, Problem> {
        if shape.expand.is_empty() {
            return Ok(Expanded::new());
        }
        expand::expand(self, &place.entity, &shape.expand, items, asked).await
    }

    /// `GET /api/v1/search`.
    pub(crate) async fn search(&self, asked: Asked<'_>) -> Result<Response<Body>, Stop> {
        let params = Params::parse(asked.parts.uri.query(), &["q", "limit"])?;
        let text = search_text(params.text("q"))?;
        if text.trim().is_empty() {
            let error = parameter("q", "required", "q says what to search for");
            return Err(error.into());
        }
        let limit = params.number("limit", 1, 100)?.unwrap_or(20) as usize;
        let services = self.places.services();
        let asks = services.iter().map(|service| {
            let query = Query::Search { text: text.clone(), limit: limit as u32 };
            self.peers.ask(service, asked.signed.call(asked.request_id), query)
        });
        let answers = futures::future::join_all(asks).await;
        let mut incomplete: Vec<&str> = Vec::new();
        let mut found: Vec<std::vec::IntoIter<View>> = Vec::new();
        let mut failure = None;
        for (service, answer) in services.iter().zip(answers) {
            match answer {
                Ok(Answer::Hits(hits)) => found.push(hits.into_iter()),
                Ok(_) => return Err(Problem::internal("a search answered no hits").into()),
                Err(problem) if problem.kind == kernel::ProblemKind::Unavailable => {
                    incomplete.push(service);
                    failure = Some(problem);
                }
                Err(problem) => return Err(problem.into()),
            }
        }
        if let (true, Some(problem)) = (found.is_empty(), failure) {
            return Err(problem.into());
        }
        self.hits(&merge(found, limit), &incomplete)
    }

    fn hits(&self, hits: &[View], incomplete: &[&str]) -> Result<Response<Body>, Stop> {
        let mut text = String::from("{\"items\":[");
        let quoted = kernel::json::write_json_string;
        for (index, view) in hits.iter().enumerate() {
            let entity = &view.record.entity;
            let id = view.record.public_id();
            text.push_str(if index == 0 { "{\"entity\":" } else { ",{\"entity\":" });
            quoted(&entity.full_name(), &mut text);
            text.push_str(",\"id\":");
            quoted(&id, &mut text);
            text.push_str(",\"title\":");
            expand::write_title(view, &*self.registry, &mut text);
            text.push_str(",\"href\":");
            quoted(&format!("/api/v1/{}/{}/{id}", entity.service, entity.plural), &mut text);
            text.push('}');
        }
        text.push_str("],\"incomplete\":[");
        for (index, service) in incomplete.iter().enumerate() {
            text.push_str(if index == 0 { "" } else { "," });
            quoted(service, &mut text);
        }
        text.push_str("]}");
        Ok(reply::json(StatusCode::OK, text))
    }
}

/// The words of `q`, if they are not too long.
pub(crate) fn search_text(text: String) -> Result<String, Problem> {
    if text.chars().count() > MAX_SEARCH {
        let long = format!("q may hold {MAX_SEARCH} characters");
        return Err(parameter("q", "too_long", long));
    }
    Ok(text)
}

/// The best of each service in turn, until there are enough.
fn merge(mut found: Vec<std::vec::IntoIter<View>>, limit: usize) -> Vec<View> {
    let mut hits = Vec::new();
    while hits.len() < limit && !found.is_empty() {
        found.retain_mut(|service| {
            let next = service.next();
            let more = next.is_some();
            hits.extend(next);
            more
        });
    }
    hits.truncate(limit);
    hits
}

/// The id that a path names; what is no id of this entity names no record.
pub(crate) fn record_id(place: &Place, text: &str) -> Result<Uuid, Problem> {
    let missing = || Problem::not_found(&place.entity.name);
    let (prefix, id) = types::parse_id(text).map_err(|_| missing())?;
    if prefix == place.entity.prefix { Ok(id) } else { Err(missing()) }
}

/// What the client knows of the version: `If-Match`, or `base_version` to merge.
fn known(params: &Params<'_>, asked: &Asked<'_>) -> Result<Known, Problem> {
    let exact = headers::if_match(&asked.parts.headers)?;
    match (exact, params.number("base_version", 1, i64::MAX as u64)?) {
        (exact, None) => Ok(exact),
        (Known::Nothing, Some(base)) => Ok(Known::Base(base)),
        (_, Some(_)) => {
            let text = "base_version merges and If-Match does not: send one of the two";
            Err(parameter("base_version", "two_versions", text))
        }
    }
}

/// 404 for an act, with the ones that there are.
fn unknown_act(place: &Place, act: &str) -> Problem {
    let shown: String = act.chars().take(60).collect();
    let known = place.known_acts.iter().map(String::as_str);
    let hint = match nearest(&shown, known) {
        Some(near) => format!("Did you mean {near}?"),
        None if place.known_acts.is_empty() => format!("{} has no acts.", place.full_name),
        None => format!("{} knows {}.", place.full_name, place.known_acts.join(", ")),
    };
    let at = FieldProblem::new("", "unknown_act", format!("'{shown}' is not an act"));
    let problem = Problem::not_found("act");
    Problem { detail: hint, ..problem }.with(vec![at])
}
