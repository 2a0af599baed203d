//! Which breakpoints a process has come past, as its log tells.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use regex::Regex;

/// What makes a server write them down.
pub const SETTING: (&str, &str) = ("BREEZEBLOCK__LOG__FILTER", "info,breezeblock::breakpoint=trace");
const LISTENS: &str = "listening on ";

/// The `pass`-th time, from 1, that a process comes past a breakpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    pub name: String,
    pub pass: u32,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.pass)
    }
}

/// In the order of a process's life.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Before it listened.
    pub starting: Vec<Point>,
    /// From then on.
    pub serving: Vec<Point>,
}

impl Trace {
    pub fn of(log: &str) -> Self {
        let name = Regex::new(r#""name":"([^"]+)""#).unwrap();
        let mut passes: BTreeMap<String, u32> = BTreeMap::new();
        let mut trace = Self::default();
        let mut listens = false;
        for line in log.lines() {
            listens = listens || line.contains(LISTENS);
            if !line.contains(r#""target":"breezeblock::breakpoint""#) {
                continue;
            }
            let name = name.captures(line).unwrap()[1].to_owned();
            let pass = passes.entry(name.clone()).or_default();
            *pass += 1;
            let point = Point { name, pass: *pass };
            let part = if listens {
                &mut trace.serving
            } else {
                &mut trace.starting
            };
            part.push(point);
        }
        trace
    }

    /// The names of all points.
    pub fn names(&self) -> BTreeSet<String> {
        let points = self.starting.iter().chain(&self.serving);
        points.map(|point| point.name.clone()).collect()
    }
}
