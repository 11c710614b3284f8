//! Logs: one line for each thing that happened, as JSON or for a person at a terminal.
//!
//! Fields of the spans around an event stand on its line. A field whose name says that it is
//! secret is replaced, on either form.

use crate::secret::{REDACTED, is_secret};
use serde_json::{Map, Value};
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object on each line.
    Json,
    /// Time, level, text, fields.
    Human,
}

/// Logs to standard error from now on: for people on a terminal, else as JSON.
///
/// `directives` is what `MEGALITH_LOG` holds, such as `info` or `warn,store=debug`; empty means
/// `info`.
///
/// # Errors
/// A text when the directives cannot be read or the process logs already.
pub fn start(directives: &str) -> Result<(), String> {
    let directives = if directives.is_empty() { "info" } else { directives };
    let filter = EnvFilter::builder().parse(directives);
    let filter = filter.map_err(|error| format!("MEGALITH_LOG: {error}"))?;
    let terminal = std::io::stderr().is_terminal();
    let format = if terminal { Format::Human } else { Format::Json };
    let lines = Lines { format, out: Mutex::new(std::io::stderr()) };
    let subscriber = tracing_subscriber::registry().with(filter).with(lines);
    subscriber.try_init().map_err(|error| error.to_string())
}

/// Writes a line for each event.
struct Lines<W> {
    format: Format,
    out: Mutex<W>,
}

/// The fields of a span or an event, secrets replaced.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        let value = if is_secret(field.name()) { REDACTED.into() } else { value };
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Write + Send + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            record.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.0.extend(outer.0.clone());
            }
        }
        event.record(&mut fields);
        let message = fields.0.remove("message");
        let message = message.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        let level = event.metadata().level().as_str();
        let line = match self.format {
            Format::Json => json_line(level, &message, event.metadata().target(), fields.0),
            Format::Human => human(level, &message, &fields.0),
        };
        let mut out = self.out.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // A closed terminal must not stop the work.
        let _ = writeln!(out, "{line}");
    }
}

/// What every line has comes first, so that a person finds it as well.
fn json_line(level: &str, message: &str, target: &str, fields: Map<String, Value>) -> String {
    let mut head = vec![("time", now()), ("level", level.to_lowercase())];
    if !message.is_empty() {
        head.push(("message", message.to_owned()));
    }
    head.push(("target", target.to_owned()));
    let head = head.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value)));
    let pairs = head.chain(fields).map(|(name, value)| format!("{}:{value}", Value::String(name)));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

fn human(level: &str, message: &str, fields: &Map<String, Value>) -> String {
    let mut line = format!("{} {level:5} {message}", &now()[11..23]);
    for (name, value) in fields {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // Control characters in a field must not steer the terminal.
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        line.push_str(&format!(" {name}={text}"));
    }
    line
}

fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    types::Instant(since.map_or(0, |since| since.as_micros() as i64)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::sync::Arc;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(format: Format) -> String {
        let buffer = Buffer::default();
        let lines = Lines { format, out: Mutex::new(buffer.clone()) };
        let subscriber = tracing_subscriber::registry().with(lines);
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request", request_id = "r1", access_token = "abc");
            let _entered = span.enter();
            tracing::info!(status = 200, password = "hunter2", path = "/a\nb", "served");
        });
        String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_json_line_holds_the_event_and_its_spans_without_secrets() {
        let text = written(Format::Json);
        let line: Value = serde_json::from_str(text.trim_end()).unwrap();
        for (name, value) in [
            ("level", json!("info")),
            ("message", json!("served")),
            ("status", json!(200)),
            ("request_id", json!("r1")),
            ("password", json!("[redacted]")),
            ("access_token", json!("[redacted]")),
        ] {
            assert_eq!(line[name], value, "{name}");
        }
        assert_eq!(text.lines().count(), 1);
        assert!(text.starts_with("{\"time\":\"20"), "{text}");
    }

    #[test]
    fn a_line_for_people_is_one_line_without_secrets() {
        let text = written(Format::Human);
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains(" INFO  served "), "{text}");
        assert!(text.contains("status=200") && !text.contains("hunter2"), "{text}");
    }
}
