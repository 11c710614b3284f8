//! Request headers that the interface gives a meaning: versions, keys, ids, media types.

use http::header::{
    ACCEPT_ENCODING, CONTENT_TYPE, HOST, HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH, ORIGIN,
};
use http::request::Parts;
use kernel::command::Known;
use kernel::problem::{FieldProblem, Problem, ProblemKind};

/// Makes a repetition of a write answer what the first one did.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Names a request in logs, events and problems.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Which page a browser says a request comes from.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// 400 about a header, named in the `errors` as `@name`.
fn refused(name: &HeaderName, code: &str, message: &str) -> Problem {
    let at = FieldProblem::new(format!("@{name}"), code, message);
    Problem::malformed(code, format!("The header {name} {message}.")).with(vec![at])
}

/// The only value of a header, if there is one.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, Problem> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (first, None) => Ok(first.map(|value| value.as_bytes())),
        _ => Err(refused(name, "repeated_header", "may be sent once")),
    }
}

/// What the client knows of the record's version.
///
/// A tag that no version of ours can have (weak, or not a number) matches none: the write is
/// refused as any other outdated one, once the record is known to exist.
///
/// # Errors
/// 400 for several tags or for text that is no entity tag.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Known, Problem> {
    let Some(value) = one(headers, &IF_MATCH)? else { return Ok(Known::Nothing) };
    let text = value.trim_ascii();
    if text == b"*" {
        return Ok(Known::Nothing);
    }
    let strong = text.strip_prefix(b"W/").is_none();
    let tag = text.strip_prefix(b"W/").unwrap_or(text);
    let inner = tag.strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\""));
    match inner {
        Some(inner) if inner.iter().all(|byte| matches!(byte, b'!' | b'#'..=b'~')) => {
            Ok(Known::Exactly(if strong { version(inner).unwrap_or(0) } else { 0 }))
        }
        _ => Err(refused(&IF_MATCH, "invalid_if_match", "must be one entity tag such as \"7\"")),
    }
}

fn version(digits: &[u8]) -> Option<u64> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) && digits[0] != b'0';
    std::str::from_utf8(digits).ok().filter(|_| plain).and_then(|digits| digits.parse().ok())
}

/// Whether the client holds this version already (`If-None-Match`, compared weakly).
pub(crate) fn is_held(headers: &HeaderMap, held: u64) -> bool {
    let tags = headers.get_all(IF_NONE_MATCH).iter();
    tags.flat_map(|value| value.as_bytes().split(|&byte| byte == b',')).any(|tag| {
        let tag = tag.trim_ascii();
        let tag = tag.strip_prefix(b"W/").unwrap_or(tag);
        let inner = tag.strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\""));
        tag == b"*" || inner.and_then(version) == Some(held)
    })
}

/// The idempotency key, if one was sent: 1 to 255 printable ASCII characters.
///
/// # Errors
/// 400 for any other text.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = one(headers, &IDEMPOTENCY_KEY)? else { return Ok(None) };
    let printable = value.iter().all(|byte| matches!(byte, 0x20..=0x7e));
    match std::str::from_utf8(value) {
        Ok(key) if printable && (1..=255).contains(&key.len()) => Ok(Some(key)),
        _ => {
            let text = "must be 1 to 255 printable ASCII characters";
            Err(refused(&IDEMPOTENCY_KEY, "invalid_idempotency_key", text))
        }
    }
}

/// The id that the client gave its request, if it can be used: 1 to 128 characters of a set that
/// no log can misread.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(REQUEST_ID)?.to_str().ok()?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@".contains(&byte);
    ((1..=128).contains(&text.len()) && text.bytes().all(fits)).then_some(text)
}

/// Refuses a body that is not of one of `types`.
///
/// # Errors
/// 415, naming the types that are read here.
pub(crate) fn media_type(headers: &HeaderMap, types: &[&str]) -> Result<(), Problem> {
    let sent = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = sent.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let utf8 = parts.all(|part| match part.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    if utf8 && types.iter().any(|known| known.eq_ignore_ascii_case(essence)) {
        return Ok(());
    }
    let shown: String = sent.chars().take(100).collect();
    let what = if shown.is_empty() { "no Content-Type".to_owned() } else { shown };
    let text = format!("This path reads {} in UTF-8; the request has {what}.", types.join(" or "));
    Err(Problem::new(ProblemKind::UnsupportedMedia, "unsupported_media_type", text))
}

/// Host and port that the request is for.
pub(crate) fn authority(parts: &Parts) -> Option<&str> {
    let host = || parts.headers.get(HOST).and_then(|value| value.to_str().ok());
    parts.uri.authority().map(http::uri::Authority::as_str).or_else(host)
}

/// Refuses a change that a browser makes with its cookie unless our own pages ask for it.
///
/// # Errors
/// 403 `cross_site` when neither `Origin` nor `Sec-Fetch-Site` says so.
pub(crate) fn same_site(parts: &Parts) -> Result<(), Problem> {
    let text = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let own = match text(ORIGIN) {
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == authority(parts)
        }
        None => text(FETCH_SITE) == Some("same-origin"),
    };
    if own {
        return Ok(());
    }
    let text = "A session in a cookie may change something only from this site's own pages. \
                Programs send the token as Authorization: Bearer.";
    Err(Problem::new(ProblemKind::Forbidden, "cross_site", text))
}

