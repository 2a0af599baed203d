//! How long to wait after a failed attempt.

use chrono::TimeDelta;

/// Seconds after the first, second, … attempt; the last one repeats. Short at first, because most
/// passing failures pass at once; never longer than five minutes, because somebody is waiting.
const SECONDS: [i64; 8] = [1, 2, 5, 10, 30, 60, 120, 300];

/// The wait for another operation on the same thing. It does not grow: nothing is wrong, and the other one was told to
/// stop or is about to end.
pub(super) const BUSY: TimeDelta = TimeDelta::seconds(1);

/// The wait after attempt number `attempts` (from 1).
pub(super) fn after(attempts: i64) -> TimeDelta {
    let index = usize::try_from(attempts.saturating_sub(1))
        .unwrap_or(0)
        .min(SECONDS.len() - 1);
    TimeDelta::seconds(SECONDS.get(index).copied().unwrap_or(300))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_and_then_stays() {
        assert_eq!(after(1), TimeDelta::seconds(1));
        assert_eq!(after(8), TimeDelta::seconds(300));
        assert_eq!(after(1000), TimeDelta::seconds(300));
        assert_eq!(after(0), TimeDelta::seconds(1));
    }
}
