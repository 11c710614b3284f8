//! Which operation a path and a method name.
//!
//! The table of entities is built once from the registry; finding a path's place in it costs one
//! look-up and no allocation.

use crate::imports::IMPORT;
use kernel::problem::{Problem, ProblemKind};
use kernel::schema::{Entity, EntityKind, Scope, nearest};
use kernel::service::Registry;
use std::collections::HashMap;
use std::sync::Arc;

/// The description of the records for programs that build screens.
pub(crate) const SCHEMA: &str = "/api/v1/platform/schema";
/// Where files to be imported are sent.
pub(crate) const UPLOADS: &str = "/api/v1/platform/imports:upload";
/// The act of sending one.
const UPLOAD: &str = "upload";
/// Where the programming interface begins.
pub(crate) const API: &str = "/api/v1/";

/// An entity and all that its paths need to know of it.
pub(crate) struct Place {
    /// The entity.
    pub entity: Arc<Entity>,
    /// `operations.customer`.
    pub full_name: String,
    /// `/api/v1/operations/customers`: the collection's path, and its route.
    pub collection: String,
    /// `/api/v1/operations/customers/{id}`, as logs and metrics name the route.
    pub record: String,
    /// `/api/v1/operations/customers/{id}:{act}`, likewise.
    pub acts: String,
    /// `/api/v1/operations/customers:aggregate` and the others, in the order of [`TOGETHER`].
    pub together: Vec<String>,
    /// Acts that the schema names: moves between states and those that somebody may do.
    pub known_acts: Vec<String>,
}

impl Place {
    fn new(entity: Arc<Entity>) -> Place {
        let collection = format!("{API}{}/{}", entity.service, entity.plural);
        Place {
            full_name: entity.full_name(),
            record: format!("{collection}/{{id}}"),
            acts: format!("{collection}/{{id}}:{{act}}"),
            together: TOGETHER.map(|(name, _)| format!("{collection}:{name}")).to_vec(),
            known_acts: acts_of(&entity),
            collection,
            entity,
        }
    }

    /// Whether records are made, changed and deleted one by one.
    pub fn is_changeable(&self) -> bool {
        !matches!(self.entity.kind, EntityKind::AppendOnly)
    }

    /// Whether the records live in the system organisation.
    pub fn is_system(&self) -> bool {
        self.entity.scope == Scope::System
    }

    /// The methods of the collection, as `Allow` names them.
    pub fn collection_methods(&self) -> &'static str {
        "GET, HEAD, POST, OPTIONS"
    }

    /// The methods of one record.
    pub fn record_methods(&self) -> &'static str {
        if self.is_changeable() {
            "GET, HEAD, PATCH, DELETE, OPTIONS"
        } else {
            "GET, HEAD, OPTIONS"
        }
    }
}

/// The acts that a schema names: the moves between states, and verbs that a role is permitted.
pub(crate) fn acts_of(entity: &Entity) -> Vec<String> {
    let moves = entity.states.iter().flat_map(|states| states.moves.iter().map(|m| &m.act));
    let permitted = entity.permits.iter().map(|permit| &permit.verb);
    let mut acts: Vec<String> = Vec::new();
    for act in moves.chain(permitted) {
        let is_plain = matches!(act.as_str(), "read" | "create" | "update" | "delete" | "*");
        if !is_plain && !acts.contains(act) {
            acts.push(act.clone());
        }
    }
    acts
}

/// What can be asked of all records of an entity together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Together {
    /// Groups of records.
    Aggregate,
    /// Several commands in one commit.
    Batch,
    /// Which rule decides about making one.
    Explain,
    /// Records as a file.
    Export,
    /// Records from a file.
    Import,
    /// Sums that the entity keeps.
    Totals,
}

/// The names of what can be asked of all records together.
pub(crate) const TOGETHER: [(&str, Together); 6] = [
    ("aggregate", Together::Aggregate),
    ("batch", Together::Batch),
    ("explain", Together::Explain),
    ("export", Together::Export),
    ("import", Together::Import),
    ("totals", Together::Totals),
];

/// Every entity's place, by `service/plural`.
pub(crate) struct Places {
    by_path: HashMap<String, Place>,
    services: Vec<String>,
}

