//! In which format an answer is to be, by Deltacloud's rules, which are not those of HTTP.

use Format::{Html, Json, Xml};

/// A format of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `application/xml`
    Xml,
    /// `application/json`
    Json,
    /// `text/html`
    Html,
}

impl Format {
    /// `Content-Type`, exactly.
    pub const fn content_type(self) -> &'static str {
        match self {
            Xml => "application/xml",
            Json => "application/json",
            Html => "text/html",
        }
    }

    /// The format that a request asks for; `None` for one that there is not. `?format=` beats `Accept`. Without
    /// either it is XML. Of equally welcome types the last one counts, and `*/*`, which is all that `curl` says,
    /// means HTML.
    pub fn asked(parameter: Option<&str>, accept: Option<&str>) -> Option<Self> {
        match (parameter, accept.map(str::trim).unwrap_or_default()) {
            (Some("xml"), _) | (None, "") => Some(Xml),
            (Some("json"), _) => Some(Json),
            (Some("html"), _) => Some(Html),
            (Some(_unknown), _) => None,
            (None, accept) => preferred(accept),
        }
    }
}

fn preferred(accept: &str) -> Option<Format> {
    let mut best = None;
    for (format, weight) in accept.split(',').filter_map(element) {
        // Upstream takes q=0 for a wish; here it is what it says.
        if weight > 0.0 && best.is_none_or(|(_format, most)| weight >= most) {
            best = Some((format, weight));
        }
    }
    best.map(|(format, _weight)| format)
}

/// A type that there is, and how welcome it is. Parameters other than the weight do not matter here; upstream
/// fails on them.
fn element(text: &str) -> Option<(Format, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next()?.to_ascii_lowercase();
    let format = match &*kind {
        "application/xml" | "text/xml" => Xml,
        "application/json" => Json,
        "text/html" | "application/xhtml+xml" | "*/*" => Html,
        _other => return None,
    };
    let weight = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _value)| name.trim().eq_ignore_ascii_case("q"))
        .and_then(|(_name, value)| value.trim().parse().ok());
    Some((format, weight.unwrap_or(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_recorded() {
        for (parameter, accept, expected) in [
            (None, None, Some(Xml)),
            (None, Some(""), Some(Xml)),
            (None, Some("*/*"), Some(Html)),
            (None, Some("text/xml"), Some(Xml)),
            (None, Some("application/xml, application/json"), Some(Json)),
            (None, Some("application/json, application/xml"), Some(Xml)),
            (None, Some("application/xml, */*"), Some(Html)),
            (None, Some("*/*, application/xml"), Some(Xml)),
            (None, Some("*/*; q=0.5, application/xml"), Some(Xml)),
            (
                None,
                Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
                Some(Html),
            ),
            (None, Some("application/xml; charset=utf-8"), Some(Xml)),
            (None, Some("application/json;q=0, application/xml;q=0.1"), Some(Xml)),
            (None, Some("application/*"), None),
            (None, Some("text/*"), None),
            (None, Some("image/gif"), None),
            (None, Some("application/xml;q=0"), None),
            (Some("xml"), Some("text/html"), Some(Xml)),
            (Some("json"), None, Some(Json)),
            (Some("html"), Some("application/xml"), Some(Html)),
            (Some("XML"), Some("application/xml"), None),
            (Some(""), Some("application/xml"), None),
            (Some("png"), None, None),
        ] {
            assert_eq!(Format::asked(parameter, accept), expected, "{parameter:?} {accept:?}");
        }
    }
}
