//! Which volume a snapshot was taken of, kept with the file itself, so that a snapshot that the database
//! has forgotten can still tell. A note, nothing depends on it: some file systems have no room for it.

use std::fs::File;

use rustix::fs::XattrFlags;

use crate::domain::VolumeId;

const NAME: &str = "user.breezeblock.volume";

/// Writes the note, where the file system takes one.
pub(super) fn note(file: &File, volume: VolumeId) {
    let text = volume.to_string();
    if let Err(error) = rustix::fs::fsetxattr(file, NAME, text.as_bytes(), XattrFlags::empty()) {
        tracing::debug!(%error, %volume, "the storage does not take the note of a snapshot's volume");
    }
}

/// Reads the note, if there is one.
pub(super) fn of(file: &File) -> Option<VolumeId> {
    let mut buffer = [0_u8; 64];
    let length = rustix::fs::fgetxattr(file, NAME, &mut buffer[..]).ok()?;
    std::str::from_utf8(buffer.get(..length)?).ok()?.parse().ok()
}
