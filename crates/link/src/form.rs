//! The form of calls and answers on the wire: CBOR, with fields by name.
//!
//! A record names its entity and its fields, so that two versions of a service that know
//! different fields understand each other: a field that the reader does not know is left out, one
//! that the writer does not know is empty and unreadable.

use kernel::command::{Consequence, Draft, Explained, Groups, History, LinesSeen};
use kernel::service::{Registry, Undone};
use kernel::{Answer, Call, Command, Entity, Kind, Page, Problem, Query, Record, View};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::{Uuid, Value};

/// A call on its way.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Executes a command.
    Execute {
        /// The circumstances.
        call: Call,
        /// The command.
        command: Command,
    },
    /// Executes commands together.
    ExecuteAll {
        /// The service.
        service: String,
        /// The circumstances.
        call: Call,
        /// The commands.
        commands: Vec<Command>,
        /// The name of their event.
        act: String,
        /// Whether the first refusal refuses all.
        all_or_nothing: bool,
    },
    /// Takes back what a change set did.
    Undo {
        /// The service.
        service: String,
        /// The circumstances.
        call: Call,
        /// The change set.
        change_set: Uuid,
        /// Whether to say only what would happen.
        preview: bool,
    },
    /// Answers a query.
    Ask {
        /// The service.
        service: String,
        /// The circumstances.
        call: Call,
        /// The query.
        query: Query,
    },
    /// A contract call.
    Contract {
        /// The service.
        service: String,
        /// The contract's name.
        name: String,
        /// The circumstances.
        call: Call,
        /// The CBOR body.
        body: Vec<u8>,
    },
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The answer of a command or query.
    Answer(WireAnswer),
    /// The answers of commands that were executed together.
    Answers(Vec<Result<WireAnswer, Problem>>),
    /// How an undo went.
    Undone(Undone),
    /// The CBOR body of a contract's answer.
    Body(Vec<u8>),
    /// It went wrong.
    Problem(Problem),
}

/// An [`Answer`] with its records by name.
#[derive(Debug, Serialize, Deserialize)]
pub enum WireAnswer {
    /// One record.
    Record(WireView),
    /// A page.
    Page {
        /// The records.
        items: Vec<WireView>,
        /// The token of the next page.
        next_page_token: String,
        /// How many there are in all.
        total_size: Option<u64>,
    },
    /// Hits of a search.
    Hits(Vec<WireView>),
    /// Records by their keys elsewhere.
    Keyed(Vec<(String, WireView)>),
    /// Groups of records.
    Groups(Groups),
    /// What a right comes from.
    Explained(Explained),
    /// What happened to a record.
    History(History),
    /// Why a dry run was refused, and the record as far as it got.
    Draft(Box<(Problem, WireView)>),
    /// What a deletion would do to other records.
    Consequences(Vec<Consequence>),
    /// Nothing to show.
    Done,
}

/// A [`View`] by names.
#[derive(Debug, Serialize, Deserialize)]
pub struct WireView {
    entity: String,
    fields: Vec<(String, WireValue)>,
    readable: Vec<String>,
    /// Fields of lines, and of each the fields that are shown, where not all are.
    lines: Vec<(String, Vec<String>)>,
    replayed: bool,
}

/// A field's value; the columns of lines are named as well.
#[derive(Debug, Serialize, Deserialize)]
pub enum WireValue {
    /// A value of its own.
    One(Value),
    /// Lines: the columns' names, then each line.
    Lines(Vec<String>, Vec<Vec<Value>>),
}

/// Encodes what goes over the wire.
///
/// # Errors
/// 500 when a value has no such form.
pub fn encode<T: Serialize>(what: &T) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::with_capacity(512);
    let written = ciborium::into_writer(what, &mut bytes);
    written.map_err(|error| Problem::internal(format!("link: cannot be encoded: {error}")))?;
    Ok(bytes)
}

/// Decodes what came over the wire.
///
/// # Errors
/// 500 when the bytes are not what was expected.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    ciborium::from_reader(bytes)
        .map_err(|error| Problem::internal(format!("link: cannot be decoded: {error}")))
}

