//! From the kernel's error numbers to sentences that a user can act on.

use std::{fmt::Display, io};

use rustix::io::Errno;

use crate::driver::{DriverError, Kind};

/// The error of a storage operation. `doing` says what failed, such as "cannot write volume-…".
///
/// Full, forbidden and oversized are final: a repetition meets them again, and only somebody who
/// reads the cause can help. Everything else (I/O errors, a vanished mount, no memory) may pass.
pub(super) fn explain(doing: impl Display, error: impl Into<io::Error>) -> DriverError {
    let error = error.into();
    let fatal = |kind, why: &str| DriverError::fatal(kind, format!("{doing}: {why}"));
    let later = |kind, why: &str| DriverError::later(kind, format!("{doing}: {why}"));
    let explained = match Errno::from_io_error(&error) {
        Some(Errno::NOSPC) => fatal(Kind::NoSpace, "the storage is full"),
        Some(Errno::DQUOT) => fatal(Kind::NoSpace, "the storage quota is used up"),
        Some(Errno::ROFS) => fatal(Kind::Denied, "the storage is read-only"),
        Some(Errno::ACCESS | Errno::PERM) => fatal(Kind::Denied, "the storage refuses access to the service"),
        Some(Errno::FBIG) => fatal(Kind::Failed, "the file system does not take files of that size"),
        Some(Errno::LOOP | Errno::ISDIR | Errno::NOTDIR | Errno::NXIO) => fatal(Kind::Exists, NOT_OURS),
        Some(Errno::NOENT) => later(Kind::Failed, "the storage folder is gone"),
        Some(Errno::MFILE | Errno::NFILE) => later(Kind::Failed, "too many files are open at the moment"),
        Some(Errno::IO) => later(Kind::Failed, "the storage reports an input/output error"),
        Some(Errno::AGAIN) => later(Kind::InUse, "another program has it locked at the moment"),
        // The number is enough for the user; the text of an OS error is in the log with the source.
        Some(other) => later(
            Kind::Failed,
            &format!("unexpected storage error {}", other.raw_os_error()),
        ),
        None => later(Kind::Failed, "unexpected storage error"),
    };
    explained.with_source(error)
}

/// `name` is to be read or changed, but nothing has that name.
pub(super) fn missing(name: &str) -> DriverError {
    DriverError::fatal(Kind::NotFound, format!("{name} is missing from the storage folder"))
}

/// The storage folder is not where it was.
pub(super) fn lost() -> DriverError {
    let cause = "the storage folder is gone, or another one is in its place; check whether it is mounted";
    DriverError::later(Kind::Failed, cause)
}

/// Something that this driver did not make carries the name of one of its files.
pub(super) fn foreign(name: &str) -> DriverError {
    DriverError::fatal(Kind::Exists, format!("cannot use {name}: {NOT_OURS}"))
}

const NOT_OURS: &str = "what carries this name in the storage folder is not a regular file";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Retry;

    #[test]
    fn what_a_user_must_mend_is_final_and_the_rest_is_not() {
        let of = |errno: Errno| {
            let error = explain("cannot write it", errno);
            (error.kind(), error.retry())
        };
        assert_eq!(of(Errno::NOSPC), (Kind::NoSpace, Retry::Final));
        assert_eq!(of(Errno::DQUOT), (Kind::NoSpace, Retry::Final));
        assert_eq!(of(Errno::ROFS), (Kind::Denied, Retry::Final));
        assert_eq!(of(Errno::ACCESS), (Kind::Denied, Retry::Final));
        assert_eq!(of(Errno::IO), (Kind::Failed, Retry::Later));
        assert_eq!(of(Errno::NOMEM), (Kind::Failed, Retry::Later));
    }

    #[test]
    fn the_cause_is_one_sentence_and_keeps_the_error_for_the_log() {
        let error = explain("cannot write volume-1", Errno::NOSPC);
        assert_eq!(error.to_string(), "cannot write volume-1: the storage is full");
        assert!(std::error::Error::source(&error).is_some());
    }
}
