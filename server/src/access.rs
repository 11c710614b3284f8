//! How a command reaches the data: through the running server, else by opening the folder.

use crate::control::{Client, Shared};
use crate::lock::{self, Access as Found, Lock};
use crate::outcome::Failure;
use crate::settings::Settings;
use crate::source;
use crate::wiring::{self, Installation};
use contracts::platform::{FindOrg, OrgFacts};
use kernel::Call;
use kernel::log::reading::Logs;
use kernel::service::Peers;
use std::sync::Arc;
use types::Uuid;

/// A way to the data.
pub struct Access {
    /// The services.
    pub peers: Arc<dyn Peers>,
    /// The logs.
    pub logs: Arc<dyn Logs>,
    /// Where the running server listens, if one does.
    pub url: Option<String>,
    /// What was opened; nothing when a running server is asked.
    opened: Option<Installation>,
}

impl Access {
    /// Finds the running server of the data folder, or opens the folder.
    ///
    /// # Errors
    /// When another command holds the folder, or it cannot be opened.
    pub async fn open(settings: &Settings) -> Result<Access, Failure> {
        match Lock::take(&settings.data)? {
            Found::Free(lock) => {
                let opened = Installation::open(settings, lock).await?;
                let (peers, logs) = (opened.link.clone(), opened.placement.clone());
                Ok(Access { peers, logs, url: None, opened: Some(opened) })
            }
            Found::Held => Err(Failure::Failed(lock::held(&settings.data))),
            Found::Served(announced) => {
                let client = Client::connect(&announced).await;
                let client = client.map_err(|why| {
                    Failure::of("reach the running server at", &announced.control, why)
                })?;
                let client = Arc::new(client);
                let remote = link::Remote::new(Shared(client.clone()), wiring::registry());
                let url = Some(announced.listen);
                Ok(Access { peers: Arc::new(remote), logs: client, url, opened: None })
            }
        }
    }

    /// A call by the system, under a request of its own.
    pub fn call(&self, reason: &str) -> Call {
        let request_id = types::format_id("req", source::system().id());
        Call { request_id, ..Call::system(contracts::SYSTEM_ORG, reason) }
    }

    /// The organisation of a short name or id.
    ///
    /// # Errors
    /// When there is none.
    pub async fn org(&self, named: &str) -> Result<OrgFacts, Failure> {
        let request = FindOrg { org: named.to_owned() };
        let call = self.call("a command names an organisation");
        let found = contracts::call::<FindOrg>(&*self.peers, call, &request).await?;
        found.ok_or_else(|| Failure::Failed(format!("there is no organisation {named}")))
    }

    /// The organisation of a short name or id, `system` for the installation's own.
    ///
    /// # Errors
    /// When there is none.
    pub async fn org_id(&self, named: &str) -> Result<Uuid, Failure> {
        match named {
            "system" => Ok(contracts::SYSTEM_ORG),
            _ => Ok(self.org(named).await?.id),
        }
    }

    /// Lets go; what was opened is closed.
    pub async fn close(self) {
        if let Some(opened) = self.opened {
            opened.close().await;
        }
    }
}
