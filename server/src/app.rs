//! The web app that this binary was built with.

/// Its files; none where it was built without them.
const FILES: &[gateway::File] = include!(concat!(env!("OUT_DIR"), "/app.rs"));

/// The web app, if this binary holds one.
pub fn app() -> Option<gateway::App> {
    gateway::App::new(FILES)
}
