//! What the recording calls something, and what it is here.

use std::{collections::HashMap, path::PathBuf};

use breezeblock::store::Store;
use uuid::Uuid;

use crate::{exchange::Set, sql::Sql};

#[derive(Debug)]
pub struct World {
    pub set: Set,
    pub store: Store,
    pub sql: Sql,
    pub storage: PathBuf,
    /// Ids of what exchanges made.
    made: HashMap<String, String>,
}

impl World {
    pub fn new(set: Set, store: Store, sql: Sql, storage: PathBuf) -> Self {
        Self {
            set,
            store,
            sql,
            storage,
            made: HashMap::new(),
        }
    }

    /// The id of something that was there, or that an exchange made.
    pub fn id(&self, name: &str) -> String {
        if let Some(made) = self.made.get(name) {
            return made.clone();
        }
        Uuid::new_v5(&Uuid::NAMESPACE_DNS, name.as_bytes())
            .hyphenated()
            .to_string()
    }

    /// Replaces `${name}` by the id of it.
    pub fn resolve(&self, recorded: &str) -> String {
        let mut parts = recorded.split("${");
        let mut text = parts.next().unwrap().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            text.push_str(&self.id(name));
            text.push_str(rest);
        }
        text
    }

    /// Learns what an exchange made from where it says that it is.
    pub fn learn(&mut self, recorded: Option<&String>, ours: Option<&String>) {
        let last = |address: &String| address.rsplit('/').next().unwrap().to_owned();
        if let (Some(recorded), Some(ours)) = (recorded.map(last), ours.map(last)) {
            let name = recorded.trim_start_matches("${").trim_end_matches('}').to_owned();
            self.made.insert(name, ours);
        }
    }
}
