//! Which form of an error a client prefers, as WebOb finds it out (RFC 7231, section 5.3.2).

/// A form that the errors of Cinder's filters come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `text/html`, which WebOb offers first.
    Html,
    /// `application/json`
    Json,
    /// `text/plain`, for clients that want neither.
    Plain,
}

/// A media range and its weight in thousandths.
struct Range<'a> {
    kind: &'a str,
    plain: bool,
    weight: u32,
}

/// The form that an `Accept` header asks for. None at all is like an empty one; one that breaks the
/// grammar is like `*/*`.
pub fn preferred(accept: &str) -> Form {
    let elements = accept.split(',').map(str::trim).filter(|element| !element.is_empty());
    let Some(ranges) = elements.map(range).collect::<Option<Vec<_>>>() else {
        return Form::Html;
    };
    let (html, json) = (weight(&ranges, "text", "html"), weight(&ranges, "application", "json"));
    match (html, json) {
        (0, 0) => Form::Plain,
        (html, json) if html >= json => Form::Html,
        _json_first => Form::Json,
    }
}

/// How welcome a type is: what the most specific range that it is in says, the first of equals.
fn weight(ranges: &[Range<'_>], kind: &str, subtype: &str) -> u32 {
    let (exact, half) = (format!("{kind}/{subtype}"), format!("{kind}/*"));
    let of = |wanted: &str, may_have_parameters: bool| {
        let mut found = ranges.iter();
        found.find(|range| range.kind.eq_ignore_ascii_case(wanted) && (range.plain || may_have_parameters))
    };
    // Ours have no parameters, so that a range with some does not mean them.
    let best = of(&exact, false)
        .or_else(|| of(&half, true))
        .or_else(|| of("*/*", true));
    best.map_or(0, |range| range.weight)
}

fn range(element: &str) -> Option<Range<'_>> {
    let mut parts = element.split(';').map(str::trim);
    let kind = parts.next()?;
    let (main, sub) = kind.split_once('/')?;
    if !token(main) || !token(sub) || (main == "*" && sub != "*") {
        return None;
    }
    let mut found = Range {
        kind,
        plain: true,
        weight: 1000,
    };
    for part in parts {
        let (name, value) = part.split_once('=')?;
        if name.eq_ignore_ascii_case("q") {
            found.weight = thousandths(value)?;
            // What follows the weight says nothing about the type.
            break;
        }
        if !token(name) || value.is_empty() {
            return None;
        }
        found.plain = false;
    }
    Some(found)
}

fn token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c))
}

/// `0`, `0.25`, `1.000`: at most three digits behind the point, and no more than one.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = part.len() <= 3 && part.bytes().all(|c| c.is_ascii_digit());
    if !digits || !["0", "1"].contains(&whole) {
        return None;
    }
    let value = whole.parse::<u32>().ok()? * 1000 + format!("{part:0<3}").parse::<u32>().ok()?;
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_webob_decides() {
        for (accept, expected) in [
            ("", Form::Plain),
            (", ,", Form::Plain),
            ("*/*", Form::Html),
            ("application/json", Form::Json),
            ("application/json, */*", Form::Html),
            ("application/json, text/html", Form::Html),
            ("text/html;q=0.5, application/json", Form::Json),
            ("text/html; q=0.5, application/json;q=0.25", Form::Html),
            ("application/*", Form::Json),
            ("application/json;q=0", Form::Plain),
            ("text/*, text/html;q=0", Form::Plain),
            ("*/*, text/html;q=0", Form::Json),
            ("text/plain", Form::Plain),
            ("text/plain, */*;q=0.1", Form::Html),
            ("text/html;level=1", Form::Plain),
            ("application/json;charset=utf-8", Form::Plain),
            ("TEXT/HTML", Form::Html),
            ("garbage", Form::Html),
            ("application/json;q=2", Form::Html),
            ("application/json;q=0.0001", Form::Html),
        ] {
            assert_eq!(preferred(accept), expected, "{accept}");
        }
    }
}