/// Whether a client takes answers in a content coding (RFC 9110, 12.5.3).
pub(crate) fn accepts(parts: &Parts, coding: &str) -> bool {
    let named = parts.headers.get_all(ACCEPT_ENCODING).iter();
    let mut named = named.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
    named.any(|item| {
        let mut words = item.split(';').map(str::trim);
        let refused = |q: &str| q.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32));
        words.next().is_some_and(|name| name.eq_ignore_ascii_case(coding)) && !words.any(refused)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn with(name: &HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn if_match_names_one_version() {
        for (values, expected) in [
            (vec![], Some(Known::Nothing)),
            (vec!["*"], Some(Known::Nothing)),
            (vec!["\"7\""], Some(Known::Exactly(7))),
            (vec![" \"7\" "], Some(Known::Exactly(7))),
            (vec!["W/\"7\""], Some(Known::Exactly(0))),
            (vec!["\"07\""], Some(Known::Exactly(0))),
            (vec!["\"abc\""], Some(Known::Exactly(0))),
            (vec!["\"99999999999999999999\""], Some(Known::Exactly(0))),
            (vec!["7"], None),
            (vec!["\"7\", \"8\""], None),
            (vec!["\"7\"", "\"8\""], None),
            (vec![""], None),
        ] {
            assert_eq!(if_match(&with(&IF_MATCH, &values)).ok(), expected, "{values:?}");
        }
    }

    #[test]
    fn if_none_match_holds_any_of_its_tags() {
        for (value, held) in [
            ("\"7\"", true),
            ("W/\"7\"", true),
            ("\"6\", \"7\"", true),
            ("*", true),
            ("\"6\"", false),
            ("7", false),
        ] {
            assert_eq!(is_held(&with(&IF_NONE_MATCH, &[value]), 7), held, "{value}");
        }
    }

    #[test]
    fn an_idempotency_key_is_printable_and_short() {
        let long = "k".repeat(256);
        for (value, fine) in [
            ("a", true),
            ("order 7/β", false),
            ("8f1d-…", false),
            ("", false),
            (&long, false),
            (&long[1..], true),
        ] {
            let headers = with(&IDEMPOTENCY_KEY, &[value]);
            assert_eq!(idempotency_key(&headers).is_ok(), fine, "{value}");
        }
        assert!(idempotency_key(&with(&IDEMPOTENCY_KEY, &["a", "b"])).is_err());
    }

    #[test]
    fn a_request_id_that_a_log_could_misread_is_not_used() {
        for (value, fine) in [
            ("a-1_B.2:3", true),
            ("a b", false),
            ("a\"b", false),
            ("", false),
            (&"x".repeat(129), false),
        ] {
            assert_eq!(request_id(&with(&REQUEST_ID, &[value])).is_some(), fine, "{value}");
        }
    }

    #[test]
    fn json_is_read_in_utf_8_only() {
        let types = ["application/json", "application/merge-patch+json"];
        for (value, fine) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/merge-patch+json", true),
            ("application/json; charset=latin1", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ] {
            assert_eq!(media_type(&with(&CONTENT_TYPE, &[value]), &types).is_ok(), fine, "{value}");
        }
        assert!(media_type(&HeaderMap::new(), &types).is_err());
    }

    #[test]
    fn a_cookie_changes_things_from_our_own_pages_only() {
        for (origin, site, fine) in [
            (Some("http://localhost:8080"), None, true),
            (Some("http://evil.example"), None, false),
            (Some("http://evil.example"), Some("same-origin"), false),
            (Some("null"), None, false),
            (None, Some("same-origin"), true),
            (None, Some("cross-site"), false),
            (None, None, false),
        ] {
            let mut request = http::Request::builder().uri("/").header("host", "localhost:8080");
            for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
                request = value.into_iter().fold(request, |r, value| r.header(name, value));
            }
            let (parts, ()) = request.body(()).unwrap().into_parts();
            assert_eq!(same_site(&parts).is_ok(), fine, "{origin:?} {site:?}");
        }
    }
}
