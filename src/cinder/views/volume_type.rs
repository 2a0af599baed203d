//! A volume type on the wire.

use serde_json::{Map, Value, json};

use crate::{auth::policy::Action, cinder::extract::Cx, domain::VolumeType};

const QOS: &str = "qos_specs_id";

/// A type as its show and list calls print it. `/types/default` lacks the access field, as in Cinder.
pub fn detail(cx: &Cx, kind: &VolumeType, with_access: bool) -> Value {
    let may = |action| cx.call.may(action, cx.call.caller.project());
    let mut view = Map::new();
    view.insert("id".to_owned(), json!(kind.id.to_string()));
    view.insert("name".to_owned(), json!(kind.name));
    view.insert("is_public".to_owned(), json!(kind.is_public));
    view.insert("description".to_owned(), json!(kind.description));
    if may(Action::TypeExtraSpecs) {
        view.insert("extra_specs".to_owned(), json!(kind.extra_specs));
    }
    if may(Action::TypeQosSpecs) {
        view.insert(QOS.to_owned(), Value::Null);
    }
    if with_access && may(Action::TypeAccess) {
        view.insert("os-volume-type-access:is_public".to_owned(), json!(kind.is_public));
    }
    Value::Object(view)
}

/// A type as the call prints it that made it. Cinder's calls that change types have an older view than those that
/// show them: no `qos_specs_id`.
pub fn created(cx: &Cx, kind: &VolumeType) -> Value {
    let mut view = detail(cx, kind, true);
    if let Value::Object(fields) = &mut view {
        fields.remove(QOS);
    }
    view
}

/// A type as the call prints it that changed it: the older view, and nothing of access either.
pub fn updated(cx: &Cx, kind: &VolumeType) -> Value {
    let mut view = detail(cx, kind, false);
    if let Value::Object(fields) = &mut view {
        fields.remove(QOS);
    }
    view
}
