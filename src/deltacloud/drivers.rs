//! `drivers`: this server has one, itself.

use actix_web::HttpResponse;
use maud::html;
use serde_json::json;

use super::{DRIVER, collections::Name, cx::Cx, error::Failure, html as pages, negotiate::Format, reply, xml::Xml};

/// For people, and in small letters the driver of the entry point.
const TITLE: &str = "Openstack";

/// `GET /drivers`, for everybody.
pub fn index(cx: &Cx) -> HttpResponse {
    let body = match cx.format {
        Format::Xml => {
            let mut xml = Xml::bare();
            xml.open("drivers", &[]);
            driver(cx, &mut xml);
            xml.close("drivers");
            xml.end()
        }
        Format::Json => serde_json::to_vec(&json!({DRIVER: {"name": TITLE}})).unwrap_or_default(),
        Format::Html => page(cx, "Drivers"),
    };
    reply::document(cx, body)
}

/// `GET /drivers/{id}`.
///
/// # Errors
/// 404 without a body for any other.
pub fn show(cx: &Cx, id: &str) -> Result<HttpResponse, Failure> {
    if id != DRIVER {
        return Err(Failure::nothing());
    }
    let body = match cx.format {
        Format::Xml => {
            let mut xml = Xml::bare();
            driver(cx, &mut xml);
            xml.end()
        }
        Format::Json => {
            let document = json!({"driver": {"name": TITLE, "id": DRIVER}});
            serde_json::to_vec(&document).unwrap_or_default()
        }
        Format::Html => page(cx, "Driver"),
    };
    Ok(reply::document(cx, body))
}

fn driver(cx: &Cx, xml: &mut Xml) {
    let href = cx.links.item(Name::Drivers, DRIVER);
    xml.open("driver", &[("href", &href), ("id", DRIVER)]);
    xml.element("name", &[], TITLE);
    xml.close("driver");
}

fn page(cx: &Cx, title: &str) -> Vec<u8> {
    let body = html! {
        ul.items { (pages::list_item(&cx.links.item(Name::Drivers, DRIVER), TITLE, &[DRIVER], None)) }
    };
    pages::page(cx, title, &body).into_bytes()
}
