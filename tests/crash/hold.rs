//! What keeps an operation waiting, or makes it fail, until a test lets go of it.

use std::{
    fs::{File, OpenOptions},
    path::Path,
};

use rustix::fs::{FlockOperation, flock};

use crate::world::World;

/// An open file, or a lock on one; gone with the value.
#[derive(Debug)]
pub struct Hold {
    _file: File,
}

impl Hold {
    /// Works on `volumes/…` or `snapshots/…` of this name in the driver's place, so that it has to wait.
    pub fn lock(world: &World, name: &str) -> Self {
        let path = world.storage().join(".locks").join(name);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .unwrap();
        flock(&file, FlockOperation::LockExclusive).unwrap();
        Self { _file: file }
    }

    /// Has the file open for writing, as a program that uses a volume.
    pub fn open(path: &Path) -> Self {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        Self { _file: file }
    }
}
