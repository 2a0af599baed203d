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

/// A statement whose answer is swallowed.
#[derive(Debug)]
struct Trap {
    text: String,
    /// How many runs of it are still let through.
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

    /// Swallows the answer to the run behind the next `spared` ones of a statement that begins with `text`, and
    /// closes that connection.
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
    fn springs(&self, sql: &str) -> bool {
        let mut trap = self.trap.lock().unwrap();
        match trap.as_mut() {
            Some(wanted) if sql.trim_start().starts_with(&wanted.text) => {
                let springs = wanted.spared == 0;
                if springs {
                    *trap = None;
                } else {
                    wanted.spared -= 1;
                }
                springs
            }
            _other => false,
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
    let mut swallowing = false;
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            len = client.read(&mut from_client) => {
                let len = len.unwrap_or(0);
                shared.thawed().await;
                let bytes = &from_client[..len];
                for message in sent.read(bytes) {
                    let sql = statements.run_by(&message);
                    swallowing = swallowing || sql.is_some_and(|sql| shared.springs(&sql));
                }
                if len == 0 || server.write_all(bytes).await.is_err() {
                    return;
                }
            }
            len = server.read(&mut from_server) => {
                let len = len.unwrap_or(0);
                shared.thawed().await;
                let bytes = &from_server[..len];
                let ready = answers.read(bytes).iter().any(|message| message.kind == b'Z');
                if swallowing && (ready || len == 0) {
                    // The server has done it and said so, and nobody hears of it.
                    shared.sprung.send_modify(|times| *times += 1);
                    return;
                }
                if len == 0 || (!swallowing && client.write_all(bytes).await.is_err()) {
                    return;
                }
            }
        }
    }
}
