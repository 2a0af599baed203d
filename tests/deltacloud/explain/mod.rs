//! What each difference changes, exactly: it makes the recorded answer into what we mean to answer, or takes away
//! from ours what was added.

mod entry;
mod errors;
mod items;
mod whole;

use crate::{answer::Answer, exchange::Exchange};

/// Two answers to the same request.
pub struct Pair<'a> {
    exchange: &'a Exchange,
    recorded: &'a mut Answer,
    ours: &'a mut Answer,
}

/// Applies the difference of this name.
pub fn apply(difference: &str, exchange: &Exchange, recorded: &mut Answer, ours: &mut Answer) {
    let pair = &mut Pair {
        exchange,
        recorded,
        ours,
    };
    match difference {
        "dc-added-elements" => items::added_elements(pair),
        "dc-attach" => whole::attach(pair),
        "dc-capacity-number" => items::capacity_number(pair),
        "dc-collections" => entry::collections(pair),
        "dc-date-form" => items::date_form(pair),
        "dc-driver-features" => entry::driver_features(pair),
        "dc-entry-login" => whole::entry_login(pair),
        "dc-error-declaration" => errors::declaration(pair),
        "dc-error-status" => errors::status(pair),
        "dc-error-texts" => errors::texts(pair),
        "dc-list-order" => items::list_order(pair),
        "dc-one-driver" => whole::one_driver(pair),
        "dc-providers" => entry::providers(pair),
        "dc-quoted-etag" => quoted_etag(pair),
        "dc-realm-at-once" => items::realm_at_once(pair),
        "dc-realm-limit" => entry::realm_limit(pair),
        "dc-router-parameters" => errors::router_parameters(pair),
        "dc-runtime" => {
            pair.recorded.headers.remove("x-backend-runtime");
        }
        "dc-snapshot-name" => items::snapshot_name(pair),
        "dc-unknown-id" => whole::unknown_id(pair),
        "dc-volume-state" => items::volume_state(pair),
        "dc-zones" => entry::zones(pair),
        unknown => panic!("nothing explains `{unknown}`"),
    }
}

/// HTTP wants the quotes.
fn quoted_etag(pair: &mut Pair<'_>) {
    if let Some(etag) = pair.recorded.headers.get_mut("etag") {
        *etag = format!("\"{etag}\"");
    }
}
