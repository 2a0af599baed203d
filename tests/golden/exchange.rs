//! One recorded exchange.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Its number in the scenario.
    pub n: u32,
    /// What it is about.
    pub what: String,
    /// Whose token it carries.
    pub user: Option<String>,
    /// Method and path.
    pub call: String,
    pub version: Option<String>,
    pub json: Option<String>,
    pub body: Option<String>,
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    pub status: u16,
    #[serde(default)]
    pub reply_headers: BTreeMap<String, String>,
    pub ids: usize,
    #[serde(default)]
    pub reply: String,
}

impl Exchange {
    pub fn method(&self) -> &str {
        self.call.split(' ').next().unwrap()
    }

    pub fn path(&self) -> &str {
        self.call.split_once(' ').unwrap().1
    }

    /// Whether it makes a snapshot or a volume.
    pub fn creates(&self) -> bool {
        self.method() == "POST" && self.status == 202 && !self.path().ends_with("/action")
    }

    pub fn sent(&self) -> &str {
        self.json.as_deref().or(self.body.as_deref()).unwrap_or_default()
    }
}

pub fn read(section: &str) -> Vec<Exchange> {
    let path = format!("{}/tests/golden/cinder/{section}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}
