//! Recognisable bytes in volumes, and whether a file has exactly those.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    path::Path,
};

use rustix::{fs::SeekFrom, io::Errno};

pub const MIB: u64 = 1 << 20;
pub const GIB: u64 = 1 << 30;

/// Where [`write`] writes into a volume of 1 GiB: across block, chunk and volume ends.
const PLACES: [(u64, u64); 5] = [
    (0, 4096),
    (12 << 10, 100),
    (8 * MIB - 5, 64 << 10),
    (500 * MIB, 64 << 10),
    (GIB - 4096, 4096),
];

/// Writes bytes that depend on `seed`, which is not 0, to a few places.
pub fn write(path: &Path, seed: u8) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    for (at, len) in PLACES {
        file.write_all_at(&vec![seed; usize::try_from(len).unwrap()], at)
            .unwrap();
    }
}

/// Fills the first `mib` MiB with data that takes a copy a while.
pub fn fill(path: &Path, mib: u64) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    for number in 0..mib {
        file.write_all_at(&filling(number), number * MIB).unwrap();
    }
    // Now, so that it does not slow down what is measured later.
    file.sync_all().unwrap();
}

/// Whether the first `mib` MiB are as [`fill`] left them.
pub fn is_filled(path: &Path, mib: u64) -> bool {
    let file = File::open(path).unwrap();
    let mut buffer = vec![0; 1 << 20];
    (0..mib).all(|number| {
        file.read_exact_at(&mut buffer, number * MIB).unwrap();
        buffer == filling(number)
    })
}

fn filling(number: u64) -> Vec<u8> {
    vec![u8::try_from(number % 255).unwrap() + 1; 1 << 20]
}

/// What is wrong with a file that should be `gib` GiB long and have what [`write`] wrote with
/// `seed`, or nothing at all for 0, and zeroes everywhere else.
pub fn difference(path: &Path, gib: u64, seed: u8) -> Option<String> {
    let file = File::open(path).unwrap();
    let len = file.metadata().unwrap().len();
    if len != gib * GIB {
        return Some(format!("{len} bytes long instead of {gib} GiB"));
    }
    let mut found = 0;
    let mut end = 0;
    while let Some(start) = data(&file, end) {
        end = rustix::fs::seek(&file, SeekFrom::Hole(start)).unwrap();
        let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
        file.read_exact_at(&mut bytes, start).unwrap();
        for (at, len) in PLACES.into_iter().filter(|_place| seed != 0) {
            let index = |offset: u64| usize::try_from(offset.clamp(start, end) - start).unwrap();
            let place = &mut bytes[index(at)..index(at + len)];
            if place.iter().any(|byte| *byte != seed) {
                return Some(format!("at {at}: {:?} instead of {seed}", place.first()));
            }
            found += place.len() as u64;
            place.fill(0);
        }
        if let Some(index) = bytes.iter().position(|byte| *byte != 0) {
            return Some(format!("{} at {}", bytes[index], start + index as u64));
        }
    }
    let wanted: u64 = PLACES.iter().map(|(_at, len)| len).sum();
    (seed != 0 && found != wanted).then(|| format!("{found} of {wanted} bytes"))
}

/// The start of the next range that is not a hole.
fn data(file: &File, at: u64) -> Option<u64> {
    match rustix::fs::seek(file, SeekFrom::Data(at)) {
        Ok(start) => Some(start),
        Err(Errno::NXIO) => None,
        Err(error) => panic!("cannot look for data: {error}"),
    }
}
