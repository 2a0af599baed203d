//! Times, which are opaque to Deltacloud's clients.

use chrono::{DateTime, Utc};

/// How times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateForm {
    /// `Thu Jul 28 21:54:19 UTC 2011`, as servers of 2011 did.
    Classic,
    /// `2013-03-06T11:00:00.000000`, as Deltacloud's own OpenStack driver hands Cinder's times on.
    Iso8601,
}

impl DateForm {
    /// The text.
    pub fn text(self, time: DateTime<Utc>) -> String {
        let form = match self {
            Self::Classic => "%a %b %d %H:%M:%S UTC %Y",
            Self::Iso8601 => "%Y-%m-%dT%H:%M:%S%.6f",
        };
        time.format(form).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let time = DateTime::from_timestamp(1_311_890_059, 5_000).unwrap();
        assert_eq!(DateForm::Classic.text(time), "Thu Jul 28 21:54:19 UTC 2011");
        assert_eq!(DateForm::Iso8601.text(time), "2011-07-28T21:54:19.000005");
    }
}