impl Reply {
    /// The answer of a command or query.
    ///
    /// # Errors
    /// The problem that came back; 500 when the reply is of another sort.
    pub fn answer(self, registry: &Registry) -> Result<Answer, Problem> {
        match self {
            Reply::Answer(answer) => answer.answer(registry),
            Reply::Problem(problem) => Err(problem),
            other => Err(other.unexpected("an answer")),
        }
    }

    /// The answers of commands that were executed together.
    ///
    /// # Errors
    /// As [`Reply::answer`].
    pub fn answers(self, registry: &Registry) -> Result<Vec<Result<Answer, Problem>>, Problem> {
        match self {
            Reply::Answers(answers) => {
                let read = |answer: Result<WireAnswer, Problem>| match answer {
                    Ok(answer) => Ok(Ok(answer.answer(registry)?)),
                    Err(problem) => Ok(Err(problem)),
                };
                answers.into_iter().map(read).collect()
            }
            Reply::Problem(problem) => Err(problem),
            other => Err(other.unexpected("answers")),
        }
    }

    /// How an undo went.
    ///
    /// # Errors
    /// As [`Reply::answer`].
    pub fn undone(self) -> Result<Undone, Problem> {
        match self {
            Reply::Undone(undone) => Ok(undone),
            Reply::Problem(problem) => Err(problem),
            other => Err(other.unexpected("the outcome of an undo")),
        }
    }

    fn unexpected(&self, wanted: &str) -> Problem {
        let sort = match self {
            Reply::Answer(_) => "an answer",
            Reply::Answers(_) => "answers",
            Reply::Undone(_) => "the outcome of an undo",
            Reply::Body(_) => "a body",
            Reply::Problem(_) => "a problem",
        };
        Problem::internal(format!("link: {sort} instead of {wanted}"))
    }

    /// The body of a contract's answer.
    ///
    /// # Errors
    /// As [`Reply::answer`].
    pub fn body(self) -> Result<Vec<u8>, Problem> {
        match self {
            Reply::Body(body) => Ok(body),
            Reply::Problem(problem) => Err(problem),
            other => Err(other.unexpected("a body")),
        }
    }
}

impl WireAnswer {
    /// The wire form of an answer.
    pub fn of(answer: &Answer, registry: &Registry) -> WireAnswer {
        let views = |views: &[View]| views.iter().map(|v| WireView::of(v, registry)).collect();
        match answer {
            Answer::Record(view) => WireAnswer::Record(WireView::of(view, registry)),
            Answer::Page(page) => WireAnswer::Page {
                items: views(&page.items),
                next_page_token: page.next_page_token.clone(),
                total_size: page.total_size,
            },
            Answer::Hits(hits) => WireAnswer::Hits(views(hits)),
            Answer::Keyed(found) => WireAnswer::Keyed(
                found.iter().map(|(key, v)| (key.clone(), WireView::of(v, registry))).collect(),
            ),
            Answer::Groups(groups) => WireAnswer::Groups(groups.clone()),
            Answer::Explained(why) => WireAnswer::Explained(why.clone()),
            Answer::History(history) => WireAnswer::History(history.clone()),
            Answer::Draft(draft) => {
                let view = WireView::of(&draft.record, registry);
                WireAnswer::Draft(Box::new((draft.problem.clone(), view)))
            }
            Answer::Consequences(all) => WireAnswer::Consequences(all.clone()),
            Answer::Done => WireAnswer::Done,
        }
    }

