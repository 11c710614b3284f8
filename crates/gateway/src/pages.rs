//! Pages for people: the API reference and the first set-up, with their files, all embedded.
//!
//! Nothing is loaded from elsewhere, and the policy sent with each page says so to the browser.

use crate::headers;
use crate::reply::{self, Body};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, HeaderValue, IF_NONE_MATCH,
    VARY,
};
use http::request::Parts;
use http::{HeaderName, Response, StatusCode};
use kernel::keys::Keys;
use std::io::Write as _;

/// The API reference.
pub(crate) const REFERENCE: &str = include_str!("../web/reference.html");
/// The page that makes the first administrator.
pub(crate) const SETUP: &str = include_str!("../web/setup.html");

/// The embedded files: path, media type, text.
const FILES: [(&str, &str, &str); 6] = [
    ("/assets/stone.css", "text/css; charset=utf-8", include_str!("../web/stone.css")),
    ("/assets/reference.js", "text/javascript; charset=utf-8", include_str!("../web/reference.js")),
    ("/assets/session.js", "text/javascript; charset=utf-8", include_str!("../web/session.js")),
    ("/assets/setup.js", "text/javascript; charset=utf-8", include_str!("../web/setup.js")),
    ("/assets/mark.svg", "image/svg+xml", include_str!("../web/mark.svg")),
    ("/favicon.ico", "image/svg+xml", include_str!("../web/mark.svg")),
];

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The place of an embedded file in the table.
pub(crate) fn asset(path: &str) -> Option<usize> {
    FILES.iter().position(|(known, _, _)| *known == path)
}

/// A page.
pub(crate) fn page(html: &'static str, parts: &Parts) -> Response<Body> {
    let asset = Asset::embedded("text/html; charset=utf-8", html);
    let mut response = asset.response(parts, "no-cache");
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    const REFERRER_POLICY: HeaderName = HeaderName::from_static("referrer-policy");
    const FRAME_OPTIONS: HeaderName = HeaderName::from_static("x-frame-options");
    const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
    // The set-up link holds a token, which must not reach another site.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// An embedded file.
pub(crate) fn file(place: usize, parts: &Parts) -> Response<Body> {
    let (_, media_type, text) = FILES[place];
    Asset::embedded(media_type, text).response(parts, "no-cache")
}

/// Something that is the same for everyone, with a tag that says which it is.
pub(crate) struct Asset {
    media_type: &'static str,
    plain: Encoded,
    /// Compressed with gzip (RFC 1952), where it was made to be sent often.
    gzip: Option<Encoded>,
}

/// A form of an asset, and the tag of that form.
struct Encoded {
    body: Bytes,
    etag: HeaderValue,
}

impl Encoded {
    fn new(body: Bytes, tag: &str) -> Encoded {
        let etag = HeaderValue::from_str(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        Encoded { body, etag }
    }
}

impl Asset {
    /// An embedded text; its tag is of its version and length, which change together with it.
    fn embedded(media_type: &'static str, text: &'static str) -> Asset {
        let sum = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let plain = Encoded::new(Bytes::from_static(text.as_bytes()), &format!("\"{sum:016x}\""));
        Asset { media_type, plain, gzip: None }
    }

    /// A text that is made once and sent often: kept compressed beside itself.
    pub fn made(media_type: &'static str, bytes: Vec<u8>, keys: &Keys) -> Asset {
        let hash = keys.fingerprint(&[b"asset", &bytes]);
        let tag: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        // Writing into memory cannot fail; if it did, the plain text is there.
        let packed = packed.write_all(&bytes).and_then(|()| packed.finish()).ok();
        let gzip = packed.map(|bytes| Encoded::new(Bytes::from(bytes), &format!("\"{tag}-gzip\"")));
        let plain = Encoded::new(Bytes::from(bytes), &format!("\"{tag}\""));
        Asset { media_type, plain, gzip }
    }

    /// The answer: 304 if the client holds it already.
    pub fn response(&self, parts: &Parts, cache: &'static str) -> Response<Body> {
        let gzip = self.gzip.as_ref().filter(|_| headers::accepts(parts, "gzip"));
        let form = gzip.unwrap_or(&self.plain);
        let held = parts.headers.get_all(IF_NONE_MATCH).iter();
        let is_held =
            held.flat_map(|value| value.as_bytes().split(|&byte| byte == b',')).any(|tag| {
                let tag = tag.trim_ascii();
                tag.strip_prefix(b"W/").unwrap_or(tag) == form.etag.as_bytes()
            });
        let mut response = match is_held {
            true => reply::empty(StatusCode::NOT_MODIFIED),
            false => reply::answer(StatusCode::OK, self.media_type, form.body.clone()),
        };
        let fields = response.headers_mut();
        if gzip.is_some() && !is_held {
            fields.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if self.gzip.is_some() {
            fields.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        fields.insert(ETAG, form.etag.clone());
        fields.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
        response
    }
}
