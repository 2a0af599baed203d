//! Refusals.

use serde_json::Value;

use super::Pair;
use crate::{
    answer::{Answer, Body},
    tree::Element,
};

/// Clients of 2011 know an error by its first six characters.
pub fn declaration(pair: &mut Pair<'_>) {
    if let Body::Xml { is_declared, root } = &mut pair.recorded.body
        && root.name == "error"
    {
        *is_declared = false;
    }
}

/// Names that Sinatra gave to parts of the path.
pub fn router_parameters(pair: &mut Pair<'_>) {
    pair.recorded.root().unwrap().each(&mut |element| {
        element.retain(|child| !matches!(child.attribute("name"), Some("splat" | "captures")));
    });
}

/// Upstream's 500 for everything but 400, 401 and 404 of its backend. On lists the text is that of the status. Whoever
/// may not see a volume does not find it, as in Cinder.
pub fn status(pair: &mut Pair<'_>) {
    let what = &pair.exchange.what;
    let (status, class, phrase) = if what.contains("backend503") {
        (502, "ProviderError", "Backend Server Error")
    } else if is_volume(pair) {
        (404, "ObjectNotFound", "Not Found")
    } else {
        (403, "ForbiddenError", "Forbidden")
    };
    pair.recorded.status = status;
    if let Some(root) = pair.recorded.root() {
        for (name, value) in &mut root.attributes {
            if name == "status" {
                *value = status.to_string();
            }
        }
        root.set_text_of("code", &status.to_string());
        if root.text_of("message") == "Internal Server Error" {
            root.set_text_of("message", phrase);
        }
    }
    if let Some(json) = pair.recorded.json() {
        json["code"] = Value::from(status);
        json["error"] = Value::from(format!("Deltacloud::Exceptions::{class}"));
    }
}

/// Cinder's words of today, which name what they are about, instead of its words of 2013 or the driver's.
pub fn texts(pair: &mut Pair<'_>) {
    let text = text(pair);
    set_message(pair.recorded, &text);
}

fn set_message(answer: &mut Answer, text: &str) {
    if let Some(root) = answer.root() {
        root.set_text_of("message", text);
    }
    if let Some(json) = answer.json() {
        json["message"] = Value::from(text);
    }
}

fn is_volume(pair: &Pair<'_>) -> bool {
    pair.exchange.collection() == "storage_volumes"
}

fn text(pair: &Pair<'_>) -> String {
    let what = &pair.exchange.what;
    // What a request for a new snapshot does not find, or finds in a bad state, is its volume.
    let asked = pair.exchange.target().rsplit('/').next().unwrap();
    let form = pair.exchange.form.as_deref();
    let id = form.map_or(asked, |form| form.trim_start_matches("volume_id="));
    let is_about_volume = is_volume(pair) || form.is_some();
    match (pair.recorded.status, is_about_volume) {
        (404, true) => format!("Volume {id} could not be found."),
        (404, false) => format!("Snapshot {id} could not be found."),
        (403, true) => "SnapshotLimitExceeded: Maximum number of snapshots allowed (0) exceeded".to_owned(),
        (403, false) => "Policy doesn't allow volume:get_snapshot to be performed.".to_owned(),
        (400, true) if form.is_some() => {
            format!("Invalid volume: Volume {id} status must be available, in-use, but current status is: creating.")
        }
        (400, true) => "Invalid volume: Volume status must be available or error or error_restoring or \
                        error_extending or error_managing and must not be migrating, attached, belong to a group, \
                        have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer."
            .to_owned(),
        (400, false) => {
            "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.".to_owned()
        }
        (500, _) => "Internal Server Error".to_owned(),
        (502, _) => "Backend Server Error".to_owned(),
        (other, _) => panic!("{what} is refused with {other}"),
    }
}

/// An error document as it is written here, for a request to the entry point without parameters.
pub fn document(status: u16, driver: &str, provider: &str, message: &str) -> Body {
    let root = Element::parse(&format!(
        "<error status='{status}' url='/api'><backend driver='{driver}' provider='{provider}'></backend>\
         <code>{status}</code><message><![CDATA[{message}]]></message><backtrace></backtrace>\
         <request></request></error>"
    ));
    Body::Xml {
        is_declared: false,
        root,
    }
}
