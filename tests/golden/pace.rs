//! When the recording's back end had worked, as far as its replies tell.

use serde_json::Value;

use crate::exchange::Exchange;

/// Whether what was accepted before `exchanges[0]` has been done by then. It has not if this exchange, or
/// a later one about the same thing and with nothing accepted in between, still shows it in progress.
pub fn worked(exchanges: &[Exchange]) -> bool {
    let Some(about) = exchanges.first().map(about) else {
        return true;
    };
    for exchange in exchanges {
        if self::about(exchange) != about {
            return true;
        }
        if exchange.method() == "GET" {
            if in_progress(exchange) {
                return false;
            }
        } else if exchange.status < 300 {
            return true;
        }
    }
    true
}

/// Kind and id, as in the path.
fn about(exchange: &Exchange) -> Vec<&str> {
    let path = exchange.path().split('?').next().unwrap();
    path.split('/').skip(3).take(2).collect()
}

fn in_progress(exchange: &Exchange) -> bool {
    let reply: Value = serde_json::from_str(&exchange.reply).unwrap_or_default();
    ["snapshot", "volume"].iter().any(|kind| {
        matches!(
            reply[kind]["status"].as_str(),
            Some("creating" | "deleting" | "extending" | "reverting" | "unmanaging")
        )
    })
}
