//! `instance_states`: a constant of Deltacloud's driver for OpenStack. There are no instances here, and clients that
//! list every collection want the answer all the same.

use actix_web::HttpResponse;
use maud::html;
use serde_json::{Value, json};

use super::{cx::Cx, html as pages, negotiate::Format, reply, xml::Xml};

/// A state, and what leads to others; without an action it happens by itself.
type State = (&'static str, &'static [(&'static str, Option<&'static str>)]);

const STATES: [State; 7] = [
    ("start", &[("pending", Some("create"))]),
    ("pending", &[("running", None), ("error", None)]),
    (
        "running",
        &[("running", Some("reboot")), ("stopping", Some("stop")), ("error", None)],
    ),
    ("stopping", &[("stopped", None), ("error", None)]),
    ("stopped", &[("finish", None)]),
    ("finish", &[]),
    ("error", &[]),
];

/// `GET /instance_states`, for everybody.
pub fn index(cx: &Cx) -> HttpResponse {
    let body = match cx.format {
        Format::Xml => xml(),
        Format::Json => serde_json::to_vec(&json()).unwrap_or_default(),
        Format::Html => page(cx).into_bytes(),
    };
    reply::document(cx, body)
}

fn xml() -> Vec<u8> {
    let mut xml = Xml::bare();
    xml.open("states", &[]);
    for (name, transitions) in STATES {
        xml.open("state", &[("name", name)]);
        for (to, action) in transitions {
            let how = action.map_or(("auto", "true"), |action| ("action", action));
            xml.element("transition", &[how, ("to", to)], "");
        }
        xml.close("state");
    }
    xml.close("states");
    xml.end()
}

fn json() -> Value {
    let transition = |(to, action): &(&str, Option<&str>)| match action {
        Some(action) => json!({"to": to, "action": action}),
        None => json!({"to": to, "auto": "true"}),
    };
    STATES
        .iter()
        .map(|(name, transitions)| {
            let transitions: Vec<_> = transitions.iter().map(transition).collect();
            json!({"name": name, "transitions": transitions})
        })
        .collect()
}

fn page(cx: &Cx) -> String {
    let body = html! {
        table {
            thead { tr { th { "State" } th { "leads to" } th { "by" } } }
            tbody {
                @for (name, transitions) in STATES {
                    @for (to, action) in transitions {
                        tr { td { (name) } td { (to) } td { (action.unwrap_or("itself")) } }
                    }
                }
            }
        }
    };
    pages::page(cx, "Instance states", &body)
}
