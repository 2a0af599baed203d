//! A way to PostgreSQL on which answers get lost, or everything stands still.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    task::JoinSet,
};

use super::wire::{Messages, Statements};

/// Between clients and the server at `TEST_POSTGRES_URL`; gone with this value.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    /// Ended with it.
    _serving: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    socket: PathBuf,
    trap: Mutex<Option<Trap>>,
    sprung: watch::Sender<usize>,
    frozen: watch::Sender<bool>,
}

/// A statement whose answer is swallowed, if it has changed something.
#[derive(Debug)]
struct Trap {
    text: String,
    /// How many such answers are still let through.
    spared: usize,
}

impl Proxy {
    pub async fn start() -> Self {
        let url = std::env::var("TEST_POSTGRES_URL").unwrap();
        let (_, folder) = url.split_once("host=").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shared = Arc::new(Shared {
            socket: PathBuf::from(folder).join(".s.PGSQL.5432"),
            trap: Mutex::new(None),
            sprung: watch::Sender::new(0),
            frozen: watch::Sender::new(false),
        });
        let port = listener.local_addr().unwrap().port();
        let for_serving = Arc::clone(&shared);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            // Its end takes all connections along.
            let mut connections = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                connections.spawn(connection(client, Arc::clone(&for_serving)));
            }
        });
        Self {
            port,
            shared,
            _serving: serving,
        }
    }

    /// The address of a database of that server, by way of this.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// Swallows the answer to a statement that begins with `text` and has changed something, the one behind the next
    /// `spared` of them, and closes that connection. What changes nothing, such as a worker's look at an empty queue,
    /// does not count.
    pub fn swallow(&self, text: &str, spared: usize) {
        *self.shared.trap.lock().unwrap() = Some(Trap {
            text: text.to_owned(),
            spared,
        });
    }

    /// How many answers were swallowed.
    pub fn swallowed(&self) -> usize {
        *self.shared.sprung.borrow()
    }

    /// From now on nothing is forwarded, and nothing closed.
    pub fn freeze(&self) {
        self.shared.frozen.send_replace(true);
    }

    /// Everything that was kept back goes on.
    pub fn thaw(&self) {
        self.shared.frozen.send_replace(false);
    }
}

impl Shared {
    fn is_watched(&self, sql: &str) -> bool {
        let trap = self.trap.lock().unwrap();
        trap.as_ref()
            .is_some_and(|wanted| sql.trim_start().starts_with(&wanted.text))
    }

    /// Whether the answer to a watched statement is to be swallowed.
    fn springs(&self) -> bool {
        let mut trap = self.trap.lock().unwrap();
        match trap.as_mut() {
            Some(wanted) if wanted.spared > 0 => {
                wanted.spared -= 1;
                false
            }
            _ => trap.take().is_some(),
        }
    }

    async fn thawed(&self) {
        let mut frozen = self.frozen.subscribe();
        // The sender is in `self`, so it is never gone.
        let _thawed = frozen.wait_for(|frozen| !frozen).await;
    }
}

async fn connection(mut client: TcpStream, shared: Arc<Shared>) {
    let mut server = UnixStream::connect(&shared.socket).await.unwrap();
    let (mut sent, mut statements) = (Messages::of_client(), Statements::default());
    let mut answers = Messages::of_server();
    // Requests may be sent before the last one is answered; each ends in a message of its own, as does its answer.
    let (mut requests, mut answered) = (0_u64, 0_u64);
    // Which request has a watched statement, and its answer so far; kept back until it is known what it did.
    let (mut watched, mut changed, mut kept) = (None, false, Vec::new());
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            len = client.read(&mut from_client) => {
                let len = len.unwrap_or(0);
                shared.thawed().await;
                let bytes = &from_client[..len];
                for message in sent.read(bytes) {
                    let sql = statements.run_by(&message);
                    if watched.is_none() && sql.is_some_and(|sql| shared.is_watched(&sql)) {
                        watched = Some(requests + 1);
                    }
                    requests += u64::from(message.ends_a_request());
                }
                if len == 0 || server.write_all(bytes).await.is_err() {
                    return;
                }
            }
            len = server.read(&mut from_server) => {
                let len = len.unwrap_or(0);
                shared.thawed().await;
                kept.extend_from_slice(&from_server[..len]);
                let mut ready = false;
                for message in answers.read(&from_server[..len]) {
                    changed = changed || (watched == Some(answered + 1) && message.has_changed_something());
                    answered += u64::from(message.kind == b'Z');
                    ready = ready || watched == Some(answered);
                }
                if ready && changed && shared.springs() {
                    // The server has done it and said so, and nobody hears of it.
                    shared.sprung.send_modify(|times| *times += 1);
                    return;
                }
                if watched.is_none() || ready || len == 0 {
                    (watched, changed) = (watched.filter(|_request| !ready), changed && !ready);
                    if client.write_all(&kept).await.is_err() || len == 0 {
                        return;
                    }
                    kept.clear();
                }
            }
        }
    }
}
