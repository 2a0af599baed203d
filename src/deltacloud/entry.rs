//! The entry point, which every client reads first.

use actix_web::{HttpResponse, http::header};
use maud::html;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{
    DRIVER, VERSION,
    collections::{self, Collection},
    cx::Cx,
    error::Failure,
    html as pages,
    negotiate::Format,
    reply,
    xml::Xml,
};
use crate::auth::policy::Everybody;

/// `GET /api`. Deltacloud's driver for OpenStack wants credentials even here, and so does this one: the Ruby client
/// finds out with its first call whether its password is right.
pub async fn show(cx: &Cx) -> Result<HttpResponse, Failure> {
    let known = cx.call::<Everybody>().await;
    if let Err(failure) = known {
        let is_wrong = failure.status() == 401 && !failure.is_challenge();
        // Asked just whether the password is right, upstream answers in a sentence.
        return Err(if is_wrong && cx.params.get("force_auth").is_some() {
            failure.into_plain("Authentication failed")
        } else {
            failure
        });
    }
    let body = match cx.format {
        Format::Xml => xml(cx),
        Format::Json => serde_json::to_vec(&json(cx)).unwrap_or_default(),
        Format::Html => page(cx).into_bytes(),
    };
    Ok(reply::document(cx, body))
}

/// `POST /api`: sends a browser to where the path says which driver it wants.
pub fn switch(cx: &Cx) -> HttpResponse {
    let chosen = ["driver", "provider"].into_iter().find_map(|name| {
        let value = cx.params.get(name)?;
        Some(format!(";{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
    });
    let place = format!("{}{}", cx.links.entry, chosen.unwrap_or_default());
    HttpResponse::MovedPermanently()
        .insert_header((header::LOCATION, place))
        .finish()
}

fn xml(cx: &Cx) -> Vec<u8> {
    let mut xml = Xml::bare();
    let mut attributes = vec![("driver", DRIVER)];
    attributes.extend(cx.selected.provider.as_deref().map(|provider| ("provider", provider)));
    attributes.push(("version", VERSION));
    xml.open("api", &attributes);
    for collection in collections::ALL {
        let name = collection.name;
        xml.open("link", &[("href", &cx.links.collection(name)), ("rel", name.as_str())]);
        for feature in collection.features {
            xml.open("feature", &[("name", feature.name), ("rel", feature.operation)]);
            xml.empty("param", &[("name", feature.parameter)]);
            xml.close("feature");
        }
        xml.close("link");
    }
    xml.close("api");
    xml.end()
}

fn json(cx: &Cx) -> Value {
    let links: Vec<_> = collections::ALL.iter().map(|collection| link(cx, collection)).collect();
    json!({"api": {
        "version": VERSION,
        "driver": DRIVER,
        "provider": cx.selected.provider.as_deref().unwrap_or("default"),
        "links": links,
    }})
}

/// The features are lists in a list: one for each feature, with one entry for each operation.
fn link(cx: &Cx, collection: &Collection) -> Value {
    let features: Vec<_> = collection
        .features
        .iter()
        .map(|feature| {
            json!([{
                "name": feature.name,
                "rel": feature.operation,
                "params": [format!("{}:string:optional", feature.parameter)],
                "constraints": {},
            }])
        })
        .collect();
    json!({
        "rel": collection.name.as_str(),
        "href": cx.links.collection(collection.name),
        "features": features,
    })
}

fn page(cx: &Cx) -> String {
    let body = html! {
        p { "Driver " (DRIVER) @if let Some(provider) = &cx.selected.provider { ", provider " (provider) } }
        ul.items {
            @for collection in collections::ALL {
                (pages::list_item(&cx.links.collection(collection.name), collection.title, &[collection.about], None))
            }
        }
    };
    pages::page(cx, &format!("Deltacloud API {VERSION}"), &body)
}
