//! Wire shapes: functions of the version and the domain value, nothing else.
//!
//! Lists are made of these a thousand at a time, so what every item has is written straight into the reply: no
//! text is made for an id or a time only to be copied.

pub mod group;
pub mod group_type;
pub mod manageable;
pub mod message;
pub mod snapshot;
pub mod type_encryption;
pub mod volume;
pub mod volume_type;

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Serialize, Serializer};

/// A time as Cinder writes it: UTC, six digits, no zone. gophercloud cannot read any other form.
#[derive(Clone, Copy, Debug)]
pub struct Time(DateTime<Utc>);

/// The wire form of a time.
pub const fn time(time: DateTime<Utc>) -> Time {
    Time(time)
}

impl Time {
    /// Its text, if the year has four digits.
    fn text(self) -> Option<[u8; 26]> {
        // Without the way through a zone, for each part anew.
        let time = self.0.naive_utc();
        let year = u32::try_from(time.year()).ok().filter(|year| *year <= 9999)?;
        let mut text = *b"0000-00-00T00:00:00.000000";
        put(&mut text[0..4], year);
        put(&mut text[5..7], time.month());
        put(&mut text[8..10], time.day());
        put(&mut text[11..13], time.hour());
        put(&mut text[14..16], time.minute());
        put(&mut text[17..19], time.second());
        put(&mut text[20..26], time.and_utc().timestamp_subsec_micros());
        Some(text)
    }

    /// Appends it in its quotes.
    pub fn append(self, out: &mut Vec<u8>) {
        out.push(b'"');
        match self.text() {
            Some(text) => out.extend_from_slice(&text),
            None => out.extend_from_slice(self.long().to_string().as_bytes()),
        }
        out.push(b'"');
    }

    fn long(self) -> impl std::fmt::Display {
        self.0.format("%Y-%m-%dT%H:%M:%S%.6f")
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.text() {
            // Digits are text.
            Some(text) => serializer.serialize_str(std::str::from_utf8(&text).unwrap_or_default()),
            None => serializer.collect_str(&self.long()),
        }
    }
}

/// Fills `digits` with a number that has at most so many.
fn put(digits: &mut [u8], mut number: u32) {
    for digit in digits.iter_mut().rev() {
        // The remainder is one digit.
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;
    use serde_json::json;

    use super::*;

    #[test]
    fn times_have_six_digits_and_no_zone() {
        for (seconds, nanos, text) in [
            (1_800_000_000, 0, "2027-01-15T08:00:00.000000"),
            (1_800_000_000, 1_000, "2027-01-15T08:00:00.000001"),
            (1_330_559_999, 999_999_999, "2012-02-29T23:59:59.999999"),
            (-62_167_219_200, 0, "0000-01-01T00:00:00.000000"),
            (253_402_300_800, 0, "+10000-01-01T00:00:00.000000"),
        ] {
            let time = time(Utc.timestamp_opt(seconds, nanos).unwrap());
            let mut appended = Vec::new();
            time.append(&mut appended);
            assert_eq!(json!(time), text);
            assert_eq!(appended, format!("\"{text}\"").as_bytes());
        }
    }
}
