//! An installation in memory: enough of the services to see what the edge makes of their answers.

use async_trait::async_trait;
use contracts::auth::{
    Authenticate, ContinueLogin, Identity, IdentityKind, IssueApiKey, IssuedApiKey, Login,
    LoginAnswer, Logout, Need, OrgChoice, Refresh, Session, SetPassword, SetUp, Switch,
};
use contracts::platform::{CloseChangeSet, OpenChangeSet, OrgFacts, Orgs};
use contracts::users::{Membership, MembershipIn, Memberships, UserById, UserFacts, UserNames};
use contracts::{Contract, SYSTEM_ORG};
use gateway::{Config, Edge, Gateway};
use kernel::command::{
    Answer, Call, Command, Consequence, Draft, Explained, FieldChange, Groups, Happening, History,
    Idempotency, Known, Page, Query, Verb, View,
};
use kernel::keys::Keys;
use kernel::ports::{Chance, Clock, Source};
use kernel::problem::{FieldProblem, Problem, ProblemKind};
use kernel::rights::{Facts, Rule};
use kernel::schema::{Field, Move, States, slot};
use kernel::service::{Peers, Registry, Undone};
use kernel::{Entity, Kind, Record};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use types::{Instant, Uuid, Value};

pub(crate) const ORG: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
pub(crate) const ANN: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_00aa);
/// Ann's token: she administers the installation.
pub(crate) const TOKEN: &str = "mgt_ann";
/// Bob's token: a clerk without any administration.
pub(crate) const CLERK: &str = "mgt_bob";

/// Counts up: every id differs, and every run is the same.
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> Instant {
        Instant(1_780_000_000_000_000 + self.0.fetch_add(1_000, Ordering::Relaxed) as i64)
    }
}

impl Chance for Ticking {
    fn fill(&self, buffer: &mut [u8]) {
        let next = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        buffer.iter_mut().zip(next.iter().cycle()).for_each(|(to, from)| *to = *from);
    }
}

/// An organisation whose clerks see customers without their e-mail, and change no credit.
struct Decided;

#[async_trait]
impl Facts for Decided {
    async fn of(&self, _: Uuid) -> Result<Arc<kernel::rights::OrgFacts>, Problem> {
        let rule = Rule {
            name: "clerks".to_owned(),
            role: "clerk".to_owned(),
            entity: "operations.customer".to_owned(),
            verb: "read".to_owned(),
            allow: true,
            condition: String::new(),
            hidden: vec!["email".to_owned()],
            read_only: vec!["credit".to_owned()],
        };
        let on = |verb: &str, condition: &str| Rule {
            verb: verb.to_owned(),
            condition: condition.to_owned(),
            ..rule.clone()
        };
        let rules = vec![rule.clone(), on("update", "credit < 10"), on("archive", "email != null")];
        Ok(Arc::new(kernel::rights::OrgFacts { rules, ..Default::default() }))
    }
}

fn source() -> Source {
    Source { clock: Arc::new(Ticking(0.into())), chance: Arc::new(Ticking(0.into())) }
}

pub(crate) fn registry() -> Registry {
    let moved = |from: &str, act: &str, to: &str| Move {
        from: from.into(),
        act: act.into(),
        to: to.into(),
    };
    let states = States {
        names: vec!["active".into(), "archived".into()],
        moves: vec![moved("active", "archive", "archived"), moved("archived", "restore", "active")],
    };
    let customer = Entity::new("operations", "customer", "customers", "cus")
        .doc("Who buys from us.", "A customer with open orders is archived, not deleted.")
        .field(
            Field::new("name", Kind::text(200), "The name on documents.").required().searchable(),
        )
        .permit("clerk", &[("create", None)])
        .field(Field::new("email", Kind::Email, "Where invoices go."))
        .field(
            Field::new(
                "credit",
                Kind::Integer { min: 0, max: 1_000_000 },
                "The most that may be open.",
            )
            .visible_if("state == 'active'")
            .read_only_if("email == null"),
        )
        .field(Field::new(
            "parent",
            Kind::link("operations.customer"),
            "The customer it belongs to.",
        ))
        .field(Field::new("notes", Kind::Json, "Anything."))
        .field(Field::new("pin", Kind::text(20), "Known to the customer only.").secret())
        .title("name")
        .states(states);
    let entry = Entity::new("operations", "entry", "entries", "ent")
        .doc("What happened.", "")
        .kind(kernel::schema::EntityKind::AppendOnly)
        .field(Field::new("text", Kind::text(1_000), "What happened.").required())
        .title("text");
    let user = Entity::new("users", "user", "users", "usr")
        .doc("Who signs in.", "")
        .system()
        .field(Field::new("email", Kind::Email, "The e-mail.").required())
        .title("email");
    Registry::new([customer, entry, user].map(Arc::new))
}

