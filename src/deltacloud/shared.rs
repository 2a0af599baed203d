//! What snapshots and volumes have in common.

use serde::Serialize;

use super::{error::Failure, params::Params, xml};
use crate::domain::{Label, LabelError};

/// Something else, by its address.
#[derive(Debug, Serialize)]
pub struct Reference {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub href: String,
    /// What it is.
    pub rel: &'static str,
}

/// The name, or the id of what has none: clients want one.
pub fn shown_name(name: Option<&Label>, id: &impl ToString) -> String {
    let name = name.map(Label::as_str).filter(|name| !name.is_empty());
    name.map_or_else(|| id.to_string(), str::to_owned)
}

/// Name and description as given, an empty one included, else the standard ones. A standard description that is not
/// fit for one is none: nobody has asked for it.
///
/// # Errors
/// 400 for a given one that is too long, or that this very front could not show.
pub fn labels(
    params: &Params,
    name: impl FnOnce() -> String,
    description: impl FnOnce() -> String,
) -> Result<(Label, Option<Label>), Failure> {
    let name = params.get("name").map_or_else(name, str::to_owned);
    if !name.chars().all(xml::is_legal) {
        return Err(Failure::invalid("The name has a character that XML cannot have."));
    }
    let refuse = |what: &'static str| move |error: LabelError| Failure::invalid(format!("The {what} {error}."));
    let description = match params.get("description") {
        Some(given) => Some(Label::description(given).map_err(refuse("description"))?),
        None => Label::description(&description()).ok(),
    };
    Ok((Label::name(&name).map_err(refuse("name"))?, description))
}
