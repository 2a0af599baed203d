//! Sends clients away that keep their connections, when the server is about to end or has no room for them.
//!
//! A connection that is kept between requests is closed at the end of the server, perhaps at the very moment at which
//! its client sends the next request, which then fails. So from the beginning of the end on, each reply says that
//! the connection ends with it (RFC 9112, 9.6), and the client's next request goes elsewhere.
//!
//! The same where there are nearly as many connections as there can be: those that are kept and idle would keep
//! others out for as long as `server.keep_alive`.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_web::http::ConnectionType;

use super::connections::Connections;

/// Whether clients are sent away.
#[derive(Clone, Debug)]
pub struct Farewell {
    ending: Arc<AtomicBool>,
    connections: Connections,
}

impl Farewell {
    /// Nobody yet.
    pub fn new(connections: Connections) -> Self {
        Self {
            ending: Arc::default(),
            connections,
        }
    }

    /// Everybody from now on.
    pub fn say(&self) {
        self.ending.store(true, Ordering::SeqCst);
    }

    /// What a reply says about its connection, if it has to.
    pub fn said(&self) -> Option<ConnectionType> {
        let said = self.ending.load(Ordering::SeqCst) || self.connections.crowded();
        said.then_some(ConnectionType::Close)
    }
}
