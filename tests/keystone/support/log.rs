//! Everything that this process logs, down to the smallest trace, so that secrets can be looked for.

use std::{
    io,
    sync::{Mutex, Once},
};

static LOG: Mutex<String> = Mutex::new(String::new());

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From now on.
pub fn record() {
    static RECORD: Once = Once::new();
    RECORD.call_once(|| {
        breezeblock::telemetry::start("trace,sqlx=warn".into(), true, false, || Writer).unwrap();
    });
}

/// The lines so far that have this in them.
pub fn logged(text: &str) -> Vec<String> {
    let log = LOG.lock().unwrap();
    log.lines()
        .filter(|line| line.contains(text))
        .map(str::to_owned)
        .collect()
}
