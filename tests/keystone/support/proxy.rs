//! Something between the service and Keystone that ends TLS, or cuts connections just when they are used.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// Passes everything on until dropped.
#[derive(Debug)]
pub struct Proxy {
    pub address: SocketAddr,
    requests: Arc<AtomicUsize>,
    cuts: Arc<AtomicUsize>,
    _running: JoinSet<()>,
}

impl Proxy {
    pub async fn start(target: SocketAddr, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, cuts) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let counters = (Arc::clone(&requests), Arc::clone(&cuts));
        let mut running = JoinSet::new();
        running.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (client, _from) = listener.accept().await.unwrap();
                let (tls, counters) = (tls.clone(), counters.clone());
                connections.spawn(async move {
                    let keystone = TcpStream::connect(target).await.unwrap();
                    match tls {
                        // A handshake that fails is the client's decision.
                        Some(tls) => {
                            if let Ok(client) = tls.accept(client).await {
                                pass(client, keystone, counters).await;
                            }
                        }
                        None => pass(client, keystone, counters).await,
                    }
                });
            }
        });
        Self {
            address,
            requests,
            cuts,
            _running: running,
        }
    }

    /// Closes the connection under this many of the next requests.
    pub fn cut(&self, count: usize) {
        self.cuts.store(count, SeqCst);
    }

    /// How many requests came, those that were cut included.
    pub fn requests(&self) -> usize {
        self.requests.load(SeqCst)
    }
}

/// Until one side is done. Requests here are small enough to come in one piece.
async fn pass(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    mut keystone: TcpStream,
    (requests, cuts): (Arc<AtomicUsize>, Arc<AtomicUsize>),
) {
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let done = tokio::select! {
            read = client.read(&mut up) => match read {
                Ok(count) if count > 0 => {
                    requests.fetch_add(1, SeqCst);
                    let cut = cuts.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
                    cut || keystone.write_all(&up[..count]).await.is_err()
                }
                _ended => true,
            },
            read = keystone.read(&mut down) => match read {
                Ok(count) if count > 0 => client.write_all(&down[..count]).await.is_err() || client.flush().await.is_err(),
                _ended => true,
            },
        };
        if done {
            return;
        }
    }
}
