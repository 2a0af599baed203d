//! The file of a SQLite database: whether it is whole, and still the one that was opened.

use std::{
    fs::Metadata,
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use crate::store::StoreError;

/// The smallest page, and so the smallest database, that SQLite has.
const SHORTEST: u64 = 512;

/// An open database's file.
///
/// SQLite goes on with a file that lost its name: everything seems to work, and all of it is gone when the process
/// ends. Or it was replaced, say by a backup, and nobody reads what is in it. So each statement looks first. That asks
/// the kernel for what it has in memory, and does not wait for a disk.
#[derive(Debug)]
pub(in crate::store) struct DatabaseFile {
    pub(in crate::store) path: PathBuf,
    wal: PathBuf,
    device: u64,
    inode: u64,
}

impl DatabaseFile {
    /// The file at `path`, which was just opened.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if there is none.
    pub(super) fn opened(path: &Path) -> Result<Self, StoreError> {
        let found = std::fs::metadata(path).map_err(|error| StoreError::Unavailable(error.into()))?;
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        Ok(Self {
            path: path.to_owned(),
            wal: wal.into(),
            device: found.dev(),
            inode: found.ino(),
        })
    }

    /// Whether what is read now is what the next start would read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file was removed or replaced.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        match std::fs::metadata(&self.path) {
            Ok(found) if self.is(&found) => Ok(()),
            Ok(_other) => Err(gone(&self.path, "was replaced")),
            Err(error) => Err(missing(&self.path, &error)),
        }
    }

    /// Whether the write-ahead log is there, to which everything is written first. As long as there is an open
    /// connection there is one; so this comes after the statement that needs the connection.
    ///
    /// # Errors
    /// As [`DatabaseFile::check`].
    pub(super) fn check_log(&self) -> Result<(), StoreError> {
        match std::fs::metadata(&self.wal) {
            Ok(_found) => Ok(()),
            Err(error) => Err(missing(&self.wal, &error)),
        }
    }

    fn is(&self, found: &Metadata) -> bool {
        (found.dev(), found.ino()) == (self.device, self.inode)
    }
}

fn missing(path: &Path, error: &io::Error) -> StoreError {
    if error.kind() == io::ErrorKind::NotFound {
        gone(path, "was removed")
    } else {
        gone(path, &format!("cannot be found ({error})"))
    }
}

fn gone(path: &Path, what: &str) -> StoreError {
    let text = format!(
        "the database file {} {what} while the service was running; put back what belongs there, and start the service \
         anew",
        path.display()
    );
    StoreError::Unavailable(text.into())
}

/// Refuses a file that is too short to be a database. SQLite takes it for an empty one, and would begin anew in it; an
/// empty one is what a start leaves that was killed right after it made the file.
///
/// # Errors
/// [`StoreError::Damaged`].
pub(super) fn refuse_fragment(path: &Path) -> Result<(), StoreError> {
    match std::fs::metadata(path) {
        Ok(found) if (1..SHORTEST).contains(&found.len()) => {
            let text = format!("it has {} bytes, fewer than any database", found.len());
            Err(StoreError::Damaged(text.into()))
        }
        // Whatever else is wrong, SQLite says so.
        Ok(_) | Err(_) => Ok(()),
    }
}
