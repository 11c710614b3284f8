//! Tokens: a prefix that says what it is, and bytes in base64url.
//!
//! A session's or key's token is the id of its record and random bytes; the record keeps a keyed
//! hash of those. A voucher is nothing but a signed statement that ends after a while.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::keys::Keys;
use types::{Instant, Uuid};

/// Random bytes of an access token or a key.
pub const SECRET: usize = 32;
/// Random bytes that all refresh tokens of a session share, before the ones of its turn.
pub const FAMILY: usize = 16;

/// The prefix of an access token.
pub const ACCESS: &str = "mgt_";
/// The prefix of a refresh token.
pub const REFRESH: &str = "mgr_";
/// The prefix of an API key.
pub const API_KEY: &str = "mgk_";
/// The prefix of the token in a link that lets someone in.
pub const ADMISSION: &str = "mga_";
/// The prefix of the voucher for a password that was right.
pub const LOGIN: &str = "mgl_";
/// The prefix of the voucher with which the first administrator is made.
pub const SET_UP: &str = "mgs_";

/// The text of a record's token.
pub fn write(prefix: &str, record: Uuid, secret: &[u8]) -> String {
    encode(prefix, &[record.as_bytes(), secret])
}

/// The record and the `N` secret bytes of a token; none if it is not one of this prefix.
pub fn parse<const N: usize>(prefix: &str, token: &str) -> Option<(Uuid, [u8; N])> {
    let bytes = decode(prefix, token)?;
    let (record, secret) = bytes.split_first_chunk::<16>()?;
    Some((Uuid::from_bytes(*record), secret.try_into().ok()?))
}

/// The last characters of a key, by which people tell keys apart.
pub fn hint(secret: &[u8; SECRET]) -> String {
    format!("…{}", URL_SAFE_NO_PAD.encode(&secret[SECRET - 3..]))
}

/// A voucher for `subject` that is good until `expires`.
pub fn vouch(keys: &Keys, prefix: &str, subject: Uuid, expires: Instant) -> String {
    let until = expires.0.to_be_bytes();
    let mark = keys.fingerprint(&[prefix.as_bytes(), subject.as_bytes(), &until]);
    encode(prefix, &[subject.as_bytes(), &until, &mark])
}

/// The subject of a voucher that is ours and still good.
pub fn vouched(keys: &Keys, prefix: &str, token: &str, now: Instant) -> Option<Uuid> {
    let bytes = decode(prefix, token)?;
    let (subject, rest) = bytes.split_first_chunk::<16>()?;
    let (until, _) = rest.split_first_chunk::<8>()?;
    let (subject, until) = (Uuid::from_bytes(*subject), Instant(i64::from_be_bytes(*until)));
    // The whole texts are compared as keyed hashes: their timing says nothing of use.
    let own = vouch(keys, prefix, subject, until);
    let same = keys.fingerprint(&[own.as_bytes()]) == keys.fingerprint(&[token.as_bytes()]);
    (same && now < until).then_some(subject)
}

fn encode(prefix: &str, parts: &[&[u8]]) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(parts.concat()))
}

fn decode(prefix: &str, token: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(token.strip_prefix(prefix)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_gives_back_its_record_and_secret_and_nothing_else_does() {
        let record = Uuid::from_u128(7);
        let token = write(ACCESS, record, &[1; SECRET]);
        assert_eq!(parse::<SECRET>(ACCESS, &token), Some((record, [1; SECRET])));
        assert!(token.ends_with(hint(&[1; SECRET]).trim_start_matches('…')));
        for wrong in ["", "mgt_", "mgt_!", &token[..40], &token.replace("mgt_", "mgr_")] {
            assert_eq!(parse::<SECRET>(ACCESS, wrong), None, "{wrong}");
        }
        assert_eq!(parse::<48>(ACCESS, &token), None);
    }

    #[test]
    fn a_voucher_is_good_for_its_purpose_and_time_only() {
        let keys = Keys::new(&[1; 32], &[2; 32]).unwrap();
        let others = Keys::new(&[3; 32], &[2; 32]).unwrap();
        let user = Uuid::from_u128(7);
        let voucher = vouch(&keys, LOGIN, user, Instant(100));
        assert_eq!(vouched(&keys, LOGIN, &voucher, Instant(99)), Some(user));
        assert_eq!(vouched(&keys, LOGIN, &voucher, Instant(100)), None);
        assert_eq!(vouched(&others, LOGIN, &voucher, Instant(99)), None);
        let renamed = voucher.replace(LOGIN, SET_UP);
        assert_eq!(vouched(&keys, SET_UP, &renamed, Instant(99)), None);
        let later = vouch(&others, LOGIN, user, Instant(200));
        assert_eq!(vouched(&keys, LOGIN, &later, Instant(99)), None);
    }
}
