//! A group type on the wire.

use serde_json::{Map, Value, json};

use crate::{auth::policy::Action, cinder::extract::Cx, domain::GroupType};

/// A group type, the same in lists and alone. Who may see the specs but is no admin gets a null, as in Cinder:
/// its database gives them to admins only.
pub fn detail(cx: &Cx, kind: &GroupType) -> Value {
    let mut view = Map::new();
    view.insert("id".to_owned(), json!(kind.id.to_string()));
    view.insert("name".to_owned(), json!(kind.name));
    view.insert("description".to_owned(), json!(kind.description));
    view.insert("is_public".to_owned(), json!(kind.is_public));
    if cx.call.may(Action::GroupTypeSpecs, cx.call.caller.project()) {
        let specs = cx.is_admin().then_some(&kind.specs);
        view.insert("group_specs".to_owned(), json!(specs));
    }
    Value::Object(view)
}
