//! The connections of the server: how many there are, and how long one may wait for its client.

use std::{
    any::Any,
    os::fd::AsFd as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{dev::Extensions, rt::net::TcpStream};

/// All connections; clones share them.
#[derive(Clone, Debug)]
pub struct Connections {
    open: Arc<AtomicUsize>,
    most: usize,
    patience: Duration,
}

/// Counted as long as it lives.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Connections {
    /// None yet. The server takes at most so many at a time; one whose client takes nothing of a reply for as long
    /// as `patience` is cut off.
    pub fn new(most: usize, patience: Duration) -> Self {
        Self {
            open: Arc::default(),
            most,
            patience,
        }
    }

    /// Takes note of a new one; `data` lives as long as it does.
    pub fn note(&self, connection: &dyn Any, data: &mut Extensions) {
        self.open.fetch_add(1, Ordering::SeqCst);
        data.insert(Counted(Arc::clone(&self.open)));
        // actix has no deadline for writing; the kernel has one, for what is sent and not acknowledged, and for what
        // cannot be sent because the client does not make room.
        if let Some(stream) = connection.downcast_ref::<TcpStream>() {
            let patience = u32::try_from(self.patience.as_millis()).unwrap_or(u32::MAX);
            if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream.as_fd(), patience) {
                tracing::debug!(%error, "a connection cannot be given a deadline");
            }
        }
    }

    /// Whether there are none.
    pub fn none(&self) -> bool {
        self.open.load(Ordering::SeqCst) == 0
    }

    /// Whether there are so many that those who keep theirs between requests are in the way of others: more than
    /// three quarters of what there can be.
    pub fn crowded(&self) -> bool {
        self.open.load(Ordering::Relaxed) > self.most / 4 * 3
    }
}
