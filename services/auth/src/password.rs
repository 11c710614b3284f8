//! Hashes passwords with Argon2id, a few at a time and away from the async threads.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use kernel::Problem;
use tokio::sync::{Semaphore, SemaphorePermit};
use zeroize::Zeroizing;

/// Memory in KiB, passes and lanes: the first choice of the OWASP password storage cheat sheet.
const PARAMS: (u32, u32, u32) = (19 * 1024, 2, 1);

/// Verified for users who do not exist or have no password, so that the time of an answer does
/// not tell who does. Its parameters are those of [`PARAMS`]; no password is known for it.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmUuLg$\
                      q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";

/// Hashes passwords, each 19 MiB of memory and some 20 ms of one core.
pub struct Hasher(Semaphore);

/// The leave to hash; held until its outcome is taken in.
pub struct Leave<'a> {
    _permit: SemaphorePermit<'a>,
}

impl Hasher {
    /// A hasher that keeps no more cores busy than there are.
    pub fn new() -> Hasher {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Hasher(Semaphore::new(cores))
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// 503 while the process shuts down.
    pub async fn turn(&self) -> Result<Leave<'_>, Problem> {
        let closed = |_| {
            Problem::unavailable("shutting_down", "The server is stopping. Retry in a moment.", 1)
        };
        self.0.acquire().await.map(|_permit| Leave { _permit }).map_err(closed)
    }
}

impl Leave<'_> {
    /// The PHC text of a password under a salt.
    ///
    /// # Errors
    /// 500 when the hash cannot be computed.
    pub async fn hash(&self, password: &str, salt: [u8; 16]) -> Result<String, Problem> {
        let password = Zeroizing::new(password.to_owned());
        let work = move || {
            let hash = hasher()?.hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(fault)
        };
        tokio::task::spawn_blocking(work).await.map_err(fault)?
    }

    /// Whether a password is the one of a PHC text; takes as long where there is none.
    ///
    /// # Errors
    /// 500 when the hash cannot be computed.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Problem> {
        let password = Zeroizing::new(password.to_owned());
        let exists = hash.is_some();
        let hash = hash.unwrap_or(NOBODY).to_owned();
        let work = move || Ok(hasher()?.verify_password(password.as_bytes(), &*hash).is_ok());
        let fits: Result<bool, Problem> = tokio::task::spawn_blocking(work).await.map_err(fault)?;
        Ok(fits? && exists)
    }
}

fn hasher() -> Result<Argon2<'static>, Problem> {
    let (memory, passes, lanes) = PARAMS;
    let params = Params::new(memory, passes, lanes, None).map_err(fault)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn fault(error: impl std::fmt::Display) -> Problem {
    Problem::internal(format!("a password cannot be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_only() {
        let hasher = Hasher::new();
        let turn = hasher.turn().await.unwrap();
        let hash = turn.hash("correct horse battery", [7; 16]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(turn.verify("correct horse battery", Some(&hash)).await.unwrap());
        assert!(!turn.verify("correct horse batterY", Some(&hash)).await.unwrap());
        assert!(!turn.verify("correct horse battery", Some("not a hash")).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_a_password_and_still_costs_a_whole_hash() {
        let hasher = Hasher::new();
        let turn = hasher.turn().await.unwrap();
        assert!(!turn.verify("", None).await.unwrap());
        let refused = super::hasher().unwrap().verify_password(b"", NOBODY).unwrap_err();
        // "Invalid password" and not "malformed": the hash was computed and compared.
        assert_eq!(refused, argon2::password_hash::Error::PasswordInvalid);
        let turned = turn.hash("x", [0; 16]).await.unwrap();
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(NOBODY), parameters(&turned));
        assert_eq!(NOBODY.len(), turned.len());
    }
}
