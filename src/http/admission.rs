//! How much is done at a time. What goes beyond it is refused at once, before it takes memory: whoever waits in a
//! queue here would have given up when its turn comes, and everybody behind it, too.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use actix_web::{HttpRequest, HttpResponse};

/// A reply that is longer than this may not fit into what the kernel keeps for a client that reads slowly.
const LONG: usize = 64 * 1024;

/// What there is room for.
#[derive(Clone, Debug)]
pub struct Admission {
    running: Room,
    unsent: Room,
    refusal: fn(&HttpRequest) -> HttpResponse,
}

#[derive(Clone, Debug)]
struct Room {
    taken: Arc<AtomicUsize>,
    most: usize,
    /// Whether somebody was refused since there was room for all.
    full: Arc<AtomicBool>,
    what: &'static str,
}

/// A part of the room, until it is dropped.
#[derive(Debug)]
pub struct Place {
    taken: Arc<AtomicUsize>,
    size: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.size, Ordering::Relaxed);
    }
}

impl Room {
    fn new(what: &'static str, most: usize) -> Self {
        Self {
            taken: Arc::default(),
            most,
            full: Arc::default(),
            what,
        }
    }

    fn take(&self, size: usize) -> Option<Place> {
        // Taken before it is looked at, so that of many who come at once none gets more than there is.
        let before = self.taken.fetch_add(size, Ordering::Relaxed);
        let place = Place {
            taken: Arc::clone(&self.taken),
            size,
        };
        // What is larger than all the room gets all of it.
        if before == 0 || before + size <= self.most {
            // One line for each time, however many are refused.
            if before == 0 && self.full.load(Ordering::Relaxed) {
                self.full.store(false, Ordering::Relaxed);
            }
            return Some(place);
        }
        if !self.full.swap(true, Ordering::Relaxed) {
            tracing::warn!(most = self.most, "{} are at their limit; more is refused", self.what);
        }
        None
    }
}

impl Admission {
    /// Room for so many requests, and for so many bytes of long replies that their clients have not taken yet.
    /// `refusal` knows the words of the front that a request is for.
    pub fn new(requests: usize, unsent: usize, refusal: fn(&HttpRequest) -> HttpResponse) -> Self {
        Self {
            running: Room::new("requests", requests),
            unsent: Room::new("replies that wait for their clients", unsent),
            refusal,
        }
    }

    /// A place for one more request.
    pub fn request(&self) -> Option<Place> {
        self.running.take(1)
    }

    /// A place for a reply of this size: a short one needs none.
    ///
    /// # Errors
    /// [`Full`].
    pub fn reply(&self, size: u64) -> Result<Option<Place>, Full> {
        let size = usize::try_from(size).unwrap_or(usize::MAX / 2);
        if size <= LONG {
            return Ok(None);
        }
        self.unsent.take(size).map(Some).ok_or(Full)
    }

    /// What is answered where there is no place.
    pub fn refusal(&self, request: &HttpRequest) -> HttpResponse {
        (self.refusal)(request)
    }
}

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let admission = Admission::new(2, 100_000, |_request| HttpResponse::Ok().finish());
        assert!(admission.reply(u64::MAX).unwrap().is_some(), "larger than all the room");
        let (one, two) = (admission.request(), admission.request());
        assert!(one.is_some() && two.is_some() && admission.request().is_none());
        drop(one);
        assert!(admission.request().is_some());

        assert!(admission.reply(50_000).unwrap().is_none());
        let long = admission.reply(90_000).unwrap();
        assert!(long.is_some());
        assert_eq!(admission.reply(90_000).unwrap_err(), Full);
        assert!(
            admission.reply(50_000).unwrap().is_none(),
            "short ones are not in the way"
        );
        drop(long);
        assert!(admission.reply(90_000).unwrap().is_some());
    }
}
