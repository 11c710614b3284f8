//! The services of this process by name.

use kernel::{Problem, Runtime};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, Weak};

/// Finds a service of this process. It holds no runtime alive: whoever made them does.
#[derive(Default)]
pub struct Table {
    runtimes: OnceLock<HashMap<String, Weak<Runtime>>>,
}

impl Table {
    /// Fills the table, once; a second call changes nothing.
    pub fn connect(&self, runtimes: &[Arc<Runtime>]) {
        let named = runtimes.iter().map(|r| (r.service.name.clone(), Arc::downgrade(r)));
        let _ = self.runtimes.set(named.collect());
    }

    /// The runtime of a service.
    ///
    /// # Errors
    /// 404 for a service that does not run here, 503 before the start and while stopping.
    pub fn service(&self, name: &str) -> Result<Arc<Runtime>, Problem> {
        let absent = || {
            Problem::unavailable(
                "not_running",
                "The service is starting or stopping. Retry in a moment.",
                1,
            )
        };
        let runtimes = self.runtimes.get().ok_or_else(absent)?;
        let runtime = runtimes.get(name).ok_or_else(|| Problem::not_found("service"))?;
        runtime.upgrade().ok_or_else(absent)
    }

    /// The runtime of the service that owns an entity, `operations.customer`.
    ///
    /// # Errors
    /// As [`Table::service`].
    pub fn owner(&self, entity: &str) -> Result<Arc<Runtime>, Problem> {
        self.service(entity.split_once('.').map_or(entity, |(service, _)| service))
    }
}
