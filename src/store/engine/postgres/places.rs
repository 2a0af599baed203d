//! Who may have which connection. Each place, such as a thread that serves requests, has a share of them, and more than
//! that while nobody else wants it. Who finds all of his in use waits for one of his own to come back: to close another
//! place's connection and open one instead costs a hundred times what he waits. Only when that takes long he borrows.

use std::collections::VecDeque;

/// Connections `C` that rest, and those `W` who wait for one.
#[derive(Debug)]
pub(super) struct Places<C, W> {
    /// Most connections.
    most: usize,
    all: Box<[Place<C, W>]>,
    closed: bool,
}

#[derive(Debug)]
struct Place<C, W> {
    share: usize,
    /// Those that were opened here, or are about to be.
    open: usize,
    idle: Vec<C>,
    waiting: VecDeque<W>,
}

/// What somebody can have at once.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Now<C> {
    /// A connection.
    Resting(C),
    /// The right to open one.
    Open,
    /// Nothing: he has to wait.
    Nothing,
}

impl<C, W> Places<C, W> {
    /// For `most` connections; but each place can have one.
    pub(super) fn new(most: usize, places: usize) -> Self {
        let place = |index| Place {
            share: share(most, places, index),
            open: 0,
            idle: Vec::new(),
            waiting: VecDeque::new(),
        };
        Self {
            most,
            all: (0..places).map(place).collect(),
            closed: false,
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// How many places there are.
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// Whether nobody has one any more, and none rests.
    pub(super) fn is_empty(&self) -> bool {
        self.all.iter().all(|place| place.open == 0)
    }

    /// What somebody in the place `own` can have now.
    pub(super) fn now(&mut self, own: usize) -> Now<C> {
        if let Some(resting) = self.all[own].idle.pop() {
            return Now::Resting(resting);
        }
        let is_free = self.all.iter().map(|place| place.open).sum::<usize>() < self.most;
        let has_less = self.all[own].open < self.all[own].share;
        if is_free || has_less && self.closes_one(|place| place.open > place.share) || self.all[own].open == 0 {
            self.all[own].open += 1;
            return Now::Open;
        }
        Now::Nothing
    }

    /// The right to open one in the place `own` for one that rests where nobody waits.
    pub(super) fn borrow(&mut self, own: usize) -> bool {
        let borrowed = self.closes_one(|place| place.waiting.is_empty());
        self.all[own].open += usize::from(borrowed);
        borrowed
    }

    /// Closes the connection that rests longest in one of these places, if there is one.
    fn closes_one(&mut self, of: impl Fn(&Place<C, W>) -> bool) -> bool {
        let place = self.all.iter_mut().find(|place| !place.idle.is_empty() && of(place));
        place.is_some_and(|place| {
            place.idle.remove(0);
            place.open -= 1;
            true
        })
    }

    /// Somebody in the place `own` waits.
    pub(super) fn wait(&mut self, own: usize, waiter: W) {
        self.all[own].waiting.push_back(waiter);
    }

    /// Forgets those who do not wait any more.
    pub(super) fn forget(&mut self, gone: impl Fn(&W) -> bool) {
        for place in &mut self.all {
            place.waiting.retain(|waiter| !gone(waiter));
        }
    }

    /// Takes back what was opened in the place `from`, nothing if it has ended. If somebody gets it: who, where, and the
    /// connection, or else the right to open one.
    pub(super) fn back(&mut self, from: usize, resting: Option<C>) -> Option<(W, usize, Option<C>)> {
        let heir = self.heir(from, resting.is_none());
        self.all[from].open -= 1;
        let Some((heir, waiter)) = heir.and_then(|heir| Some((heir, self.all[heir].waiting.pop_front()?))) else {
            if let Some(resting) = resting.filter(|_resting| !self.closed) {
                self.all[from].open += 1;
                self.all[from].idle.push(resting);
            }
            return None;
        };
        self.all[heir].open += 1;
        // Another place opens its own.
        Some((waiter, heir, resting.filter(|_resting| heir == from)))
    }

    /// Which place gets what comes back to the place `from`, if anybody waits who may have it.
    fn heir(&self, from: usize, ended: bool) -> Option<usize> {
        let waits = |index: &usize| !self.all[*index].waiting.is_empty();
        let has_less = |index: &usize| self.all[*index].open < self.all[*index].share;
        let mut others = (0..self.all.len()).filter(|index| *index != from && waits(index));
        let lent = self.all[from].open > self.all[from].share;
        let owed = others.clone().find(|index| lent && has_less(index));
        owed.or(Some(from).filter(waits))
            .or(others.next().filter(|_other| ended))
    }

    /// Gives none out any more, and closes those that rest.
    pub(super) fn close(&mut self) {
        self.closed = true;
        for place in &mut self.all {
            place.open -= place.idle.len();
            place.idle.clear();
            place.waiting.clear();
        }
    }
}

/// How many of `most` connections are a place's for certain, one at least. The first is where the work is done, and the
/// maintenance; requests come in all others.
fn share(most: usize, places: usize, index: usize) -> usize {
    let requests = places - 1;
    let first = if requests == 0 { most } else { most / 4 };
    let share = match index.checked_sub(1) {
        None => first,
        Some(index) => (most - first) / requests + usize::from(index < (most - first) % requests),
    };
    share.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who waits, by name.
    type Named = Places<(), &'static str>;

    fn take(places: &mut Named, own: usize, count: usize) {
        for _ in 0..count {
            assert_ne!(places.now(own), Now::Nothing);
        }
    }

    /// Eight, each place having its share.
    fn all_in_use() -> Named {
        let mut places = Named::new(8, 3);
        for (place, share) in [2, 3, 3].into_iter().enumerate() {
            take(&mut places, place, share);
        }
        places
    }

    #[test]
    fn everybody_has_a_share() {
        let shares = |most, places| (0..places).map(|index| share(most, places, index)).collect::<Vec<_>>();
        assert_eq!(shares(8, 3), [2, 3, 3]);
        assert_eq!(shares(9, 3), [2, 4, 3]);
        assert_eq!(shares(2, 4), [1, 1, 1, 1]);
        assert_eq!(shares(5, 1), [5]);
    }

    #[test]
    fn one_place_may_have_all_until_another_wants_its_share() {
        let mut places = Named::new(8, 3);
        take(&mut places, 1, 8);
        take(&mut places, 2, 1);
        assert_eq!(places.now(2), Now::Nothing);
        places.wait(2, "second");
        places.wait(1, "first");
        // The share comes before those who have theirs.
        assert_eq!(places.back(1, Some(())), Some(("second", 2, None)));
        assert_eq!(places.back(1, Some(())), Some(("first", 1, Some(()))));
        // A connection that rests beyond a share is closed for who has less than his.
        assert_eq!(places.back(1, Some(())), None);
        assert_eq!(places.now(2), Now::Open);
        assert_eq!(places.now(2), Now::Nothing);
    }

    #[test]
    fn nobody_takes_what_rests_in_another_place_within_its_share() {
        let mut places = all_in_use();
        assert_eq!(places.back(2, Some(())), None);
        assert_eq!(places.now(1), Now::Nothing);
        places.wait(1, "waits");
        assert_eq!(places.back(2, Some(())), None);
        assert_eq!(places.back(1, Some(())), Some(("waits", 1, Some(()))));
        assert_eq!(places.now(2), Now::Resting(()));
    }

    #[test]
    fn each_place_that_is_used_can_have_one() {
        let mut places = Named::new(2, 65);
        take(&mut places, 1, 2);
        assert_eq!(places.now(1), Now::Nothing);
        take(&mut places, 2, 1);
        assert_eq!(places.now(2), Now::Nothing);
    }

    #[test]
    fn who_has_waited_long_borrows_what_nobody_uses() {
        let mut places = all_in_use();
        assert!(!places.borrow(1));
        assert_eq!(places.back(2, Some(())), None);
        assert_eq!(places.now(1), Now::Nothing);
        assert!(places.borrow(1));
        // What comes back there is owed, and not for who has more than his share.
        places.wait(1, "more");
        places.wait(2, "owed");
        assert_eq!(places.back(1, Some(())), Some(("owed", 2, None)));
        assert_eq!(places.back(1, Some(())), Some(("more", 1, Some(()))));
    }

    #[test]
    fn what_has_ended_makes_room_for_whoever_waits() {
        let mut places = Named::new(4, 3);
        take(&mut places, 0, 1);
        take(&mut places, 1, 2);
        take(&mut places, 2, 1);
        places.wait(2, "waits");
        places.wait(2, "waits longer");
        assert_eq!(places.back(1, None), Some(("waits", 2, None)));
        places.forget(|who| *who == "waits longer");
        assert_eq!(places.back(1, None), None);
        assert_eq!(places.now(1), Now::Open);
    }

    #[test]
    fn after_the_end_nothing_rests() {
        let mut places = Named::new(4, 2);
        take(&mut places, 1, 3);
        assert_eq!(places.back(1, Some(())), None);
        places.wait(1, "too late");
        places.close();
        assert!(places.is_closed() && !places.is_empty());
        assert_eq!(places.back(1, Some(())), None);
        assert_eq!(places.back(1, None), None);
        assert!(places.is_empty());
    }
}
