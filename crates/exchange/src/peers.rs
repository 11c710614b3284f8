//! The questions of imports and exports, asked of services with the rights of one call.

use crate::export::{Pages, Titles};
use async_trait::async_trait;
use kernel::command::{Answer, List, Query};
use kernel::problem::ProblemKind;
use kernel::schema::Scope;
use kernel::service::{Peers, Registry};
use kernel::{Call, Entity, Page, Problem, View};
use std::sync::Arc;
use types::{Uuid, Value};

/// Records on one page of an export.
const PAGE: u32 = 500;

/// The longest list in a filter, in bytes, well under what a filter may be.
const LIST: usize = 6_000;

/// Asks services on behalf of one call.
#[derive(Clone)]
pub struct Asking {
    /// The services.
    pub peers: Arc<dyn Peers>,
    /// Their entities.
    pub registry: Arc<Registry>,
    /// Who asks, in which organisation.
    pub call: Call,
    /// The same in the system organisation, for entities that live there; without it their
    /// titles are left out.
    pub system: Option<Call>,
}

impl Asking {
    /// The records that bear one of `keys` in another system: what
    /// [`crate::pipeline::Executor::by_external`] answers.
    ///
    /// # Errors
    /// A [`Problem`] when the service cannot answer.
    pub async fn by_external(
        &self,
        entity: &str,
        name: &str,
        keys: &[String],
    ) -> Result<Vec<(String, View)>, Problem> {
        let target = self.entity(entity)?;
        let (entity, name, keys) = (entity.to_owned(), name.to_owned(), keys.to_vec());
        let query = Query::External { entity, name, keys };
        match self.ask(&target, query).await? {
            Answer::Keyed(found) => Ok(found),
            _ => Err(Problem::internal("a question for keys was answered with something else")),
        }
    }

    /// The records whose `field` is one of `values`: what
    /// [`crate::pipeline::Executor::by_field`] answers.
    ///
    /// # Errors
    /// A [`Problem`] when the service cannot answer.
    pub async fn by_field(
        &self,
        entity: &str,
        field: &str,
        values: &[String],
    ) -> Result<Vec<(String, View)>, Problem> {
        let target = self.entity(entity)?;
        let quoted: Vec<String> = values.iter().map(|value| expr::quote(value)).collect();
        let mut found = Vec::new();
        for view in self.listed(&target, field, &quoted).await? {
            let text = view.record.get(field).as_text().map(str::to_owned);
            found.extend(text.map(|text| (text, view)));
        }
        Ok(found)
    }

    fn entity(&self, name: &str) -> Result<Arc<Entity>, Problem> {
        self.registry.get(name).cloned().ok_or_else(|| Problem::not_found("entity"))
    }

    async fn ask(&self, target: &Entity, query: Query) -> Result<Answer, Problem> {
        let call = match target.scope {
            Scope::Org => self.call.clone(),
            Scope::System => self.system.clone().ok_or_else(|| Problem::not_found(&target.name))?,
        };
        self.peers.ask(&target.service, call, query).await
    }

    /// The records whose `field` is one of the literals, with their lines.
    async fn listed(
        &self,
        target: &Arc<Entity>,
        field: &str,
        literals: &[String],
    ) -> Result<Vec<View>, Problem> {
        let mut found = Vec::new();
        let mut rest = literals;
        while !rest.is_empty() {
            let mut length = 0;
            let fits = rest.iter().take_while(|literal| {
                length += literal.len() + 2;
                length <= LIST
            });
            let (part, after) = rest.split_at(fits.count().clamp(1, 500));
            rest = after;
            let query = Query::List(List {
                entity: target.full_name(),
                filter: format!("{field} in [{}]", part.join(", ")),
                page_size: 1_000,
                lines: true,
                ..List::default()
            });
            match self.ask(target, query).await? {
                Answer::Page(page) => found.extend(page.items),
                _ => return Err(Problem::internal("a list was answered with something else")),
            }
        }
        Ok(found)
    }

    /// The pages of a list, for an export.
    pub fn pages(&self, list: List) -> Listed {
        let list = List { page_size: PAGE, page_token: String::new(), count: false, ..list };
        Listed { asking: self.clone(), list, is_done: false }
    }
}

#[async_trait]
impl Titles for Asking {
    async fn titles(&self, entity: &str, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Problem> {
        let Some(target) = self.registry.get(entity).cloned() else { return Ok(Vec::new()) };
        let literal = |id: &Uuid| format!("'{}'", types::format_id(&target.prefix, *id));
        let literals: Vec<String> = ids.iter().map(literal).collect();
        let views = match self.listed(&target, "id", &literals).await {
            Ok(views) => views,
            // Who may not see them sees their ids.
            Err(problem)
                if matches!(problem.kind, ProblemKind::NotFound | ProblemKind::Forbidden) =>
            {
                return Ok(Vec::new());
            }
            Err(problem) => return Err(problem),
        };
        let readable = views
            .into_iter()
            .filter(|view| view.readable.get(view.record.entity.title) == Some(&true));
        let title = |view: View| match &view.record.values[view.record.entity.title] {
            Value::Text(text) => Some((view.record.id(), text.clone())),
            _ => None,
        };
        Ok(readable.filter_map(title).collect())
    }
}

/// The pages of a list, asked for one by one.
pub struct Listed {
    asking: Asking,
    list: List,
    is_done: bool,
}

#[async_trait]
impl Pages for Listed {
    async fn next(&mut self) -> Result<Option<Page>, Problem> {
        if self.is_done {
            return Ok(None);
        }
        let target = self.asking.entity(&self.list.entity)?;
        let page = match self.asking.ask(&target, Query::List(self.list.clone())).await? {
            Answer::Page(page) => page,
            _ => return Err(Problem::internal("a list was answered with something else")),
        };
        self.list.page_token = page.next_page_token.clone();
        self.is_done = page.next_page_token.is_empty();
        Ok(Some(page))
    }
}
