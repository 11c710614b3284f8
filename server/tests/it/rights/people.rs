//! The people who ask a running server: what each may do is in the roles that come ready.

use crate::client::{Answer, Client};
use crate::process::{PASSWORD, Server};
use crate::site::{Site, signed_in};
use serde_json::{Value, json};

/// Who asks: one of each kind.
pub struct People {
    /// Nobody is signed in.
    pub nobody: Client,
    /// Administers the installation and the organisation.
    pub chief: Client,
    /// Administers the organisation.
    pub boss: Client,
    /// Has the role of a viewer.
    pub viewer: Client,
    /// Has a role that is granted nothing.
    pub guest: Client,
}

impl People {
    /// Makes them on a server of this site.
    pub fn of(site: &Site, server: &Server) -> People {
        let chief = signed_in(server);
        let nobody = Client::new(chief.address(), "");
        let member = |name: &str, role: &str| {
            let email = format!("{name}@example.org");
            let made = ["user", "create", &email, "--org", "northwind", "--roles", role];
            let made = site.command(&made).env("MEGALITH_PASSWORD", PASSWORD).output().unwrap();
            assert!(made.status.success(), "{made:?}");
            let body = json!({"email": email, "password": PASSWORD, "org": "northwind"});
            let answer = post(&mut nobody.another(), "/api/v1/auth/login", &body);
            let token = answer.json["access_token"].as_str();
            Client::new(nobody.address(), token.unwrap_or_else(|| panic!("{answer:?}")))
        };
        People {
            boss: member("boss", "administrator"),
            viewer: member("viewer", "viewer"),
            guest: member("guest", "guest"),
            nobody,
            chief,
        }
    }
}

/// Reads.
pub fn get(client: &mut Client, path: &str) -> Answer {
    client.ask("GET", path, "").expect("the server answers")
}

/// Sends.
pub fn post(client: &mut Client, path: &str, body: &Value) -> Answer {
    client.ask("POST", path, &body.to_string()).expect("the server answers")
}
