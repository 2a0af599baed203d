//! When who was hurt, and so which answers are no surprise. Whatever is not explained by a trouble of that time is a
//! failure of the product.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

/// How long after its end a trouble may still be felt by requests that are sent only then: until the last connection
/// that it broke is found dead, and whoever was frozen in a transaction has let go its locks. One that was sent before
/// the end is within it anyway, with its waits for a connection and for an answer.
pub const AFTERMATH: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is down.
    Database,
    /// The process in this place stands still, perhaps in a transaction with locks that others wait for.
    Frozen(usize),
    /// The API in this place is killed or told to stop, or not there, or not listening yet.
    Down(usize),
}

impl Trouble {
    /// Whether a 503 may come of it, from whichever API: those that are well answer, whoever else is down.
    pub const fn makes_unavailable(self) -> bool {
        matches!(self, Self::Database | Self::Frozen(_))
    }

    /// Whether a request to this API may get no answer at all. While the database is down there must be one.
    pub fn silences(self, api: usize) -> bool {
        self == Self::Frozen(api) || self == Self::Down(api)
    }

    /// Whether an answer of this API may be late.
    pub fn delays(self, api: usize) -> bool {
        self.makes_unavailable() || self == Self::Down(api)
    }
}

#[derive(Clone, Copy, Debug)]
struct Window {
    trouble: Trouble,
    from: Instant,
    /// Not over yet if there is none.
    until: Option<Instant>,
}

/// All troubles so far.
#[derive(Debug, Default)]
pub struct Troubles(Mutex<Vec<Window>>);

impl Troubles {
    /// Before an attack.
    pub fn begin(&self, trouble: Trouble) {
        self.0.lock().unwrap().push(Window {
            trouble,
            from: Instant::now(),
            until: None,
        });
    }

    /// When it is over: the database accepts connections, the process goes on or serves again.
    pub fn end(&self, trouble: Trouble) {
        let mut windows = self.0.lock().unwrap();
        let open = windows
            .iter_mut()
            .find(|window| window.trouble == trouble && window.until.is_none());
        open.expect("it has begun").until = Some(Instant::now());
    }

    /// Whether one of `these` fell into this time.
    pub fn explain(&self, these: impl Fn(Trouble) -> bool, from: Instant, to: Instant) -> bool {
        !self.parts(these, from, to).is_empty()
    }

    /// How much of this time is covered by `these`.
    pub fn cover(&self, these: impl Fn(Trouble) -> bool, from: Instant, to: Instant) -> Duration {
        let mut covered = Duration::ZERO;
        let mut reached = from;
        for (start, end) in self.parts(these, from, to) {
            covered += end.saturating_duration_since(start.max(reached));
            reached = reached.max(end);
        }
        covered
    }

    /// The parts of this time that are in `these`, by their beginnings.
    fn parts(&self, these: impl Fn(Trouble) -> bool, from: Instant, to: Instant) -> Vec<(Instant, Instant)> {
        let windows = self.0.lock().unwrap();
        let mut parts: Vec<_> = windows
            .iter()
            .filter(|window| these(window.trouble))
            .map(|window| {
                (
                    window.from.max(from),
                    window.until.map_or(to, |until| to.min(until + AFTERMATH)),
                )
            })
            .filter(|(start, end)| start <= end)
            .collect();
        parts.sort();
        parts
    }
}

#[test]
fn only_a_trouble_of_that_time_explains() {
    let zero = Instant::now();
    let at = |seconds| zero + Duration::from_secs(seconds);
    let window = |trouble, from, until: Option<u64>| Window {
        trouble,
        from: at(from),
        until: until.map(at),
    };
    let troubles = Troubles(Mutex::new(vec![
        window(Trouble::Down(0), 10, Some(12)),
        window(Trouble::Database, 12, Some(14)),
        window(Trouble::Frozen(1), 30, None),
    ]));
    let silenced = |api, from, to| troubles.explain(|trouble| trouble.silences(api), at(from), at(to));
    assert!(silenced(0, 5, 10) && silenced(0, 13, 20) && silenced(1, 29, 31));
    assert!(!silenced(0, 5, 9) && !silenced(0, 14, 20) && !silenced(1, 10, 29) && !silenced(0, 29, 31));
    let unavailable = |from, to| troubles.explain(Trouble::makes_unavailable, at(from), at(to));
    assert!(unavailable(15, 20) && unavailable(40, 50) && !unavailable(10, 11) && !unavailable(16, 29));
    // 10 to 15 and 30 to 35.
    assert_eq!(troubles.cover(|_any| true, zero, at(35)), Duration::from_secs(10));
    assert_eq!(troubles.cover(|_any| true, at(11), at(12)), Duration::from_secs(1));
    assert_eq!(troubles.cover(|_any| true, at(20), at(25)), Duration::ZERO);
}