/// What the services of the fake do beside what they should.
#[derive(Default)]
pub(crate) struct Fake {
    registry: Arc<Registry>,
    records: Mutex<BTreeMap<(Uuid, Uuid), Record>>,
    replies: Mutex<HashMap<String, (Idempotency, Record)>>,
    next: AtomicU64,
    /// How often `authenticate` was asked.
    pub(crate) asked: AtomicU64,
    ended: Mutex<Vec<String>>,
    /// The last call of a login: the client's address as it arrived.
    pub(crate) address: Mutex<String>,
}

impl Fake {
    pub(crate) fn new() -> Arc<Fake> {
        Arc::new(Fake { registry: Arc::new(registry()), ..Fake::default() })
    }

    pub(crate) fn edge(self: &Arc<Fake>, config: Config) -> Arc<Edge> {
        Edge::new(Gateway {
            peers: self.clone(),
            registry: self.registry.clone(),
            keys: Arc::new(Keys::new(&[1; 32], &[2; 32]).expect("keys")),
            source: source(),
            config,
            facts: Arc::new(Decided),
            ready: Arc::new(|| Box::pin(async { Ok(()) })),
        })
    }

    fn view(&self, record: Record, replayed: bool) -> View {
        let entity = &record.entity;
        let readable = (0..entity.fields.len()).map(|slot| entity.shows(slot)).collect();
        View { record, readable, lines: Default::default(), replayed }
    }

    fn readable_names(&self, name: &str) -> Vec<String> {
        let entity = self.registry.get(name).expect("an entity of the fake");
        entity.shown().map(|slot| entity.fields[slot].name.clone()).collect()
    }

    fn entity(&self, name: &str) -> Result<Arc<Entity>, Problem> {
        self.registry.get(name).cloned().ok_or_else(|| Problem::not_found("entity"))
    }