    /// The answer, its records read against the schemas of this side.
    ///
    /// # Errors
    /// 500 when a record is of an entity that is not known here.
    pub fn answer(self, registry: &Registry) -> Result<Answer, Problem> {
        let views = |views: Vec<WireView>| -> Result<Vec<View>, Problem> {
            views.into_iter().map(|view| view.view(registry)).collect()
        };
        Ok(match self {
            WireAnswer::Record(view) => Answer::Record(view.view(registry)?),
            WireAnswer::Page { items, next_page_token, total_size } => {
                Answer::Page(Page { items: views(items)?, next_page_token, total_size })
            }
            WireAnswer::Hits(hits) => Answer::Hits(views(hits)?),
            WireAnswer::Keyed(found) => {
                let keyed = |(key, view): (String, WireView)| Ok((key, view.view(registry)?));
                Answer::Keyed(found.into_iter().map(keyed).collect::<Result<_, Problem>>()?)
            }
            WireAnswer::Groups(groups) => Answer::Groups(groups),
            WireAnswer::Explained(why) => Answer::Explained(why),
            WireAnswer::History(history) => Answer::History(history),
            WireAnswer::Draft(draft) => {
                let (problem, view) = *draft;
                Answer::Draft(Box::new(Draft { problem, record: view.view(registry)? }))
            }
            WireAnswer::Consequences(all) => Answer::Consequences(all),
            WireAnswer::Done => Answer::Done,
        })
    }
}

impl WireView {
    fn of(view: &View, registry: &Registry) -> WireView {
        let entity = &view.record.entity;
        let named = entity.fields.iter().zip(&view.record.values);
        let shown = |entity: &Entity, readable: &[bool]| -> Vec<String> {
            let fields = entity.fields.iter().zip(readable).filter(|(_, may)| **may);
            fields.map(|(field, _)| field.name.clone()).collect()
        };
        let lines = view.lines.iter().filter_map(|seen| {
            let field = &entity.fields[seen.slot];
            let Kind::Children { entity } = &field.kind else { return None };
            Some((field.name.clone(), shown(registry.get(entity)?, &seen.readable)))
        });
        WireView {
            entity: entity.full_name(),
            fields: named
                .filter(|(_, value)| !value.is_null())
                .map(|(field, value)| {
                    (field.name.clone(), WireValue::of(&field.kind, value, registry))
                })
                .collect(),
            readable: shown(entity, &view.readable),
            lines: lines.collect(),
            replayed: view.replayed,
        }
    }

    fn view(self, registry: &Registry) -> Result<View, Problem> {
        let unknown =
            || Problem::internal(format!("link: no entity {} is known here", self.entity));
        let entity = registry.get(&self.entity).ok_or_else(unknown)?.clone();
        let slots = |entity: &Entity, names: &[String]| -> Arc<[bool]> {
            entity.fields.iter().map(|field| names.contains(&field.name)).collect()
        };
        let readable = slots(&entity, &self.readable);
        let lines = self.lines.iter().filter_map(|(name, shown)| {
            let slot = entity.slot(name)?;
            let Kind::Children { entity: line } = &entity.fields[slot].kind else { return None };
            Some(LinesSeen { slot, readable: slots(registry.get(line)?, shown) })
        });
        let lines = lines.collect();
        let mut record = Record::empty(entity.clone());
        for (name, value) in self.fields {
            if let Some(slot) = entity.slot(&name) {
                record.values[slot] = value.value(&entity.fields[slot].kind, registry);
            }
        }
        Ok(View { record, readable, lines, replayed: self.replayed })
    }
}

impl WireValue {
    fn of(kind: &Kind, value: &Value, registry: &Registry) -> WireValue {
        if let (Kind::Children { entity }, Value::Rows(rows)) = (kind, value)
            && let Some(child) = registry.get(entity)
        {
            let names = child.fields.iter().map(|field| field.name.clone()).collect();
            return WireValue::Lines(names, rows.clone());
        }
        WireValue::One(value.clone())
    }

