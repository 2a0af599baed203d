//! Names in the storage folder, and the only functions that turn one into an open file.
//!
//! Nothing here can reach outside: a name is a fixed word and an id, it is resolved relative to a
//! folder that was opened once, and links are neither followed nor accepted.

use std::{
    fs::{DirBuilder, File},
    io,
    os::{fd::OwnedFd, unix::fs::DirBuilderExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::{
    fs::{Access, AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat},
    io::Errno,
};

use super::errors::{explain, foreign, missing};
use crate::{
    breakpoint,
    domain::{Resource, ResourceKind, SnapshotId, Space, VolumeId},
    driver::DriverError,
};

/// The mode of the folders: nothing for users outside the service's group.
const FOLDER_MODE: u32 = 0o750;

/// The storage folder.
#[derive(Debug)]
pub(super) struct Storage {
    top: Folder,
    volumes: Folder,
    snapshots: Folder,
    locks: Folder,
}

impl Storage {
    /// Opens the storage below `root`, which may be a link, and creates the folders that are missing.
    pub(super) fn open(root: &Path) -> Result<Self, DriverError> {
        let open = || -> io::Result<Self> {
            DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(root)?;
            Ok(Self {
                top: Folder::existing(root.to_owned(), OFlags::empty())?,
                volumes: Folder::open(root, "volumes")?,
                snapshots: Folder::open(root, "snapshots")?,
                locks: Folder::open(root, ".locks")?,
            })
        };
        let storage = open().map_err(|error| explain("cannot open the storage folder", error))?;
        breakpoint::hit("file.folders_made");
        Ok(storage)
    }

    /// Opens the storage below `root` as it is.
    pub(super) fn existing(root: &Path) -> Result<Self, DriverError> {
        let open = || -> io::Result<Self> {
            let folder = |name: &str| Folder::existing(root.join(name), OFlags::NOFOLLOW);
            Ok(Self {
                top: Folder::existing(root.to_owned(), OFlags::empty())?,
                volumes: folder("volumes")?,
                snapshots: folder("snapshots")?,
                locks: folder(".locks")?,
            })
        };
        open().map_err(|error| explain("cannot open the storage folder", error))
    }

    /// Whether all folders are where they were, and not moved away or mounted over.
    pub(super) fn is_in_place(&self) -> rustix::io::Result<bool> {
        for folder in [&self.volumes, &self.snapshots, &self.locks] {
            if !folder.is_in_place()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The folder in which objects of a kind are.
    pub(super) const fn folder(&self, kind: ResourceKind) -> &Folder {
        match kind {
            ResourceKind::Volume => &self.volumes,
            ResourceKind::Snapshot => &self.snapshots,
        }
    }

    /// Whether the folders are still where they were and can be written.
    pub(super) fn check(&self) -> Result<(), DriverError> {
        let usable = || {
            [&self.volumes, &self.snapshots, &self.locks]
                .into_iter()
                .try_for_each(Folder::check)?;
            // The only way to hear from the disk itself: everything else is answered from memory.
            self.top.sync()
        };
        usable().map_err(|error| explain("cannot use the storage folder", error))
    }

    /// The folder itself.
    pub(super) const fn top(&self) -> &Folder {
        &self.top
    }

    pub(super) const fn volumes(&self) -> &Folder {
        &self.volumes
    }

    pub(super) const fn snapshots(&self) -> &Folder {
        &self.snapshots
    }

    pub(super) const fn locks(&self) -> &Folder {
        &self.locks
    }
}

/// One open folder. Names given to its methods are single path components.
#[derive(Debug)]
pub(super) struct Folder {
    dir: OwnedFd,
    path: PathBuf,
}

impl Folder {
    fn open(root: &Path, name: &str) -> io::Result<Self> {
        let path = root.join(name);
        match DirBuilder::new().mode(FOLDER_MODE).create(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
        Self::existing(path, OFlags::NOFOLLOW)
    }

    fn existing(path: PathBuf, flags: OFlags) -> io::Result<Self> {
        let flags = flags | OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = rustix::fs::openat(CWD, &path, flags, Mode::empty())?;
        Ok(Self { dir, path })
    }

    /// Whether its path still leads to it.
    pub(super) fn is_in_place(&self) -> rustix::io::Result<bool> {
        match rustix::fs::statat(CWD, &self.path, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(named) => Ok(same_file(&rustix::fs::fstat(&self.dir)?, &named)),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn check(&self) -> rustix::io::Result<()> {
        if !self.is_in_place()? {
            // Moved away or mounted over: what we write would not be found again.
            return Err(Errno::NOENT);
        }
        rustix::fs::accessat(
            &self.dir,
            ".",
            Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK,
            AtFlags::empty(),
        )
    }

    /// What `name` is, without following a link.
    pub(super) fn stat(&self, name: &str) -> rustix::io::Result<Option<Stat>> {
        match rustix::fs::statat(&self.dir, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens `name`. It never waits: a foreign lease on the file gives `EAGAIN`, and a planted
    /// named pipe opens at once, to be refused by its type.
    pub(super) fn file(&self, name: &str, flags: OFlags) -> rustix::io::Result<File> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        rustix::fs::openat(&self.dir, name, flags, Mode::RUSR | Mode::WUSR).map(File::from)
    }

    /// Removes `name`; that it is missing is fine, and `false`.
    pub(super) fn unlink(&self, name: &str) -> rustix::io::Result<bool> {
        match rustix::fs::unlinkat(&self.dir, name, AtFlags::empty()) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives the file `from` the name `to`, replacing what has it.
    pub(super) fn rename(&self, from: &str, to: &str) -> rustix::io::Result<()> {
        rustix::fs::renameat(&self.dir, from, &self.dir, to)
    }

    /// Gives the file `from` the second name `to`; `EEXIST` if something has it.
    pub(super) fn link(&self, from: &str, to: &str) -> rustix::io::Result<()> {
        rustix::fs::linkat(&self.dir, from, &self.dir, to, AtFlags::empty())
    }

    /// The names of everything that is in the folder and not hidden.
    pub(super) fn names(&self) -> rustix::io::Result<Vec<String>> {
        self.names_that(is_plain)
    }

    /// The names of everything that is in the folder and as `wanted`.
    pub(super) fn names_that(&self, wanted: impl Fn(&str) -> bool) -> rustix::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.dir)? {
            // A name that is no text cannot be written in a request, so nobody could ask for it.
            if let Ok(name) = entry?.file_name().to_str()
                && wanted(name)
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// How full the file system is, as seen by somebody who is not root.
    pub(super) fn space(&self) -> rustix::io::Result<Space> {
        let found = rustix::fs::fstatvfs(&self.dir)?;
        Ok(Space {
            total: found.f_blocks.saturating_mul(found.f_frsize),
            free: found.f_bavail.saturating_mul(found.f_frsize),
        })
    }

    /// Makes the names themselves survive a power cut.
    pub(super) fn sync(&self) -> rustix::io::Result<()> {
        rustix::fs::fsync(&self.dir)
    }
}

/// One volume or snapshot: a name in a folder, whether or not a file has it.
#[derive(Clone, Debug)]
pub(super) struct Object {
    storage: Arc<Storage>,
    folder: fn(&Storage) -> &Folder,
    name: String,
}

impl Object {
    pub(super) fn volume(storage: &Arc<Storage>, id: VolumeId) -> Self {
        Self::of(storage, id.into())
    }

    pub(super) fn snapshot(storage: &Arc<Storage>, id: SnapshotId) -> Self {
        Self::of(storage, id.into())
    }

    pub(super) fn of(storage: &Arc<Storage>, resource: Resource) -> Self {
        Self {
            storage: Arc::clone(storage),
            folder: match resource.kind {
                ResourceKind::Volume => Storage::volumes,
                ResourceKind::Snapshot => Storage::snapshots,
            },
            name: resource.object_name(),
        }
    }

    /// The snapshot file of any name; `None` for what is hidden or no single name.
    pub(super) fn existing_snapshot(storage: &Arc<Storage>, name: &str) -> Option<Self> {
        is_plain(name).then(|| Self {
            storage: Arc::clone(storage),
            folder: Storage::snapshots,
            name: name.to_owned(),
        })
    }

    /// The object of another name in the same folder; see [`Object::existing_snapshot`].
    pub(super) fn sibling(&self, name: &str) -> Option<Self> {
        is_plain(name).then(|| Self {
            name: name.to_owned(),
            ..self.clone()
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The name under which an operation prepares the object's next content. It is always the
    /// same, so that whoever works on the object next finds what a killed operation left.
    pub(super) fn temp_name(&self) -> String {
        format!(".{}.tmp", self.name)
    }

    pub(super) fn folder(&self) -> &Folder {
        (self.folder)(&self.storage)
    }

    pub(super) fn locks(&self) -> &Folder {
        self.storage.locks()
    }

    /// Whether the storage folder is still where it was.
    pub(super) fn is_in_place(&self) -> Result<bool, DriverError> {
        self.storage
            .is_in_place()
            .map_err(|error| explain("cannot use the storage folder", error))
    }

    /// The object's file, if there is one; anything but a regular file is refused.
    pub(super) fn find(&self) -> Result<Option<Stat>, DriverError> {
        let found = self
            .folder()
            .stat(&self.name)
            .map_err(|error| explain(self.cannot("find"), error))?;
        match found {
            Some(stat) if !is_regular(&stat) => Err(foreign(&self.name)),
            other => Ok(other),
        }
    }

    /// Opens the file for reading only, as [`super::lease::ReadLease`] needs it.
    pub(super) fn open_to_read(&self) -> Result<File, DriverError> {
        self.open(OFlags::RDONLY)
    }

    /// Opens the file for writing.
    pub(super) fn open_to_write(&self) -> Result<File, DriverError> {
        self.open(OFlags::RDWR)
    }

    fn open(&self, flags: OFlags) -> Result<File, DriverError> {
        // Looked at before the open, because opening a device can do something, and after it,
        // because the name can mean something else by then.
        if self.find()?.is_none() {
            return Err(missing(&self.name));
        }
        let cannot = |error| explain(self.cannot("open"), error);
        let file = self.folder().file(&self.name, flags).map_err(|error| match error {
            Errno::NOENT => missing(&self.name),
            other => cannot(other),
        })?;
        if is_regular(&rustix::fs::fstat(&file).map_err(cannot)?) {
            Ok(file)
        } else {
            Err(foreign(&self.name))
        }
    }

    /// The start of an error's sentence: "cannot open volume-…".
    pub(super) fn cannot(&self, verb: &str) -> String {
        format!("cannot {verb} {}", self.name)
    }
}

/// Whether `name` stays inside its folder and does not clash with our own hidden names.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && !name.starts_with('.') && !name.contains(['/', '\0'])
}

/// Whether two results describe one file.
pub(super) const fn same_file(one: &Stat, other: &Stat) -> bool {
    one.st_dev == other.st_dev && one.st_ino == other.st_ino
}

/// The size in bytes; the kernel never reports a negative one for a regular file.
pub(super) fn size_of(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

pub(super) fn is_regular(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode).is_file()
}