    fn write(&self, call: &Call, command: &Command) -> Result<Answer, Problem> {
        let entity = self.entity(&command.entity)?;
        if !call.roles.iter().any(|role| role == "administrator") && call.org == SYSTEM_ORG {
            return Err(Problem::forbidden(&format!(
                "{}:{}",
                command.entity,
                command.verb.right()
            )));
        }
        let mut records = self.records.lock().unwrap();
        let replies = self.replies.lock().unwrap();
        let earlier =
            call.idempotency.as_ref().and_then(|sent| Some((sent, replies.get(&sent.key)?)));
        if let Some((sent, (earlier, record))) = earlier {
            if earlier.fingerprint != sent.fingerprint {
                let text = "This Idempotency-Key was used for another request. Use a new key.";
                return Err(Problem::new(ProblemKind::Invalid, "idempotency_key_reused", text));
            }
            return Ok(Answer::Record(self.view(record.clone(), true)));
        }
        drop(replies);
        let mut record = match &command.verb {
            Verb::Create => {
                let mut record = Record::empty(entity.clone());
                let number = self.next.fetch_add(1, Ordering::Relaxed) + 1;
                record.values[slot::ID] =
                    Value::Id(Uuid::from_u128(0x0190 << 112 | u128::from(number)));
                record.values[slot::STATE] = entity.first_state().into();
                record
            }
            Verb::Update { id, known }
            | Verb::Delete { id, known }
            | Verb::Act { id, known, .. } => {
                let found = records
                    .get(&(call.org, *id))
                    .filter(|r| r.entity.full_name() == command.entity);
                let record = found.cloned().ok_or_else(|| Problem::not_found(&entity.name))?;
                match known {
                    Known::Exactly(version) if *version != record.version() => {
                        let text = "The record is in another version.";
                        return Err(Problem::new(
                            ProblemKind::PreconditionFailed,
                            "version_mismatch",
                            text,
                        ));
                    }
                    Known::Base(version) if *version > record.version() => {
                        return Err(Problem::malformed(
                            "unknown_base_version",
                            "There is no such version.",
                        ));
                    }
                    _ => record,
                }
            }
            Verb::Restore { .. } => return Err(Problem::forbidden("restore")),
        };
        let mut problems = command.input.problems.clone();
        if let Verb::Act { act, .. } = &command.verb {
            let moves = entity.states.iter().flat_map(|s| &s.moves).filter(|m| m.act == *act);
            let moves: Vec<&Move> = moves.collect();
            match moves.iter().find(|m| Some(m.from.as_str()) == record.state()) {
                Some(found) => record.values[slot::STATE] = found.to.as_str().into(),
                None if moves.is_empty() => return Err(Problem::not_found("act")),
                None => return Err(Problem::conflict("wrong_state", "Not in this state.")),
            }
        }
        for (name, value) in &command.input.values {
            let at = entity.slot(name).unwrap_or(0);
            if entity.fields[at].read_only {
                if record.values[at] != *value {
                    problems.push(FieldProblem::new(
                        format!("/{name}"),
                        "read_only",
                        "cannot be changed",
                    ));
                }
            } else if !matches!(command.verb, Verb::Act { .. }) {
                record.values[at] = value.clone();
            }
        }
        for (at, field) in entity.fields.iter().enumerate() {
            if field.required
                && (record.values[at].is_null() || record.values[at].as_text() == Some(""))
            {
                problems.push(FieldProblem::new(
                    format!("/{}", field.name),
                    "required",
                    "must not be empty",
                ));
            }
        }
        if !problems.is_empty() {
            return Err(Problem::invalid(problems));
        }
        match record.values[entity.title].as_text() {
            Some("panic") => panic!("a secret detail"),
            Some("internal") => return Err(Problem::internal("a secret detail")),
            Some("unavailable") => {
                return Err(Problem::unavailable("database_unavailable", "Wait.", 7));
            }
            Some("full") => {
                return Err(Problem::new(ProblemKind::StorageFull, "storage_full", "Full."));
            }
            _ => {}
        }
        let key = (call.org, record.id());
        if matches!(command.verb, Verb::Delete { .. }) {
            records.remove(&key);
            return Ok(Answer::Done);
        }
        record.values[slot::VERSION] = Value::Int(record.version() as i64 + 1);
        record.values[slot::UPDATED_BY] = call.actor.user().into();
        records.insert(key, record.clone());
        if let Some(sent) = &call.idempotency {
            self.replies.lock().unwrap().insert(sent.key.clone(), (sent.clone(), record.clone()));
        }
        Ok(Answer::Record(self.view(record, false)))
    }