    fn value(self, kind: &Kind, registry: &Registry) -> Value {
        let (names, rows) = match self {
            WireValue::One(value) => return value,
            WireValue::Lines(names, rows) => (names, rows),
        };
        let Kind::Children { entity } = kind else { return Value::Null };
        let Some(child) = registry.get(entity) else { return Value::Null };
        let slots: Vec<Option<usize>> = names.iter().map(|name| child.slot(name)).collect();
        let line = |row: Vec<Value>| {
            let mut line = vec![Value::Null; child.fields.len()];
            for (slot, value) in slots.iter().zip(row) {
                if let Some(slot) = slot {
                    line[*slot] = value;
                }
            }
            line
        };
        Value::Rows(rows.into_iter().map(line).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::schema::Field;
    use types::Uuid;

    fn line() -> Arc<Entity> {
        let line = Entity::new("shop", "line", "lines", "lin");
        Arc::new(line.field(Field::new("count", Kind::integer(), "How many.")))
    }

    fn order(fields: &[&str]) -> Arc<Entity> {
        let mut order = Entity::new("shop", "order", "orders", "ord");
        for name in fields {
            order = order.field(Field::new(name, Kind::text(60), "A text."));
        }
        let lines = Kind::Children { entity: "shop.line".into() };
        Arc::new(order.field(Field::new("lines", lines, "The lines.")))
    }

    fn over(answer: &Answer, from: &Registry, to: &Registry) -> Answer {
        let bytes = encode(&Reply::Answer(WireAnswer::of(answer, from))).unwrap();
        match decode(&bytes).unwrap() {
            Reply::Answer(answer) => answer.answer(to).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn view(entity: &Arc<Entity>) -> View {
        let mut record = Record::empty(entity.clone());
        record.set("id", Uuid::from_u128(5));
        record.set("note", "naïve");
        let mut row = vec![Value::Null; line().fields.len()];
        row[line().slot("count").unwrap()] = Value::Int(3);
        let slot = entity.slot("lines").unwrap();
        record.values[slot] = Value::Rows(vec![row]);
        let readable = (0..entity.fields.len()).map(|slot| slot % 2 == 0).collect();
        let readable_line = (0..line().fields.len()).map(|at| at % 3 == 0).collect();
        let lines = Arc::from([LinesSeen { slot, readable: readable_line }]);
        View { record, readable, lines, replayed: true }
    }

    #[test]
    fn every_answer_comes_back_as_it_went() {
        let order = order(&["note"]);
        let registry = Registry::new([order.clone(), line()]);
        let view = view(&order);
        let page =
            Page { items: vec![view.clone()], next_page_token: "t".into(), total_size: Some(9) };
        for answer in [
            Answer::Record(view.clone()),
            Answer::Page(page),
            Answer::Hits(vec![view.clone(), view.clone()]),
            Answer::Keyed(vec![("ALFKI".into(), view)]),
            Answer::Done,
        ] {
            assert_eq!(over(&answer, &registry, &registry), answer);
        }
    }

    #[test]
    fn sides_that_know_different_fields_agree_on_those_that_both_know() {
        let (old, new) = (order(&["note"]), order(&["mark", "note"]));
        let from = Registry::new([old.clone(), line()]);
        let to = Registry::new([new.clone(), line()]);
        let Answer::Record(got) = over(&Answer::Record(view(&old)), &from, &to) else { panic!() };
        assert_eq!(got.record.get("note"), &Value::from("naïve"));
        assert_eq!(got.record.get("mark"), &Value::Null);
        assert!(!got.readable[new.slot("mark").unwrap()], "what the other side hides stays hidden");
        let Value::Rows(rows) = got.record.get("lines") else { panic!() };
        assert_eq!(rows[0][line().slot("count").unwrap()], Value::Int(3));
    }

    #[test]
    fn a_call_keeps_who_asks_and_why() {
        let call = Call {
            roles: Arc::from(["clerk".to_owned()]),
            companies: Some(Arc::from([Uuid::from_u128(9)])),
            ..Call::system(Uuid::from_u128(1), "a test")
        };
        let query = Query::Search { text: "x".into(), limit: 3 };
        let sent = Request::Ask { service: "shop".into(), call, query };
        let bytes = encode(&sent).unwrap();
        let got: Request = decode(&bytes).unwrap();
        assert_eq!(format!("{got:?}"), format!("{sent:?}"));
        assert!(decode::<Request>(&bytes[..bytes.len() - 1]).is_err());
    }
}
