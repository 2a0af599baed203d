//! Passwords, as argon2 hashes. Both directions take tens of milliseconds by design, so they run on
//! threads that may block.

use std::{num::NonZero, sync::Arc, thread};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::IdentityError;

/// The password of the users in `config/default.toml`.
pub const DEFAULT_PASSWORD: &str = "breezeblock";

/// Hashes and compares, as many at a time as there are processors: each takes 19 MiB, and a crowd of
/// logins must not take all memory.
#[derive(Clone, Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            permits: Arc::new(Semaphore::new(processors)),
        }
    }
}

impl Passwords {
    /// Whether the hash is the password's.
    ///
    /// # Errors
    /// [`IdentityError::Internal`].
    pub async fn verify(&self, password: &SecretString, hash: &SecretString) -> Result<bool, IdentityError> {
        let (password, hash) = (password.clone(), hash.clone());
        self.blocking(move || verify(password.expose_secret(), hash.expose_secret()))
            .await
    }

    /// The hash of a secret, in PHC form.
    ///
    /// # Errors
    /// [`IdentityError::Internal`].
    pub async fn hash(&self, secret: &SecretString) -> Result<String, IdentityError> {
        let secret = secret.clone();
        self.blocking(move || hash(secret.expose_secret())).await?
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, IdentityError> {
        let permits = Arc::clone(&self.permits);
        let permit = permits.acquire_owned().await.map_err(IdentityError::internal)?;
        // The permit goes along with the work, which does not stop when the client goes away.
        let work = move || {
            let done = work();
            drop(permit);
            done
        };
        spawn_blocking(work).await.map_err(IdentityError::internal)
    }
}

/// Whether the hash is the password's; never for a text that is no hash.
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The hash of a password, in PHC form, with a salt of its own.
///
/// # Errors
/// [`IdentityError::Internal`] when the system gives no random numbers, or the password is over 4 GiB.
pub fn hash(password: &str) -> Result<String, IdentityError> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(IdentityError::internal)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::sync::Notify;

    use super::*;
    use crate::settings::Settings;

    #[test]
    fn a_hash_is_its_passwords_alone() {
        let made = hash("open sesame").unwrap();
        assert!(made.starts_with("$argon2id$"), "{made}");
        assert!(!made.contains("sesame"));
        assert!(verify("open sesame", &made));
        assert!(!verify("open sesam", &made));
        assert!(!verify("open sesame", "open sesame"));
        assert_ne!(made, hash("open sesame").unwrap());
    }

    #[tokio::test]
    async fn work_whose_client_is_gone_still_counts() {
        let passwords = Passwords {
            permits: Arc::new(Semaphore::new(1)),
        };
        let (started, (go, wait)) = (Arc::new(Notify::new()), mpsc::channel::<()>());
        let begun = Arc::clone(&started);
        let work = passwords.blocking(move || {
            begun.notify_one();
            wait.recv()
        });
        // Dropped as soon as its work has begun.
        tokio::select! {
            _done = work => panic!("nobody has let it end"),
            () = started.notified() => {}
        }
        assert_eq!(passwords.permits.available_permits(), 0);
        go.send(()).unwrap();
        passwords.blocking(|| ()).await.unwrap();
    }

    #[test]
    fn the_documented_password_is_the_default_users() {
        let settings = Settings::load(None, []).unwrap();
        assert_eq!(settings.dev.users.len(), 3);
        for user in settings.dev.users {
            let hash = user.password_hash.unwrap();
            assert!(verify(DEFAULT_PASSWORD, hash.expose_secret()), "{}", user.name);
        }
    }
}