impl Places {
    /// The places of a registry; child entities have none, they live inside their record.
    pub fn new(registry: &Registry) -> Places {
        let own = registry.all().iter().filter(|entity| entity.kind != EntityKind::Child);
        let by_path = own
            .map(|entity| {
                (format!("{}/{}", entity.service, entity.plural), Place::new(entity.clone()))
            })
            .collect();
        let mut services: Vec<String> = Vec::new();
        for entity in registry.all() {
            let in_org = entity.scope == Scope::Org && entity.kind != EntityKind::Child;
            if in_org && !services.contains(&entity.service) {
                services.push(entity.service.clone());
            }
        }
        Places { by_path, services }
    }

    /// The services that own records of an organisation, in the order of the registry.
    pub fn services(&self) -> &[String] {
        &self.services
    }

    /// All places, in no order: what knows no order must not show one.
    pub fn all(&self) -> impl Iterator<Item = &Place> {
        self.by_path.values()
    }

    /// 404 for a path that leads to no entity, with the path that was probably meant.
    fn unknown(&self, service: &str, plural: &str) -> Problem {
        let wanted = format!("{service}/{plural}");
        let near = nearest(&wanted, self.by_path.keys().map(String::as_str));
        let knows = |s: &str| self.by_path.values().any(|place| place.entity.service == s);
        let detail = match near {
            Some(near) => format!("There is no {API}{wanted}; did you mean {API}{near}?"),
            None if knows(service) => {
                format!("The service {service} has no records named {plural}. See /api/docs.")
            }
            None => format!("There is no service named {service}. See /api/docs."),
        };
        Problem::new(ProblemKind::NotFound, "not_found", detail)
    }
}