    fn read(&self, call: &Call, query: Query) -> Result<Answer, Problem> {
        let records = self.records.lock().unwrap();
        let allowed =
            call.org != SYSTEM_ORG || call.roles.iter().any(|role| role == "administrator");
        match query {
            Query::Get { entity, id, known_at } => {
                let entity = self.entity(&entity)?;
                let found = records
                    .get(&(call.org, id))
                    .filter(|_| allowed && known_at.is_none_or(|at| at.0 > 0));
                let found = found.filter(|record| record.entity.full_name() == entity.full_name());
                let record = found.cloned().ok_or_else(|| Problem::not_found(&entity.name))?;
                Ok(Answer::Record(self.view(record, false)))
            }
            Query::List(list) => {
                let entity = self.entity(&list.entity)?;
                if !allowed {
                    return Err(Problem::forbidden(&format!("{}:read", list.entity)));
                }
                let ids = list.filter.strip_prefix("id in [");
                if !list.filter.is_empty() && ids.is_none() {
                    let env = kernel::env::predicate(&entity, &list.filter, &*self.registry);
                    env.map_err(|problem| Problem { code: "invalid_filter".into(), ..problem })?;
                }
                for key in list.order_by.split(',').filter(|key| !key.trim().is_empty()) {
                    let name = key.split_whitespace().next().unwrap_or_default();
                    if entity.slot(name).is_none() {
                        return Err(kernel::read::parameter(
                            "order_by",
                            "unknown_field",
                            "no such field",
                        ));
                    }
                }
                if !list.page_token.is_empty() {
                    return Err(kernel::read::parameter(
                        "page_token",
                        "invalid_page_token",
                        "no such page",
                    ));
                }
                let fits = |record: &&Record| {
                    record.entity.full_name() == list.entity
                        && ids.is_none_or(|ids| ids.contains(&record.public_id()))
                };
                let of_org =
                    records.iter().filter(|((org, _), _)| *org == call.org).map(|(_, r)| r);
                let all: Vec<View> =
                    of_org.filter(fits).map(|record| self.view(record.clone(), false)).collect();
                let total_size = list.count.then_some(all.len() as u64);
                let more = all.len() > list.page_size as usize;
                let items = all.into_iter().take(list.page_size as usize).collect();
                let next_page_token = if more { "00".to_owned() } else { String::new() };
                Ok(Answer::Page(Page { items, next_page_token, total_size }))
            }
            Query::Search { text, limit } => {
                let hit = |record: &&Record| {
                    record.values[record.entity.title]
                        .as_text()
                        .is_some_and(|title| title.contains(&text))
                };
                let found = records.values().filter(hit).take(limit as usize);
                Ok(Answer::Hits(found.map(|record| self.view(record.clone(), false)).collect()))
            }
            Query::Aggregate(question) if question.select != "count()" => {
                Err(kernel::read::parameter("select", "unknown_measure", "not known here"))
            }
            Query::Aggregate(question) => {
                let of = |record: &&Record| record.entity.full_name() == question.entity;
                let count = records.values().filter(of).count() as i64;
                Ok(Answer::Groups(Groups {
                    entity: question.entity.clone(),
                    columns: vec![("count()".to_owned(), None)],
                    rows: vec![vec![Value::Int(count)]],
                    cut: false,
                }))
            }
            Query::Totals(_) => Err(Problem::not_found("query")),
            Query::External { .. } => Ok(Answer::Keyed(Vec::new())),
            Query::History { entity, id, .. } => match records.contains_key(&(call.org, id)) {
                true => Ok(Answer::History(history(entity))),
                false => Err(Problem::not_found(&entity)),
            },
            Query::Explain { entity, id: None, verb, .. } => Ok(Answer::Explained(Explained {
                right: format!("{entity}:{verb}"),
                allowed: allowed && verb != "delete",
                by: Some("default".to_owned()),
                extent: None,
                condition: None,
                roles: call.roles.to_vec(),
                readable: self.readable_names(&entity),
                read_only: Vec::new(),
                hidden: None,
                conditions: Vec::new(),
            })),
            Query::Explain { entity, id: Some(id), .. } => {
                match records.contains_key(&(call.org, id)) {
                    true => Err(Problem::not_found("query")),
                    false => Err(Problem::not_found(&entity)),
                }
            }
        }
    }

    fn session(&self, token: &str) -> Session {
        Session {
            access_token: token.to_owned(),
            refresh_token: format!("mgr_{token}"),
            expires_in: 900,
            user: ANN,
            org: ORG,
            session: Uuid::from_u128(9),
        }
    }
}

/// Two events, one of the platform and one of a person.
fn history(entity: String) -> History {
    let change = |field: &str, before: Option<Value>, after: Option<Value>| FieldChange {
        field: field.to_owned(),
        before,
        after,
        erased: field == "name",
    };
    let event = |actor: Option<Uuid>, kind: &str, verb: &str| Happening {
        event: Uuid::from_u128(7),
        position: 12,
        at: Instant(1_000_000),
        actor,
        actor_kind: kind.to_owned(),
        verb: verb.to_owned(),
        through: actor.is_none().then(|| "undo".to_owned()),
        reason: if actor.is_none() { "a \"mistake\"".to_owned() } else { String::new() },
        request_id: "req_1".to_owned(),
        change_set: actor.is_none().then(|| Uuid::from_u128(8)),
        version: 3,
        changes: vec![
            change("name", Some(Value::Null), Some("New".into())),
            change("state", None, Some("archived".into())),
        ],
        lines: Vec::new(),
    };
    let items =
        vec![event(None, "service:operations", "update"), event(Some(ANN), "user", "archive")];
    History { entity, items, next_page_token: "00".to_owned() }
}

