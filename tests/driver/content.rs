//! Writing to volumes and looking at what is in them.

use std::{
    fs::{File, OpenOptions},
    ops::Range,
    os::unix::fs::{FileExt, MetadataExt},
    path::Path,
};

use rustix::{fs::SeekFrom, io::Errno};

pub const KIB: u64 = 1 << 10;
pub const MIB: u64 = 1 << 20;
pub const GIB: u64 = 1 << 30;

/// Where [`scatter`] writes: across block, chunk and volume ends.
const PLACES: [(u64, u64); 5] = [
    (0, 4096),
    (12 * KIB, 100),
    (7 * MIB + 5, 3 * MIB),
    (500 * MIB, 64 * KIB),
    (GIB - 4096, 4096),
];

/// Writes bytes that depend on `seed` to a few places of a volume of 1 GiB.
pub fn scatter(path: &Path, seed: u8) {
    for (at, len) in PLACES {
        write(path, at, &vec![seed; usize::try_from(len).unwrap()]);
    }
}

/// Whether the file has what [`scatter`] wrote.
pub fn is_scattered(path: &Path, seed: u8) -> bool {
    PLACES
        .into_iter()
        .all(|(at, len)| read(path, at, len).iter().all(|byte| *byte == seed))
}

/// Fills the first `mib` MiB with data that takes a copy a while.
pub fn fill(path: &Path, mib: u64) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    for number in 0..mib {
        let byte = u8::try_from(number % 255).unwrap() + 1;
        file.write_all_at(&vec![byte; 1 << 20], number * MIB).unwrap();
    }
}

pub fn write(path: &Path, at: u64, bytes: &[u8]) {
    OpenOptions::new()
        .write(true)
        .open(path)
        .unwrap()
        .write_all_at(bytes, at)
        .unwrap();
}

pub fn read(path: &Path, at: u64, len: u64) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(len).unwrap()];
    File::open(path).unwrap().read_exact_at(&mut bytes, at).unwrap();
    bytes
}

pub fn len(path: &Path) -> u64 {
    path.metadata().unwrap().len()
}

/// The bytes that the file takes on the disk.
pub fn allocated(path: &Path) -> u64 {
    path.metadata().unwrap().blocks() * 512
}

/// The ranges that are not holes.
pub fn data(path: &Path) -> Vec<Range<u64>> {
    let file = File::open(path).unwrap();
    let mut ranges = Vec::new();
    let mut at = 0;
    loop {
        let start = match rustix::fs::seek(&file, SeekFrom::Data(at)) {
            Ok(start) => start,
            Err(Errno::NXIO) => return ranges,
            Err(error) => panic!("{}: {error}", path.display()),
        };
        at = rustix::fs::seek(&file, SeekFrom::Hole(start)).unwrap();
        ranges.push(start..at);
    }
}

/// Whether nothing was ever written to the range, or only zeroes.
pub fn is_zero(path: &Path, range: &Range<u64>) -> bool {
    data(path).into_iter().all(|data| {
        let (start, end) = (data.start.max(range.start), data.end.min(range.end));
        start >= end || pieces(start..end).all(|(at, len)| read(path, at, len).iter().all(|byte| *byte == 0))
    })
}

/// Whether both files start with the same bytes, and what the longer one has more is zero.
pub fn same(one: &Path, other: &Path) -> bool {
    let common = len(one).min(len(other));
    let compared = data(one).into_iter().chain(data(other)).all(|range| {
        pieces(range.start..range.end.min(common)).all(|(at, len)| read(one, at, len) == read(other, at, len))
    });
    compared && [one, other].into_iter().all(|path| is_zero(path, &(common..u64::MAX)))
}

fn pieces(range: Range<u64>) -> impl Iterator<Item = (u64, u64)> {
    let end = range.end;
    range.step_by(1 << 20).map(move |at| (at, MIB.min(end - at)))
}
