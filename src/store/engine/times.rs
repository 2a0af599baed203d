//! Times as SQLite has them: the texts that sqlx wrote into the databases of older programs, such as
//! `2026-11-28T02:25:53.123456+00:00`, with as many groups of three digits behind the point as it takes. Their order
//! as texts is the order in time.
//!
//! Lists read two for each row, so both ways are written out; whatever does not look just like that is chrono's.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// The text of a time.
pub(super) fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// The time of a text.
pub(super) fn parse(text: &str) -> Option<DateTime<Utc>> {
    own(text.as_bytes()).or_else(|| Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc()))
}

/// The form that [`text`] writes.
fn own(text: &[u8]) -> Option<DateTime<Utc>> {
    let digits = |from: usize, count: usize| {
        text.get(from..from + count)?.iter().try_fold(0_u32, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
        })
    };
    let at = |index: usize, expected: u8| (text.get(index) == Some(&expected)).then_some(());
    at(4, b'-')?;
    at(7, b'-')?;
    at(10, b'T')?;
    at(13, b':')?;
    at(16, b':')?;
    let nanoseconds = match text.get(19..)? {
        b"+00:00" => 0,
        [b'.', .., b'+', b'0', b'0', b':', b'0', b'0'] => {
            let count = text.len().checked_sub(26).filter(|count| *count > 0)?;
            digits(20, count)? * 10_u32.checked_pow(9_u32.checked_sub(u32::try_from(count).ok()?)?)?
        }
        _other => return None,
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(digits(0, 4)?).ok()?, digits(5, 2)?, digits(8, 2)?)?;
    let time = date.and_hms_nano_opt(digits(11, 2)?, digits(14, 2)?, digits(17, 2)?, nanoseconds)?;
    Some(time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree_with_chrono() {
        for (written, ours) in [
            ("2026-11-28T02:25:53+00:00", true),
            ("2026-11-28T02:25:53.120+00:00", true),
            ("2026-11-28T02:25:53.123456+00:00", true),
            ("0001-01-01T00:00:00.000001+00:00", true),
            ("9999-12-31T23:59:59.999999+00:00", true),
            ("2026-11-28T02:25:53Z", false),
            ("2026-11-28T04:25:53+02:00", false),
        ] {
            let expected = DateTime::parse_from_rfc3339(written).unwrap().to_utc();
            assert_eq!(own(written.as_bytes()), ours.then_some(expected), "{written}");
            assert_eq!(parse(written), Some(expected), "{written}");
            assert_eq!(parse(&text(expected)), Some(expected), "{written}");
            if ours {
                assert_eq!(text(expected), written);
            }
        }
        for nonsense in [
            "",
            "2026-11-28",
            "2026-13-28T02:25:53+00:00",
            "2026-11-28T02:25:53.+00:00",
            "2026-11-28T02:25:53.1234567890+00:00",
            "2026-11-28T02:25:53.12a456+00:00",
            "now",
        ] {
            assert_eq!(own(nonsense.as_bytes()), None, "{nonsense}");
        }
    }
}
