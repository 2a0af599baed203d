//! Differences that leave nothing of the recorded answer.

use super::{Pair, errors};
use crate::{
    answer::{Answer, Body},
    tree::Element,
};

/// `?id=` asks for the ones of that id, and there may be none: so did all drivers but upstream's for OpenStack.
pub fn unknown_id(pair: &mut Pair<'_>) {
    let recorded = &mut *pair.recorded;
    recorded.status = 200;
    recorded.set_header("etag", "\"md5\"");
    recorded.set_header("cache-control", "max-age=0, private, must-revalidate");
    recorded.set_header("x-backend-runtime", "seconds");
    recorded.body = Body::Xml {
        is_declared: true,
        root: Element::new(pair.exchange.collection()),
    };
}

/// There are no instances here that volumes could be attached to.
pub fn attach(pair: &mut Pair<'_>) {
    pair.recorded.status = 404;
    pair.recorded.set_header("content-type", "text/html;charset=utf-8");
    pair.recorded.set_header("x-cascade", "pass");
    pair.recorded.body = Body::Page;
}

/// The driver for OpenStack, unlike the mock, wants to know who asks even at the entry point.
pub fn entry_login(pair: &mut Pair<'_>) {
    let message = match pair.exchange.login.as_deref() {
        Some(":") => "Error: you must supply the username",
        Some(_) | None => "Authentication failed with response code 401",
    };
    refuse(pair.recorded, 401);
    pair.recorded.body = errors::document(401, "openstack", "default", message);
}

/// This server is one driver.
pub fn one_driver(pair: &mut Pair<'_>) {
    let target = pair.exchange.target();
    if target == "/api/drivers" {
        let root = pair.recorded.root().unwrap();
        return root.retain(|driver| driver.attribute("id") == Some("openstack"));
    }
    if target == "/api/drivers/ec2" {
        refuse(pair.recorded, 404);
        pair.recorded.set_header("content-type", "text/html;charset=utf-8");
        pair.recorded.body = Body::Nothing;
        return;
    }
    let provider = pair.exchange.headers.get("X-Deltacloud-Provider");
    refuse(pair.recorded, 500);
    pair.recorded.body = errors::document(
        500,
        "ec2",
        provider.map_or("default", String::as_str),
        "Driver 'ec2' is not available (this server has the driver openstack only)",
    );
}

/// Makes a refusal of a success, without its body.
fn refuse(answer: &mut Answer, status: u16) {
    answer.status = status;
    answer.headers.remove("etag");
    answer.headers.remove("cache-control");
}