fn invalid_token() -> Problem {
    Problem::new(ProblemKind::Unauthenticated, "invalid_token", "Sign in again.")
}

/// Reads a contract's request and writes its answer.
fn answer<C: Contract>(
    body: &[u8],
    answer: impl FnOnce(C::Request) -> Result<C::Answer, Problem>,
) -> Result<Vec<u8>, Problem> {
    let request = ciborium::from_reader(body).map_err(|e| Problem::internal(e.to_string()))?;
    let mut out = Vec::new();
    ciborium::into_writer(&answer(request)?, &mut out)
        .map_err(|e| Problem::internal(e.to_string()))?;
    Ok(out)
}

fn northwind() -> OrgFacts {
    OrgFacts {
        id: ORG,
        slug: "northwind".into(),
        name: "Northwind Traders".into(),
        placement: "sqlite".into(),
        state: "active".into(),
    }
}

#[async_trait]
impl Peers for Fake {
    async fn execute(&self, call: Call, command: Command) -> Result<Answer, Problem> {
        if !call.dry_run {
            return self.write(&call, &command);
        }
        assert_eq!(call.idempotency, None);
        let before = self.records.lock().unwrap().clone();
        let said = self.write(&call, &command);
        *self.records.lock().unwrap() = before;
        match (said, &command.verb) {
            (Err(problem), _) if problem.kind == ProblemKind::Invalid => {
                let record = self.view(Record::empty(self.entity(&command.entity)?), false);
                Ok(Answer::Draft(Box::new(Draft { problem, record })))
            }
            (Ok(Answer::Done), Verb::Delete { .. }) => {
                Ok(Answer::Consequences(vec![Consequence {
                    entity: Some("operations.contact".to_owned()),
                    change: "delete".to_owned(),
                    count: Some(2),
                    message: "2 of operations.contact are deleted with it".to_owned(),
                }]))
            }
            (said, _) => said,
        }
    }

    async fn ask(&self, service: &str, call: Call, query: Query) -> Result<Answer, Problem> {
        match (service, &query) {
            ("operations" | "users", _) => self.read(&call, query),
            _ => Err(Problem::unavailable("service_unavailable", "Not there.", 1)),
        }
    }

    async fn execute_all(
        &self,
        _: &str,
        call: Call,
        commands: Vec<Command>,
        act: &str,
        all_or_nothing: bool,
    ) -> Result<Vec<Result<Answer, Problem>>, Problem> {
        assert!(matches!(act, "batch" | "import" | "rehearsal"), "{act}");
        assert!(call.change_set.is_some() || act == "rehearsal" || call.dry_run);
        let before = self.records.lock().unwrap().clone();
        let results: Vec<_> = commands.iter().map(|command| self.write(&call, command)).collect();
        if act == "rehearsal" || call.dry_run {
            *self.records.lock().unwrap() = before;
            return Ok(results);
        }
        match results.iter().find_map(|result| result.as_ref().err()) {
            Some(problem) if all_or_nothing => {
                *self.records.lock().unwrap() = before;
                Err(problem.clone())
            }
            _ => Ok(results),
        }
    }

    async fn undo(&self, _: &str, _: Call, _: Uuid, _: bool) -> Result<Undone, Problem> {
        Err(Problem::not_found("service"))
    }

