//! That nothing is forgotten.

use std::collections::BTreeSet;

use crate::{
    accepted::{ACCEPTED, NOT_REPLAYED},
    answer::Answer,
    exchange::{Exchange, Set},
    replay::judge,
};

#[test]
fn every_recording_is_replayed_or_listed() {
    for set in Set::ALL {
        let exchanges = set.exchanges();
        let mut all: Vec<_> = exchanges.iter().map(|exchange| exchange.n).collect();
        let replayed = all.len();
        for (_why, _set, numbers) in NOT_REPLAYED.iter().filter(|it| it.1 == set) {
            all.extend(*numbers);
        }
        println!(
            "deltacloud {}: {replayed} exchanges replayed, {} not",
            set.name(),
            all.len() - replayed
        );
        all.sort_unstable();
        assert_eq!(all, (1..=set.recorded()).collect::<Vec<_>>(), "{}", set.name());
    }
}

/// Every reason is an entry of the document, every entry has an exchange, and nothing is listed twice.
#[test]
fn every_accepted_difference_is_documented() {
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/differences.md")).unwrap();
    let documented: BTreeSet<&str> = document
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _rest)| name)
        .filter(|name| name.starts_with("dc-"))
        .collect();
    let accepted: BTreeSet<&str> = ACCEPTED.iter().map(|it| it.0).collect();
    assert_eq!(accepted, documented);
    let mut seen = BTreeSet::new();
    for (difference, set, numbers) in ACCEPTED {
        for n in *numbers {
            assert!(seen.insert((difference, set, n)), "{difference} of {n} is listed twice");
        }
    }
}

#[test]
fn what_differs_in_another_way_or_not_at_all_is_found() {
    // The states of instances: only the quotes of the ETag differ.
    let exchanges = Set::Openstack.exchanges();
    let mut states = exchanges.into_iter().find(|exchange| exchange.n == 19).unwrap();
    let judged = |exchange: &Exchange, change: fn(&mut Answer)| {
        let recorded = Answer::recorded(exchange, str::to_owned);
        let mut ours = recorded.clone();
        change(&mut ours);
        judge(Set::Openstack, exchange, recorded, ours)
    };
    let as_listed = judged(&states, |ours| ours.set_header("etag", "\"md5\""));
    assert_eq!(as_listed, Vec::<String>::new());
    let in_another_way = judged(&states, |ours| {
        ours.set_header("etag", "\"md5\"");
        ours.root().unwrap().children.swap(0, 1);
    });
    assert!(in_another_way[0].contains("differs"), "{in_another_way:?}");
    let equal = judged(&states, |_ours| ());
    assert!(equal[0].contains("differs"), "{equal:?}");
    states.reply_headers.remove("etag");
    let without = judged(&states, |_ours| ());
    assert!(without[0].contains("changes nothing"), "{without:?}");
}
