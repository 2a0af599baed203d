//! Copies the data of a file and leaves its holes out.

use std::{fs::File, ops::Range, os::unix::fs::FileExt};

use rustix::{
    fs::SeekFrom,
    io::{Errno, retry_on_intr},
};

use super::paths::size_of;
use crate::breakpoint;

/// How much is copied between two looks at the lease and at the cancellation: a fraction of a
/// second on any disk.
const CHUNK: u64 = 8 << 20;
/// How much may wait to be written to the disk. The end of the copy waits until all of it is there, and nobody can
/// interrupt that; without a limit it can be a fifth of the machine's memory.
const UNWRITTEN: u64 = 64 << 20;
/// The buffer where the kernel cannot copy by itself.
const BUFFER: usize = 1 << 20;

/// Copies `source` to the empty file `target`: the same length, the same bytes, the same holes.
///
/// `tick(done, total)` is told about bytes of data, not holes, and stops the copy with its error.
/// `cannot` turns the kernel's errors into the caller's.
pub(super) fn copy<E>(
    source: &File,
    target: &File,
    mut tick: impl FnMut(u64, u64) -> Result<(), E>,
    cannot: impl Fn(Errno) -> E,
) -> Result<(), E> {
    let len = size_of(&rustix::fs::fstat(source).map_err(&cannot)?);
    rustix::fs::ftruncate(target, len).map_err(&cannot)?;

    let mut total = 0;
    let mut at = 0;
    while let Some(data) = next_data(source, at, len).map_err(&cannot)? {
        total += data.end - data.start;
        at = data.end;
        tick(0, total)?;
    }

    let mut copier = Copier {
        source,
        target,
        in_kernel: true,
    };
    let (mut done, mut unwritten) = (0, 0);
    at = 0;
    while let Some(data) = next_data(source, at, len).map_err(&cannot)? {
        at = data.end;
        for start in data.clone().step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX)) {
            let end = data.end.min(start + CHUNK);
            copier.copy(start..end).map_err(&cannot)?;
            breakpoint::hit("file.chunk_copied");
            done += end - start;
            unwritten += end - start;
            if unwritten >= UNWRITTEN {
                rustix::fs::fdatasync(target).map_err(&cannot)?;
                unwritten = 0;
            }
            tick(done, total)?;
        }
    }
    Ok(())
}

/// The first range of data at or behind `at`, cut at `len`.
fn next_data(file: &File, at: u64, len: u64) -> rustix::io::Result<Option<Range<u64>>> {
    if at >= len {
        return Ok(None);
    }
    let start = match rustix::fs::seek(file, SeekFrom::Data(at)) {
        Ok(start) => start,
        // Nothing but a hole up to the end.
        Err(Errno::NXIO) => return Ok(None),
        // A file system that knows nothing of holes.
        Err(Errno::INVAL | Errno::OPNOTSUPP) => return Ok(Some(at..len)),
        Err(error) => return Err(error),
    };
    if start >= len {
        return Ok(None);
    }
    let end = rustix::fs::seek(file, SeekFrom::Hole(start))?;
    Ok(Some(start..end.min(len)))
}

struct Copier<'a> {
    source: &'a File,
    target: &'a File,
    in_kernel: bool,
}

impl Copier<'_> {
    fn copy(&mut self, range: Range<u64>) -> rustix::io::Result<()> {
        let mut at = range.start;
        while self.in_kernel && at < range.end {
            match copy_in_kernel(self.source, self.target, at, range.end - at) {
                Ok(0) => return Err(Errno::IO),
                Ok(copied) => at += copied,
                Err(Errno::XDEV | Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP) => self.in_kernel = false,
                Err(error) => return Err(error),
            }
        }
        if at < range.end {
            copy_by_hand(self.source, self.target, at..range.end)
        } else {
            Ok(())
        }
    }
}

fn copy_in_kernel(source: &File, target: &File, at: u64, len: u64) -> rustix::io::Result<u64> {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let copied = retry_on_intr(|| {
        let (mut from, mut to) = (at, at);
        rustix::fs::copy_file_range(source, Some(&mut from), target, Some(&mut to), len)
    })?;
    Ok(copied as u64)
}

fn copy_by_hand(source: &File, target: &File, range: Range<u64>) -> rustix::io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    let mut at = range.start;
    while at < range.end {
        let len = usize::try_from(range.end - at).map_or(BUFFER, |left| left.min(BUFFER));
        let piece = &mut buffer[..len];
        let number = |error: std::io::Error| Errno::from_io_error(&error).unwrap_or(Errno::IO);
        source.read_exact_at(piece, at).map_err(number)?;
        target.write_all_at(piece, at).map_err(number)?;
        at += len as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    /// 40 MiB with data at the start, across the first two chunks, and in the last byte.
    fn source() -> File {
        let file = tempfile::tempfile().unwrap();
        file.set_len(40 * MIB).unwrap();
        for (at, len) in [(0, 10), (CHUNK - 3, 9 << 20), (40 * MIB - 1, 1)] {
            file.write_all_at(&vec![7; len], at).unwrap();
        }
        file
    }

    fn bytes(file: &File) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(file.metadata().unwrap().len()).unwrap()];
        file.read_exact_at(&mut bytes, 0).unwrap();
        bytes
    }

    #[test]
    fn a_copy_has_the_same_bytes_and_holes() {
        let (source, target) = (source(), tempfile::tempfile().unwrap());
        let mut ticks = Vec::new();
        let tick = |done, total| {
            ticks.push((done, total));
            Ok(())
        };
        copy(&source, &target, tick, |errno| errno).unwrap();
        assert!(bytes(&source) == bytes(&target));
        assert_eq!(
            next_data(&source, 20 * MIB, 40 * MIB),
            next_data(&target, 20 * MIB, 40 * MIB)
        );
        assert!(ticks.is_sorted_by_key(|(done, _total)| *done));
        assert!(
            ticks
                .last()
                .is_some_and(|(done, total)| done == total && *total < 11 * MIB)
        );
    }

    #[test]
    fn the_bytes_are_the_same_where_the_kernel_cannot_copy() {
        let (source, target) = (source(), tempfile::tempfile().unwrap());
        let mut copier = Copier {
            source: &source,
            target: &target,
            in_kernel: false,
        };
        copier.copy(0..40 * MIB).unwrap();
        assert!(bytes(&source) == bytes(&target));
    }

    #[test]
    fn a_tick_stops_the_copy() {
        let (source, target) = (source(), tempfile::tempfile().unwrap());
        let tick = |done, _total| if done > 0 { Err(Errno::CANCELED) } else { Ok(()) };
        assert_eq!(copy(&source, &target, tick, |errno| errno), Err(Errno::CANCELED));
        assert!(bytes(&source) != bytes(&target));
    }
}