    async fn contract(
        &self,
        service: &str,
        name: &str,
        _: Call,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Problem> {
        match (service, name) {
            ("users", UserNames::NAME) => answer::<UserNames>(&body, |request| {
                let named = request.users.into_iter().map(|user| (user, "Ann".to_owned()));
                Ok(named.collect())
            }),
            ("auth", Authenticate::NAME) => answer::<Authenticate>(&body, |request| {
                self.asked.fetch_add(1, Ordering::Relaxed);
                let (user, roles) = match request.token.as_str() {
                    ended if self.ended.lock().unwrap().iter().any(|token| token == ended) => {
                        return Err(invalid_token());
                    }
                    TOKEN => (ANN, vec!["administrator".to_owned()]),
                    CLERK => (Uuid::from_u128(0xbb), vec!["clerk".to_owned()]),
                    _ => return Err(invalid_token()),
                };
                let session = Uuid::from_u128(9);
                Ok(Identity {
                    user,
                    session,
                    org: ORG,
                    roles,
                    companies: None,
                    kind: IdentityKind::User,
                })
            }),
            ("auth", Login::NAME) => answer::<Login>(&body, |request| {
                *self.address.lock().unwrap() = request.client.address;
                match (request.email.as_str(), request.password.as_str(), request.org) {
                    ("many@example.com", _, None) => Ok(LoginAnswer::Needs {
                        needs: Need::Org,
                        orgs: vec![OrgChoice {
                            id: ORG,
                            slug: "northwind".into(),
                            name: "N".into(),
                        }],
                        login_token: "mgl_1".into(),
                    }),
                    ("often@example.com", ..) => {
                        let text = "Too many failed sign-ins. Wait.";
                        let problem = Problem::new(ProblemKind::TooMany, "too_many_attempts", text);
                        Err(Problem { retry_after: Some(60), ..problem })
                    }
                    (_, "correct horse", _) => Ok(LoginAnswer::Session(self.session(TOKEN))),
                    _ => Err(Problem::new(
                        ProblemKind::Unauthenticated,
                        "wrong_credentials",
                        "E-mail or password is wrong.",
                    )),
                }
            }),
            ("auth", ContinueLogin::NAME) => {
                answer::<ContinueLogin>(&body, |request| match request.login_token.as_str() {
                    "mgl_1" => Ok(LoginAnswer::Session(self.session(TOKEN))),
                    _ => Err(invalid_token()),
                })
            }
            ("auth", Refresh::NAME) => answer::<Refresh>(&body, |request| {
                match request.refresh_token == format!("mgr_{TOKEN}") {
                    true => Ok(self.session(TOKEN)),
                    false => Err(invalid_token()),
                }
            }),
            ("auth", Switch::NAME) => {
                answer::<Switch>(&body, |request| match request.org.as_str() {
                    "northwind" => Ok(self.session(TOKEN)),
                    _ => Err(Problem::new(
                        ProblemKind::Forbidden,
                        "no_membership",
                        "You do not belong there.",
                    )),
                })
            }
            ("auth", Logout::NAME) => answer::<Logout>(&body, |request| {
                self.ended.lock().unwrap().push(request.token);
                Ok(())
            }),
            ("auth", SetUp::NAME) => {
                answer::<SetUp>(&body, |request| match request.token.as_str() {
                    "mgs_1" => Ok(self.session(TOKEN)),
                    _ => Err(invalid_token()),
                })
            }
            ("auth", IssueApiKey::NAME) => answer::<IssueApiKey>(&body, |request| {
                Ok(IssuedApiKey { id: request.user, key: format!("mgk_{}", request.name) })
            }),
            ("auth", SetPassword::NAME) => answer::<SetPassword>(&body, |_| Ok(())),
            ("users", MembershipIn::NAME) => answer::<MembershipIn>(&body, |request| {
                let roles = vec!["administrator".to_owned()];
                let found =
                    Membership { user: request.user, org: request.org, roles, companies: None };
                Ok((request.user == ANN).then_some(found))
            }),
            ("users", Memberships::NAME) => answer::<Memberships>(&body, |request| {
                let roles = vec!["administrator".to_owned()];
                Ok(vec![Membership { user: request.user, org: ORG, roles, companies: None }])
            }),
            ("users", UserById::NAME) => answer::<UserById>(&body, |request| {
                Ok(Some(UserFacts {
                    id: request.user,
                    email: "ann@example.com".into(),
                    name: "Ann".into(),
                    locale: String::new(),
                    active: true,
                }))
            }),
            ("platform", OpenChangeSet::NAME) => {
                answer::<OpenChangeSet>(&body, |_| Ok(Uuid::from_u128(7)))
            }
            ("platform", CloseChangeSet::NAME) => answer::<CloseChangeSet>(&body, |request| {
                let counts = request.counts;
                let sum = counts.created + counts.updated + counts.unchanged + counts.refused;
                assert_eq!(counts.read, sum, "counts add up");
                Ok(())
            }),
            ("platform", Orgs::NAME) => answer::<Orgs>(&body, |_| Ok(vec![northwind()])),
            _ => Err(Problem::not_found("contract")),
        }
    }
}
