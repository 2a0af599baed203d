//! From a path to what it names.

use actix_web::http::Method;
use percent_encoding::percent_decode_str;

use super::collections::{Collection, Operation};

/// What a path names.
#[derive(Clone, Debug)]
pub enum Place {
    /// The entry point.
    Entry,
    /// The documentation: of everything, of a collection, or of one operation.
    Docs(Option<(&'static Collection, Option<&'static Operation>)>),
    /// A collection.
    Collection(&'static Collection),
    /// The form that makes a new item.
    Form(&'static Collection),
    /// Something in a collection, by its id.
    Item(&'static Collection, String),
}

/// What a method and a place ask for.
#[derive(Clone, Debug)]
pub enum Target {
    /// The entry point.
    Entry,
    /// The choice of another driver.
    Switch,
    /// A page of the documentation.
    Docs(Option<(&'static Collection, Option<&'static Operation>)>),
    /// The form for a new item.
    Form(&'static Collection),
    /// An operation of a collection.
    Whole(&'static Collection, &'static Operation),
    /// An operation of something in it.
    Item(&'static Collection, &'static Operation, String),
}

impl Target {
    /// What is asked for; `None` for what there is not, whether it is the place that lacks or the method.
    pub fn of(method: &Method, place: Place) -> Option<Self> {
        let get = matches!(*method, Method::GET | Method::HEAD);
        let operation = |collection: &'static Collection, of_item| {
            let name = if get { "GET" } else { method.as_str() };
            let mut all = collection.operations.iter();
            all.find(|operation| operation.method == name && operation.of_item == of_item)
        };
        match place {
            Place::Entry if get => Some(Self::Entry),
            Place::Entry => (method == Method::POST).then_some(Self::Switch),
            Place::Docs(of) => get.then_some(Self::Docs(of)),
            Place::Form(collection) => get.then_some(Self::Form(collection)),
            Place::Collection(collection) => Some(Self::Whole(collection, operation(collection, false)?)),
            Place::Item(collection, id) => Some(Self::Item(collection, operation(collection, true)?, id)),
        }
    }
}

/// A path without what concerns the driver, and that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The path as error documents show it.
    pub path: String,
    /// Its segments below the base path.
    segments: Vec<String>,
    /// `;driver=` behind the base path.
    pub driver: Option<String>,
    /// `;provider=` there.
    pub provider: Option<String>,
}

impl Parsed {
    /// Reads a raw path that begins with `base`. Matrix parameters count behind the base path only, and are no part
    /// of any segment.
    pub fn new(base: &str, path: &str) -> Self {
        let below = path.strip_prefix(base).unwrap_or_default();
        let mut segments = below.split('/');
        let mut parsed = Self::default();
        for parameter in segments.next().unwrap_or_default().split(';') {
            let value = |text: &str| Some(percent_decode_str(text).decode_utf8_lossy().into_owned());
            match parameter.split_once('=') {
                Some(("driver", text)) => parsed.driver = value(text),
                Some(("provider", text)) => parsed.provider = value(text),
                Some(_) | None => {}
            }
        }
        parsed.segments = segments
            .map(|segment| segment.split(';').next().unwrap_or_default().to_owned())
            .collect();
        parsed.path = std::iter::once(base)
            .chain(parsed.segments.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join("/");
        parsed
    }

    /// What it names; `None` for nothing, which a slash at the end is a case of.
    pub fn place(&self) -> Option<Place> {
        let segments: Vec<_> = self.segments.iter().map(String::as_str).collect();
        Some(match segments[..] {
            [] | [""] => Place::Entry,
            ["docs"] => Place::Docs(None),
            ["docs", name] => Place::Docs(Some((Collection::named(name)?, None))),
            ["docs", name, operation] => {
                let collection = Collection::named(name)?;
                Place::Docs(Some((collection, Some(collection.operation(operation)?))))
            }
            [name] => Place::Collection(Collection::named(name)?),
            [_name, ""] => return None,
            [name, id] => {
                let collection = Collection::named(name)?;
                if id == "new" && collection.operation("create").is_some() {
                    return Some(Place::Form(collection));
                }
                let id = percent_decode_str(id).decode_utf8_lossy().into_owned();
                Place::Item(collection, id)
            }
            [_, _, ..] => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> String {
        match Parsed::new("/api", path).place() {
            None => "nothing".to_owned(),
            Some(Place::Entry) => "entry".to_owned(),
            Some(Place::Docs(of)) => {
                let names = of.map(|(collection, of)| (collection.name.as_str(), of.map(|of| of.name)));
                format!("docs {names:?}")
            }
            Some(Place::Collection(collection)) => collection.name.as_str().to_owned(),
            Some(Place::Form(collection)) => format!("{} new", collection.name.as_str()),
            Some(Place::Item(collection, id)) => format!("{} {id}", collection.name.as_str()),
        }
    }

    #[test]
    fn paths_and_places() {
        for (path, expected) in [
            ("/api", "entry"),
            ("/api/", "entry"),
            ("/api;driver=mock", "entry"),
            ("/api/storage_snapshots", "storage_snapshots"),
            ("/api/storage_snapshots/", "nothing"),
            ("/api/storage_snapshots/new", "storage_snapshots new"),
            ("/api/storage_snapshots/a%20b;x=y", "storage_snapshots a b"),
            ("/api/storage_snapshots/a/b", "nothing"),
            ("/api/instances", "nothing"),
            ("/api/docs", "docs None"),
            ("/api/docs/realms/show", "docs Some((\"realms\", Some(\"show\")))"),
            ("/api/docs/realms/create", "nothing"),
        ] {
            assert_eq!(place(path), expected, "{path}");
        }
    }

    #[test]
    fn the_driver_is_chosen_behind_the_base_path_only() {
        let parsed = Parsed::new(
            "/api",
            "/api;driver=mock;provider=http%3A%2F%2Fk%3BR1/storage_snapshots;driver=x",
        );
        assert_eq!(parsed.driver.as_deref(), Some("mock"));
        assert_eq!(parsed.provider.as_deref(), Some("http://k;R1"));
        assert_eq!(parsed.path, "/api/storage_snapshots");
    }
}