/// What a path leads to.
pub(crate) enum Target<'p, 't> {
    /// A collection.
    Collection(&'p Place),
    /// Something about all records of a collection; the number is its place in [`TOGETHER`].
    Together(&'p Place, usize),
    /// A file to be imported.
    Upload(&'p Place),
    /// One record, by the text of its id.
    Record(&'p Place, &'t str),
    /// An act on one record.
    Act(&'p Place, &'t str, &'t str),
    /// A search over all entities.
    Search,
    /// What the records are: `/api/v1/platform/schema`.
    Schema,
    /// Keeping the organisation in order: the place in [`UPKEEP`].
    Upkeep(usize),
    /// Signing in and out: the last segment.
    Auth(&'static str),
    /// A page, a document or a probe, by its whole path.
    Fixed(Fixed),
}

/// Paths that no entity owns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fixed {
    /// `/` and `/api/docs`.
    Reference,
    /// `/setup`.
    Setup,
    /// `/assets/NAME`: the place in the table of assets.
    Asset(usize),
    /// `/api/openapi.json`.
    OpenApi,
    /// `/healthz`.
    Health,
    /// `/readyz`.
    Ready,
    /// `/metrics`.
    Metrics,
}

/// The paths of signing in and out: name, method, route.
pub(crate) const AUTH: [(&str, &str, &str); 20] = [
    ("login", "POST", "/api/v1/auth/login"),
    ("refresh", "POST", "/api/v1/auth/refresh"),
    ("switch", "POST", "/api/v1/auth/switch"),
    ("logout", "POST", "/api/v1/auth/logout"),
    ("setup", "POST", "/api/v1/auth/setup"),
    ("password", "POST", "/api/v1/auth/password"),
    ("api-keys:issue", "POST", "/api/v1/auth/api-keys:issue"),
    ("me", "GET", "/api/v1/auth/me"),
    ("link:read", "POST", "/api/v1/auth/link:read"),
    ("link:use", "POST", "/api/v1/auth/link:use"),
    ("password:reset", "POST", "/api/v1/auth/password:reset"),
    ("invitations", "GET", "/api/v1/auth/invitations"),
    ("invitations:issue", "POST", "/api/v1/auth/invitations:issue"),
    ("invitations:withdraw", "POST", "/api/v1/auth/invitations:withdraw"),
    ("access", "GET", "/api/v1/auth/access"),
    ("sessions:end", "POST", "/api/v1/auth/sessions:end"),
    ("api-keys:revoke", "POST", "/api/v1/auth/api-keys:revoke"),
    ("people", "GET", "/api/v1/auth/people"),
    ("people:change", "POST", "/api/v1/auth/people:change"),
    ("people:end", "POST", "/api/v1/auth/people:end"),
];

/// What those who keep an organisation in order ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upkeep {
    /// Where the logs stand.
    Logs,
    /// Verify them.
    Verify,
    /// What stands in them.
    Events,
    /// How the organisation fares.
    Health,
    /// Sample data: whether there are any, make them, take them out.
    Samples,
}

/// The paths of [`Upkeep`]: what, methods, route.
pub(crate) const UPKEEP: [(Upkeep, &str, &str); 5] = [
    (Upkeep::Logs, "GET, HEAD, OPTIONS", "/api/v1/platform/log"),
    (Upkeep::Verify, "POST, OPTIONS", "/api/v1/platform/log:verify"),
    (Upkeep::Events, "GET, HEAD, OPTIONS", "/api/v1/platform/log/events"),
    (Upkeep::Health, "GET, HEAD, OPTIONS", "/api/v1/platform/health"),
    (Upkeep::Samples, "GET, HEAD, POST, DELETE, OPTIONS", "/api/v1/platform/sample-data"),
];

/// The place in [`UPKEEP`] of a path; a client may have escaped the colon.
fn upkeep(path: &str) -> Option<usize> {
    let same = |route: &str| match route.split_once(':') {
        None => path == route,
        Some((noun, act)) => {
            let rest = path.strip_prefix(noun);
            rest.is_some_and(|rest| {
                [":", "%3A", "%3a"].iter().any(|colon| rest.strip_prefix(colon) == Some(act))
            })
        }
    };
    UPKEEP.iter().position(|(_, _, route)| same(route))
}

impl<'p, 't> Target<'p, 't> {
    /// What `path` (without its query) leads to.
    ///
    /// # Errors
    /// 404, naming what was probably meant.
    pub fn find(places: &'p Places, path: &'t str) -> Result<Target<'p, 't>, Problem> {
        let Some(rest) = path.strip_prefix(API) else { return fixed(path) };
        if rest == "search" {
            return Ok(Target::Search);
        }
        if rest == "platform/schema" {
            return Ok(Target::Schema);
        }
        if rest.starts_with("platform/")
            && let Some(at) = upkeep(path)
        {
            return Ok(Target::Upkeep(at));
        }
        let sign_in = rest.strip_prefix("auth/");
        if let Some((name, _, _)) = AUTH.iter().find(|(known, _, _)| Some(*known) == sign_in) {
            return Ok(Target::Auth(name));
        }
        let (service, after) = rest.split_once('/').unwrap_or((rest, ""));
        let (plural, id) = match after.split_once('/') {
            Some((plural, id)) => (plural, Some(id)),
            None => (after, None),
        };
        let (plural, collective) = match find_act(plural) {
            Some((plural, act)) if id.is_none() => (plural, Some(act)),
            _ => (plural, None),
        };
        let collection = &rest[..(service.len() + 1 + plural.len()).min(rest.len())];
        let Some(place) = places.by_path.get(collection) else {
            return Err(places.unknown(service, plural));
        };
        if collective == Some(UPLOAD) && place.full_name == IMPORT {
            return Ok(Target::Upload(place));
        }
        if let Some(act) = collective {
            let known = TOGETHER.iter().position(|(name, _)| *name == act);
            return known.map(|at| Target::Together(place, at)).ok_or_else(|| {
                let all = place.together.join(", ");
                let text = format!("The acts on all of {} are {all}.", place.collection);
                Problem::new(ProblemKind::NotFound, "not_found", text)
            });
        }
        let Some(id) = id else { return Ok(Target::Collection(place)) };
        if id.is_empty() || id.contains('/') {
            let text =
                format!("Records stand directly under {}, as {}.", place.collection, place.record);
            return Err(Problem::new(ProblemKind::NotFound, "not_found", text));
        }
        match find_act(id) {
            Some((id, act)) => Ok(Target::Act(place, id, act)),
            None => Ok(Target::Record(place, id)),
        }
    }

    /// The methods that the path knows, as `Allow` names them.
    pub fn methods(&self) -> &'static str {
        match self {
            Target::Collection(place) => place.collection_methods(),
            Target::Record(place, _) => place.record_methods(),
            Target::Act(_, _, "explain" | "history") => "GET, HEAD, OPTIONS",
            Target::Act(place, _, "tables" | "refused") if place.full_name == IMPORT => {
                "GET, HEAD, OPTIONS"
            }
            Target::Upload(_) => "POST, OPTIONS",
            Target::Act(..) => "POST, OPTIONS",
            Target::Together(_, at) => match TOGETHER[*at].1 {
                Together::Aggregate | Together::Explain | Together::Totals => "GET, HEAD, OPTIONS",
                Together::Batch | Together::Export | Together::Import => "POST, OPTIONS",
            },
            Target::Upkeep(at) => UPKEEP[*at].1,
            Target::Auth(name) => match AUTH.iter().find(|(known, _, _)| known == name) {
                Some((_, "GET", _)) => "GET, HEAD, OPTIONS",
                _ => "POST, OPTIONS",
            },
            Target::Search | Target::Schema | Target::Fixed(_) => "GET, HEAD, OPTIONS",
        }
    }

    /// The route as logs and metrics name it: no ids, so that their number is bounded.
    pub fn route(&self) -> &'p str {
        match self {
            Target::Collection(place) => &place.collection,
            Target::Together(place, at) => &place.together[*at],
            Target::Upload(_) => UPLOADS,
            Target::Record(place, _) => &place.record,
            Target::Act(place, _, _) => &place.acts,
            Target::Search => "/api/v1/search",
            Target::Schema => SCHEMA,
            Target::Upkeep(at) => UPKEEP[*at].2,
            Target::Auth(name) => {
                let known = AUTH.iter().find(|(known, _, _)| known == name);
                known.map_or("/api/v1/auth", |(_, _, route)| route)
            }
            Target::Fixed(fixed) => match fixed {
                Fixed::Reference => "/",
                Fixed::Setup => "/setup",
                Fixed::Asset(_) => "/assets/{name}",
                Fixed::OpenApi => "/api/openapi.json",
                Fixed::Health => "/healthz",
                Fixed::Ready => "/readyz",
                Fixed::Metrics => "/metrics",
            },
        }
    }
}

/// Splits `ID:ACT`; a client may have escaped the colon. What could not name an act is none.
fn find_act(text: &str) -> Option<(&str, &str)> {
    let split = ["%3A", "%3a"].iter().find_map(|colon| text.split_once(colon));
    let (id, act) = text.split_once(':').or(split)?;
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let named = act.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
    (!id.is_empty() && named && act.len() <= 60 && act.bytes().all(fits)).then_some((id, act))
}

fn fixed<'p, 't>(path: &str) -> Result<Target<'p, 't>, Problem> {
    let fixed = match path {
        "/" | "/api/docs" => Fixed::Reference,
        "/setup" => Fixed::Setup,
        "/api/openapi.json" => Fixed::OpenApi,
        "/healthz" => Fixed::Health,
        "/readyz" => Fixed::Ready,
        "/metrics" => Fixed::Metrics,
        _ => match crate::pages::asset(path) {
            Some(place) => Fixed::Asset(place),
            None => {
                let known =
                    ["/", "/api/docs", "/api/openapi.json", "/healthz", "/readyz", "/metrics"];
                let hint = nearest(path, known.into_iter())
                    .map_or(String::new(), |near| format!(" Did you mean {near}?"));
                let text = format!("Nothing is here.{hint} The API is described at /api/docs.");
                return Err(Problem::new(ProblemKind::NotFound, "not_found", text));
            }
        },
    };
    Ok(Target::Fixed(fixed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        let mut note = Entity::new("operations", "note", "notes", "nt");
        note.kind = EntityKind::AppendOnly;
        let customer = Entity::new("operations", "customer", "customers", "cus");
        Places::new(&Registry::new([Arc::new(customer), Arc::new(note)]))
    }

    #[test]
    fn a_path_leads_to_what_it_names() {
        let places = places();
        for (path, route, methods) in [
            (
                "/api/v1/operations/customers",
                "/api/v1/operations/customers",
                "GET, HEAD, POST, OPTIONS",
            ),
            (
                "/api/v1/operations/customers/cus_1",
                "/api/v1/operations/customers/{id}",
                "GET, HEAD, PATCH, DELETE, OPTIONS",
            ),
            (
                "/api/v1/operations/notes/nt_1",
                "/api/v1/operations/notes/{id}",
                "GET, HEAD, OPTIONS",
            ),
            (
                "/api/v1/operations/customers/cus_1:archive",
                "/api/v1/operations/customers/{id}:{act}",
                "POST, OPTIONS",
            ),
            (
                "/api/v1/operations/customers/cus_1%3Aarchive",
                "/api/v1/operations/customers/{id}:{act}",
                "POST, OPTIONS",
            ),
            (
                "/api/v1/operations/customers:aggregate",
                "/api/v1/operations/customers:aggregate",
                "GET, HEAD, OPTIONS",
            ),
            (
                "/api/v1/operations/customers:batch",
                "/api/v1/operations/customers:batch",
                "POST, OPTIONS",
            ),
            (
                "/api/v1/operations/customers/cus_1:explain",
                "/api/v1/operations/customers/{id}:{act}",
                "GET, HEAD, OPTIONS",
            ),
            (
                "/api/v1/operations/customers/cus_1:history",
                "/api/v1/operations/customers/{id}:{act}",
                "GET, HEAD, OPTIONS",
            ),
            (
                "/api/v1/operations/customers/:Archive",
                "/api/v1/operations/customers/{id}",
                "GET, HEAD, PATCH, DELETE, OPTIONS",
            ),
            ("/api/v1/search", "/api/v1/search", "GET, HEAD, OPTIONS"),
            ("/api/v1/platform/schema", "/api/v1/platform/schema", "GET, HEAD, OPTIONS"),
            ("/api/v1/platform/log", "/api/v1/platform/log", "GET, HEAD, OPTIONS"),
            ("/api/v1/platform/log:verify", "/api/v1/platform/log:verify", "POST, OPTIONS"),
            ("/api/v1/platform/log%3Averify", "/api/v1/platform/log:verify", "POST, OPTIONS"),
            ("/api/v1/auth/login", "/api/v1/auth/login", "POST, OPTIONS"),
            ("/api/v1/auth/me", "/api/v1/auth/me", "GET, HEAD, OPTIONS"),
            ("/", "/", "GET, HEAD, OPTIONS"),
            ("/api/docs", "/", "GET, HEAD, OPTIONS"),
            ("/healthz", "/healthz", "GET, HEAD, OPTIONS"),
        ] {
            let target = Target::find(&places, path).unwrap_or_else(|p| panic!("{path}: {p}"));
            assert_eq!((target.route(), target.methods()), (route, methods), "{path}");
        }
    }

    #[test]
    fn a_path_that_leads_nowhere_names_what_was_probably_meant() {
        let places = places();
        for (path, hint) in [
            ("/api/v1/operations/custmers", "/api/v1/operations/customers"),
            ("/api/v1/operation/customers", "/api/v1/operations/customers"),
            ("/api/v1/operations/aeroplanes", "operations has no records named aeroplanes"),
            ("/api/v1/space/ships", "no service named space"),
            ("/api/v1/", "/api/docs"),
            ("/api/v1/operations", "no records named"),
            ("/api/v1/operations/customers:Explode", "customers"),
            ("/api/v1/operations/customers/", "directly under"),
            ("/api/v1/operations/customers:explode", "customers:aggregate"),
            ("/api/v1/operations/customers/cus_1/lines", "directly under"),
            ("/healthzz", "/healthz"),
            ("/wp-login.php", "/api/docs"),
            ("", "/api/docs"),
            ("*", "/api/docs"),
        ] {
            let problem = Target::find(&places, path).err().expect(path);
            assert_eq!(problem.kind, ProblemKind::NotFound, "{path}");
            assert!(problem.detail.contains(hint), "{path}: {}", problem.detail);
        }
    }
}
