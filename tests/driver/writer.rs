//! Runs `writer.py`, and finds out what a snapshot has of its writes.

use std::{
    fmt,
    fs::File,
    io::{BufRead, BufReader},
    os::unix::fs::FileExt,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::content::data;

const BLOCK: u64 = 4096;
/// How many blocks the program writes at most: 64 MiB.
pub const BLOCKS: u64 = 16384;
/// After how many of them it says so.
pub const ANNOUNCED: u64 = 1000;

/// How it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Buffered,
    Direct,
    Mmap,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Buffered => "buffered",
            Self::Direct => "direct",
            Self::Mmap => "mmap",
        })
    }
}

/// The running program. It ends on drop.
#[derive(Debug)]
pub struct Writer {
    program: Child,
    lines: BufReader<ChildStdout>,
}

impl Writer {
    /// Starts it, and returns as soon as it has made the announced writes.
    pub fn start(volume: &Path, mode: Mode, seed: u64) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/driver/writer.py");
        let numbers = [BLOCKS, seed, ANNOUNCED].map(|number| number.to_string());
        let mut program = Command::new("python3")
            .args([script, &mode.to_string()])
            .arg(volume)
            .args(numbers)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap());
        let mut writer = Self { program, lines };
        writer.expect("written");
        writer
    }

    /// Returns once it has made all its writes; it still has the volume open.
    pub fn finish(&mut self) {
        self.expect("finished");
    }

    fn expect(&mut self, line: &str) {
        let mut read = String::new();
        self.lines.read_line(&mut read).unwrap();
        assert_eq!(read.trim_end(), line, "from writer.py");
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.program.stdin.take());
        let _status = self.program.wait();
    }
}

/// How many writes the snapshot has, if it has exactly the first ones.
///
/// `torn` allows the first write that is missing to be there in part: a store to mapped memory is
/// not one step, so a point in time can be in the middle of it.
pub fn writes_in(snapshot: &Path, volume: &Path, torn: bool) -> Result<u64, String> {
    let mut seen = vec![false; usize::try_from(BLOCKS).unwrap() + 2];
    let mut half = None;
    let (from, current) = (File::open(snapshot).unwrap(), File::open(volume).unwrap());
    let block = |file: &File, at| {
        let mut block = [0; 4096];
        file.read_exact_at(&mut block, at).unwrap();
        block
    };
    for at in data(snapshot)
        .into_iter()
        .flat_map(|range| range.step_by(4096))
        .take_while(|at| *at < BLOCKS * BLOCK)
    {
        let there = block(&from, at);
        let (words, _none) = there.as_chunks::<8>();
        let number = words.iter().copied().map(u64::from_le_bytes).max().unwrap();
        if number == 0 {
            continue;
        }
        if block(&current, at).as_chunks().0 != [number.to_le_bytes(); 512] {
            return Err(format!("write {number} is not where the volume has it"));
        }
        let complete = words.iter().all(|word| *word == number.to_le_bytes());
        if complete {
            let seen = seen
                .get_mut(usize::try_from(number).unwrap())
                .ok_or(format!("write {number}?"))?;
            if std::mem::replace(seen, true) {
                return Err(format!("write {number} is there twice"));
            }
        } else if !torn || half.replace(number).is_some() {
            return Err(format!("write {number} is there in part"));
        }
    }
    let last = seen.iter().skip(1).take_while(|seen| **seen).count();
    if let Some(behind) = seen[last + 1..].iter().position(|seen| *seen) {
        return Err(format!(
            "writes 1 to {last} are there, then {} without the ones between",
            last + 1 + behind
        ));
    }
    let last = last as u64;
    match half {
        Some(number) if number != last + 1 => Err(format!("writes 1 to {last} are there, and a part of {number}")),
        _ => Ok(last),
    }
}
