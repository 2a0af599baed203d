//! A reply, recorded or ours, in the form in which they are compared.

use std::{collections::BTreeMap, fmt};

use md5::{Digest as _, Md5};
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::{exchange::Exchange, tree::Element};

/// Headers that count, by their values.
const HEADERS: [&str; 11] = [
    "cache-control",
    "content-type",
    "etag",
    "location",
    "server",
    "www-authenticate",
    "x-backend-runtime",
    "x-cascade",
    "x-content-type-options",
    "x-deltacloud-driver",
    "x-deltacloud-provider",
];

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    Nothing,
    Xml {
        is_declared: bool,
        root: Element,
    },
    Json(Value),
    Text(String),
    /// For people, who read upstream's and ours alike.
    Page,
}

impl Answer {
    /// What was recorded, with our ids in it.
    pub fn recorded(exchange: &Exchange, resolve: impl Fn(&str) -> String) -> Self {
        let headers = exchange.reply_headers.iter();
        let headers = headers.map(|(name, value)| (name.clone(), resolve(value)));
        Self::new(exchange.status, headers.collect(), &resolve(&exchange.reply))
    }

    /// Ours.
    pub fn ours(status: u16, headers: &HeaderMap, body: &str) -> Self {
        let values = HEADERS.iter().filter_map(|name| {
            let value = headers.get(*name)?.to_str().unwrap();
            Some(((*name).to_owned(), masked(name, value, body)))
        });
        Self::new(status, values.collect(), body)
    }

    fn new(status: u16, mut headers: BTreeMap<String, String>, body: &str) -> Self {
        // It names the server's host.
        if let Some(challenge) = headers.get_mut("www-authenticate") {
            let realm = challenge.split('@').next().unwrap().to_owned();
            *challenge = realm;
        }
        let kind = headers.get("content-type").map_or("", String::as_str);
        let body = match kind {
            "text/html" => Body::Page,
            // The router's own, in any words.
            _plain if headers.contains_key("x-cascade") => Body::Page,
            _nothing if body.is_empty() => Body::Nothing,
            "application/xml" => xml(body),
            "application/json" => Body::Json(serde_json::from_str(body).unwrap()),
            _plain => Body::Text(body.to_owned()),
        };
        Self { status, headers, body }
    }

    pub fn root(&mut self) -> Option<&mut Element> {
        match &mut self.body {
            Body::Xml { root, .. } => Some(root),
            Body::Nothing | Body::Json(_) | Body::Text(_) | Body::Page => None,
        }
    }

    pub fn json(&mut self) -> Option<&mut Value> {
        match &mut self.body {
            Body::Json(value) => Some(value),
            Body::Nothing | Body::Xml { .. } | Body::Text(_) | Body::Page => None,
        }
    }

    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers.insert(name.to_owned(), value.to_owned());
    }

    /// When what it shows was made.
    pub fn created(&mut self) -> Option<String> {
        if let Some(root) = self.root() {
            return Some(root.text_of("created").to_owned()).filter(|text| !text.is_empty());
        }
        let (_kind, it) = self.json()?.as_object()?.iter().next()?;
        it.get("created")?.as_str().map(str::to_owned)
    }
}

/// Everything that counts, one thing a line: two answers are equal if these are.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        match &self.body {
            Body::Nothing => writeln!(f, "no body"),
            Body::Xml { is_declared, root } => {
                let declaration = if *is_declared { "<?xml?>\n" } else { "" };
                write!(f, "{declaration}{root}")
            }
            Body::Json(value) => writeln!(f, "{value:#}"),
            Body::Text(text) => writeln!(f, "{text}"),
            Body::Page => writeln!(f, "a page"),
        }
    }
}

/// What depends on the moment or on every byte of the body, as the data has it.
fn masked(name: &str, value: &str, body: &str) -> String {
    match name {
        "etag" => {
            let digest = Md5::digest(body);
            let digest = digest
                .iter()
                .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
            value.replace(&digest, "md5")
        }
        "x-backend-runtime" => {
            assert!(value.parse::<f64>().is_ok_and(|seconds| seconds >= 0.0), "{value}");
            "seconds".to_owned()
        }
        _other => value.to_owned(),
    }
}

fn xml(text: &str) -> Body {
    let root = Element::parse(text);
    let is_declared = text.starts_with("<?xml version='1.0' encoding='utf-8' ?>");
    Body::Xml {
        is_declared,
        root: in_order(root),
    }
}

/// The links of the entry point have no order that means anything: the recordings of 2013 have that of a hash.
fn in_order(mut root: Element) -> Element {
    if root.name == "api" {
        root.children.sort_by_key(|link| match link {
            crate::tree::Node::Element(link) => link.attribute("rel").map(str::to_owned),
            crate::tree::Node::Text(_) | crate::tree::Node::Cdata(_) => None,
        });
    }
    root
}
