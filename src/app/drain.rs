//! The end of the server, in an order in which no request fails.
//!
//! First nobody can connect any more, so that new requests go elsewhere. Then the clients that keep a connection are
//! told with their next reply that it ends. Only those that have asked nothing meanwhile find theirs closed: actix
//! closes what is idle at once, and a client may be sending its next request at that moment.

use std::{net::TcpListener, time::Duration};

use actix_web::dev::ServerHandle;

use crate::http::{connections::Connections, farewell::Farewell};

/// Clients are sent away only when nobody can have connected without being noticed: one that comes back at once
/// must be refused.
const SETTLED: Duration = Duration::from_millis(200);
/// How long clients that keep a connection get to ask once more.
const LAST_REQUESTS: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(20);

/// What it takes to end a server.
#[derive(Debug)]
pub(super) struct Drain {
    /// The same socket as the server's.
    pub(super) listener: TcpListener,
    pub(super) connections: Connections,
    pub(super) farewell: Farewell,
}

impl Drain {
    /// Ends the server; running requests get the time that the server was made with.
    pub(super) async fn end(self, server: ServerHandle, grace: Duration) {
        server.pause().await;
        // What is paused is not closed: the kernel would go on to take connections for it.
        if let Err(error) = rustix::net::shutdown(&self.listener, rustix::net::Shutdown::Read) {
            tracing::warn!(%error, "cannot close the listening socket");
        }
        let sent_away = async {
            self.wait_for(SETTLED).await;
            self.farewell.say();
            self.wait_for(LAST_REQUESTS).await;
        };
        // At most half of what requests get altogether.
        let _over = tokio::time::timeout(grace / 2, sent_away).await;
        self.farewell.say();
        server.stop(true).await;
    }

    /// Waits until there are no connections, at most `longest`.
    async fn wait_for(&self, longest: Duration) {
        let none = async {
            while !self.connections.none() {
                tokio::time::sleep(LOOK).await;
            }
        };
        let _over = tokio::time::timeout(longest, none).await;
    }
}
