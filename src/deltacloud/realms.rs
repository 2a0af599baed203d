//! `realms`: availability zones, and one that means any of them.

use std::time::Instant;

use actix_web::HttpResponse;
use maud::{Markup, html};
use serde::Serialize;

use super::{
    collections::Name,
    cx::{Cx, Links},
    error::Failure,
    html as pages, list,
    list::View,
    reply,
    xml::Xml,
};
use crate::{auth::policy::Everybody, service::Call};

/// The realm of whoever does not care: upstream's only one.
pub const ANY: &str = "default";

/// A realm.
struct Realm {
    name: String,
    is_available: bool,
    /// The project's limits, in upstream's form.
    limit: String,
}

/// `GET /realms`; with `?id=` the one of that name, or none.
pub async fn index(cx: &Cx) -> Result<HttpResponse, Failure> {
    let started = Instant::now();
    let call = cx.call::<Everybody>().await?;
    let mut realms = all(cx, &call).await?;
    if let Some(id) = cx.params.get("id") {
        realms.retain(|realm| realm.name == id);
    }
    Ok(reply::timed(cx, started, list::whole(cx, &realms)))
}

/// `GET /realms/{name}`.
pub async fn show(cx: &Cx, name: &str) -> Result<HttpResponse, Failure> {
    let started = Instant::now();
    let call = cx.call::<Everybody>().await?;
    let realm = all(cx, &call).await?.into_iter().find(|realm| realm.name == name);
    let realm = realm.ok_or_else(Failure::not_found)?;
    let page = || {
        let body = html! {
            dl {
                (pages::fact("Name", &realm.name))
                (pages::fact("State", pages::state(realm.state())))
                (pages::fact("Limit", &realm.limit))
            }
        };
        pages::page(cx, "Realm", &body)
    };
    Ok(reply::timed(cx, started, list::item(cx, &realm, "realm", page)))
}

async fn all(cx: &Cx, call: &Call) -> Result<Vec<Realm>, Failure> {
    let limits = cx.service.quota_limits(call.caller.project()).await?;
    let limit = format!(
        "ABSOLUTE >> Max. Volumes: {} Max. Snapshots: {} Max. Gigabytes: {}",
        limits.get("volumes"),
        limits.get("snapshots"),
        limits.get("gigabytes")
    );
    let zones = cx.service.zones().await?;
    let any = (
        ANY.to_owned(),
        zones.is_empty() || zones.values().any(|is_available| *is_available),
    );
    let named = zones.into_iter().filter(|(name, _is_available)| name != ANY);
    Ok(std::iter::once(any)
        .chain(named)
        .map(|(name, is_available)| Realm {
            name,
            is_available,
            limit: limit.clone(),
        })
        .collect())
}

impl Realm {
    fn state(&self) -> &'static str {
        if self.is_available { "AVAILABLE" } else { "UNAVAILABLE" }
    }
}

#[derive(Serialize)]
struct Json<'a> {
    id: &'a str,
    href: String,
    name: &'a str,
    state: &'static str,
    limit: &'a str,
}

impl View for Realm {
    const NAME: Name = Name::Realms;

    fn xml(&self, xml: &mut Xml, links: &Links) {
        let href = links.item(Name::Realms, &self.name);
        xml.open("realm", &[("href", &href), ("id", &self.name)]);
        xml.element("name", &[], &self.name);
        xml.element("state", &[], self.state());
        xml.cdata("limit", &[], &self.limit);
        xml.close("realm");
    }

    fn json(&self, links: &Links) -> impl Serialize {
        Json {
            id: &self.name,
            href: links.item(Name::Realms, &self.name),
            name: &self.name,
            state: self.state(),
            limit: &self.limit,
        }
    }

    fn li(&self, links: &Links) -> Markup {
        let href = links.item(Name::Realms, &self.name);
        pages::list_item(&href, &self.name, &[&self.limit], Some(self.state()))
    }
}
