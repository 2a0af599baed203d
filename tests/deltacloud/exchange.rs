//! One recorded exchange.

use std::{collections::BTreeMap, fmt::Debug};

use serde::Deserialize;

/// Where an exchange was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Set {
    Openstack,
    Mock,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Its number in the set.
    pub n: u32,
    /// What it is about, if the recording said.
    #[serde(default)]
    pub what: String,
    /// Method and path.
    pub call: String,
    /// User name and password, with a colon between them.
    #[serde(rename = "as")]
    pub login: Option<String>,
    pub headers: BTreeMap<String, String>,
    pub form: Option<String>,
    pub status: u16,
    pub reply_headers: BTreeMap<String, String>,
    #[serde(default)]
    pub reply: String,
}

impl Exchange {
    pub fn method(&self) -> &str {
        self.call.split(' ').next().unwrap()
    }

    pub fn target(&self) -> &str {
        self.call.split_once(' ').unwrap().1
    }

    /// The collection that it is about; empty for the entry point.
    pub fn collection(&self) -> &str {
        let path = self.target().split('?').next().unwrap();
        path.split('/').nth(2).unwrap_or_default()
    }
}

impl Set {
    pub const ALL: [Self; 2] = [Self::Openstack, Self::Mock];

    pub fn name(self) -> &'static str {
        match self {
            Self::Openstack => "openstack",
            Self::Mock => "mock",
        }
    }

    /// How many exchanges the recording has.
    pub fn recorded(self) -> u32 {
        match self {
            Self::Openstack => 123,
            Self::Mock => 46,
        }
    }

    /// Where the recording's server listened; links in replies carry it.
    pub fn host(self) -> &'static str {
        match self {
            Self::Openstack => "127.0.0.1:13002",
            Self::Mock => "localhost:3001",
        }
    }

    /// What it named as its provider.
    pub fn provider(self) -> &'static str {
        match self {
            Self::Openstack => "http://127.0.0.1:15000/v2.0",
            Self::Mock => "",
        }
    }

    /// How it wrote times, as the setting has it.
    pub fn dates(self) -> &'static str {
        match self {
            Self::Openstack => "iso8601",
            Self::Mock => "classic",
        }
    }

    pub fn exchanges(self) -> Vec<Exchange> {
        let path = format!(
            "{}/tests/deltacloud/recorded/{}.jsonl",
            env!("CARGO_MANIFEST_DIR"),
            self.name()
        );
        let text = std::fs::read_to_string(path).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }
}
