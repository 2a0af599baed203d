//! Finds out whether the storage can share blocks between files.

use std::{fs::File, io::Write};

use rustix::fs::OFlags;

use super::{
    copy::share_blocks,
    errors::explain,
    paths::{Folder, Storage},
};
use crate::{
    breakpoint,
    driver::{DriverError, Kind},
};

/// Large enough for one block of any file system.
const SAMPLE: [u8; 4096] = [1; 4096];

/// Whether a volume and a snapshot can share blocks; `false` if a full storage leaves it open.
///
/// Copies try it anyway. This is for [`crate::driver::Capability`].
pub(super) fn reflink(storage: &Storage) -> Result<bool, DriverError> {
    match try_it(storage).map_err(|error| explain("cannot write to the storage folder", error)) {
        Err(error) if error.kind() == Kind::NoSpace => {
            tracing::warn!("the storage is full");
            Ok(false)
        }
        other => other,
    }
}

fn try_it(storage: &Storage) -> std::io::Result<bool> {
    let mut source = nameless(storage.volumes())?;
    let target = nameless(storage.snapshots())?;
    source.write_all(&SAMPLE)?;
    Ok(share_blocks(&source, &target)?)
}

/// A file that loses its name at once, so that nothing is left wherever we die. That two processes
/// may probe with the same file does no harm.
fn nameless(folder: &Folder) -> std::io::Result<File> {
    const NAME: &str = ".probe";
    let file = folder.file(NAME, OFlags::RDWR | OFlags::CREATE)?;
    breakpoint::hit("file.probe_made");
    folder.unlink(NAME)?;
    breakpoint::hit("file.probe_nameless");
    Ok(file)
}
