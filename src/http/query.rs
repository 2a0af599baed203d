//! Query strings: ordered, repeated keys allowed, decoded strictly.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What Python's `urlencode` leaves alone besides letters and digits.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~');

/// The query string is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotUtf8;

/// The parameters of a request, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Decodes a query string. A bare `?` and empty parts are nothing.
    ///
    /// # Errors
    /// [`NotUtf8`].
    pub fn parse(query: &str) -> Result<Self, NotUtf8> {
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            percent_decode_str(&text)
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .map_err(|_source| NotUtf8)
        };
        query
            .split('&')
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (key, value) = part.split_once('=').unwrap_or((part, ""));
                Ok((decode(key)?, decode(value)?))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Removes a parameter. Of repeated ones the first counts and the others stay, where they are
    /// taken for filters, as in Cinder.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(at).1)
    }

    /// What is left.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Encodes the parameters as Python's `urlencode` does, with `name` set to `value` at the end.
    pub fn encode_with(&self, name: &str, value: &str) -> String {
        let quote = |text: &str| utf8_percent_encode(text, QUOTED).to_string().replace("%20", "+");
        let mut text = String::new();
        for (key, own) in self.iter().filter(|(key, _)| *key != name).chain([(name, value)]) {
            let separator = if text.is_empty() { "" } else { "&" };
            // Writing to a String cannot fail.
            let _infallible = write!(text, "{separator}{}={}", quote(key), quote(own));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_repeats_and_encoding_survive() {
        let mut params =
            Params::parse("sort=name%3Aasc&&limit=2&limit=3&metadata=%7B%27a%27%3A+%27b%27%7D&name~=x").unwrap();
        assert_eq!(params.take("limit").as_deref(), Some("2"));
        assert_eq!(params.take("limit").as_deref(), Some("3"));
        assert_eq!(params.take("limit"), None);
        assert_eq!(params.iter().nth(1), Some(("metadata", "{'a': 'b'}")));
        assert_eq!(
            params.encode_with("marker", "m"),
            "sort=name%3Aasc&metadata=%7B%27a%27%3A+%27b%27%7D&name~=x&marker=m"
        );
        assert!(Params::parse("").unwrap().is_empty());
        assert_eq!(Params::parse("name=%ff"), Err(NotUtf8));
    }
}
