//! Keys: the installation's master key, the key that signs heads, and each subject's data key.
//!
//! A personal value enters the log under its subject's data key (AES-256-GCM); the data key lies
//! in the database wrapped by a key derived from the master key, which lies in the key folder and
//! never in a database. Destroying the wrapped key makes every copy of the value unreadable.

use crate::log::{Hash, Head, SignedHead, merkle};
use crate::ports::Chance;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use types::{Uuid, Value};
use zeroize::Zeroizing;

/// Signs the heads of logs and publishes them outside the database.
pub trait HeadSigner: Send + Sync + 'static {
    /// The head with a signature by the installation's key.
    fn sign(&self, head: Head) -> SignedHead;
    /// Keeps the head where the database cannot reach (`heads.log`), after its commit.
    fn publish(&self, head: &SignedHead);
}

/// The installation's keys.
pub struct Keys {
    wrapping: LessSafeKey,
    fingerprints: hmac::Key,
    signing: Ed25519KeyPair,
}

/// The bytes of salt before a value that is hidden.
const SALT_LEN: usize = 16;

/// One subject's data key.
pub struct DataKey(LessSafeKey);

impl Keys {
    /// The keys that follow from a master key and the seed of the signing key; none if the seed
    /// is not one.
    pub fn new(master: &[u8; 32], seed: &[u8; 32]) -> Option<Keys> {
        let derive = |label: &str| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, master);
            let tag = hmac::sign(&key, label.as_bytes());
            Zeroizing::new(tag.as_ref().to_vec())
        };
        Some(Keys {
            wrapping: aead_key(&derive("megalith wrapping v1"))?,
            fingerprints: hmac::Key::new(hmac::HMAC_SHA256, &derive("megalith fingerprint v1")),
            signing: Ed25519KeyPair::from_seed_unchecked(seed).ok()?,
        })
    }

    /// The public half of the signing key.
    pub fn public_key(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(self.signing.public_key().as_ref());
        out
    }

    /// The head with a signature.
    pub fn sign(&self, head: Head) -> SignedHead {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.signing.sign(&head.bytes()).as_ref());
        SignedHead { head, key: self.public_key(), signature }
    }

    /// A keyed hash: equal for equal parts, and no guess of the parts can be tested without the
    /// master key. Used for requests (idempotency) and tokens.
    pub fn fingerprint(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.fingerprints);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }

    /// A new data key for `subject`, and the key wrapped for the database.
    pub fn new_data_key(&self, subject: Uuid, chance: &dyn Chance) -> Option<(DataKey, Vec<u8>)> {
        let mut random = Zeroizing::new([0u8; NONCE_LEN + 32]);
        chance.fill(random.as_mut());
        let key = DataKey(aead_key(&random[NONCE_LEN..])?);
        let body = random.to_vec();
        Some((key, encrypt(&self.wrapping, subject.as_bytes(), body)?))
    }

    /// The data key of `subject` from its wrapped form; none if it is not genuine.
    pub fn unwrap(&self, subject: Uuid, wrapped: &[u8]) -> Option<DataKey> {
        let bytes = Zeroizing::new(decrypt(&self.wrapping, subject.as_bytes(), wrapped)?);
        Some(DataKey(aead_key(&bytes)?))
    }
}

impl DataKey {
    /// A value under this key: its salted commitment and the ciphertext, bound to `field`.
    pub fn seal(&self, chance: &dyn Chance, field: &str, value: &Value) -> Option<(Hash, Vec<u8>)> {
        let mut random = [0u8; NONCE_LEN + SALT_LEN];
        chance.fill(&mut random);
        let mut writer = types::cbor::Writer::after(&random);
        writer.value(value);
        let body = writer.into_bytes();
        let commitment = merkle::sha256(&[&body[NONCE_LEN..]]);
        Some((commitment, encrypt(&self.0, field.as_bytes(), body)?))
    }

    /// The value that [`DataKey::seal`] hid; none if key, field or ciphertext do not fit.
    pub fn open(&self, field: &str, cipher: &[u8]) -> Option<Value> {
        let plain = Zeroizing::new(decrypt(&self.0, field.as_bytes(), cipher)?);
        types::cbor::Reader::new(plain.get(16..)?).value().ok()
    }
}

fn aead_key(bytes: &[u8]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, bytes).ok().map(LessSafeKey::new)
}

/// Nonce, ciphertext and tag, bound to `context`, from a fresh nonce and what is to be hidden; in
/// the same place, so that nothing readable is left behind.
fn encrypt(key: &LessSafeKey, context: &[u8], mut body: Vec<u8>) -> Option<Vec<u8>> {
    let (nonce, plain) = body.split_first_chunk_mut::<NONCE_LEN>()?;
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(context), plain).ok()?;
    body.extend_from_slice(tag.as_ref());
    Some(body)
}

fn decrypt(key: &LessSafeKey, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = body.to_vec();
    let plain = key.open_in_place(nonce, Aad::from(context), &mut body).ok()?;
    Some(plain.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Instant;

    struct Counting(std::sync::atomic::AtomicU8);
    impl Chance for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    fn keys() -> (Keys, Counting) {
        (Keys::new(&[1; 32], &[2; 32]).unwrap(), Counting(0.into()))
    }

    #[test]
    fn a_value_opens_with_its_subjects_key_and_field_only() {
        let (keys, chance) = keys();
        let (alice, wrapped) = keys.new_data_key(Uuid::from_u128(1), &chance).unwrap();
        let (bob, _) = keys.new_data_key(Uuid::from_u128(2), &chance).unwrap();
        let name = Value::from("Maria Anders");
        let (commitment, cipher) = alice.seal(&chance, "name", &name).unwrap();
        assert_eq!(alice.open("name", &cipher), Some(name.clone()));
        assert_eq!(alice.open("phone", &cipher), None);
        assert_eq!(bob.open("name", &cipher), None);
        assert_eq!(alice.open("name", &cipher[..8]), None);
        let again = keys.unwrap(Uuid::from_u128(1), &wrapped).unwrap();
        assert_eq!(again.open("name", &cipher), Some(name.clone()));
        assert!(keys.unwrap(Uuid::from_u128(2), &wrapped).is_none());
        let (other, _) = alice.seal(&chance, "name", &name).unwrap();
        assert_ne!(commitment, other, "the salt hides that two values are equal");
    }

    #[test]
    fn a_signed_head_is_genuine_until_it_is_touched() {
        let (keys, _) = keys();
        let head = Head {
            org: Uuid::from_u128(1),
            service: "operations".into(),
            size: 3,
            root: [7; 32],
            at: Instant(5),
        };
        let signed = keys.sign(head);
        assert!(signed.is_genuine());
        assert_eq!(SignedHead::parse_line(&signed.line()), Some(signed.clone()));
        let mut larger = signed.clone();
        larger.head.size = 4;
        assert!(!larger.is_genuine());
    }

    #[test]
    fn a_fingerprint_tells_where_one_part_ends() {
        let (keys, _) = keys();
        assert_ne!(keys.fingerprint(&[b"ab", b"c"]), keys.fingerprint(&[b"a", b"bc"]));
    }
}
