//! A `breezeblock serve` that may refuse to start.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::process::Pid;

use crate::wait::Deadline;

const START: Duration = Duration::from_secs(30);

/// The process; killed when this value goes away.
#[derive(Debug)]
pub struct Server {
    child: Child,
    log: PathBuf,
    /// `http://127.0.0.1:port`.
    pub address: String,
}

/// How a start ended that was none.
#[derive(Debug)]
pub struct Refusal {
    pub code: Option<i32>,
    /// All that it wrote.
    pub log: String,
}

impl Server {
    /// Starts one and waits until it listens, or has ended.
    pub async fn start(database: &str, storage: &Path, log: &Path, settings: &[(&str, &str)]) -> Result<Self, Refusal> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_breezeblock"));
        command
            .arg("serve")
            .env("BREEZEBLOCK__SERVER__BIND", "127.0.0.1:0")
            .env("BREEZEBLOCK__SERVER__WORKERS", "1")
            .env("BREEZEBLOCK__SERVER__SHUTDOWN_GRACE", "5")
            .env("BREEZEBLOCK__DATABASE__URL", database)
            .env("BREEZEBLOCK__DATABASE__MAX_CONNECTIONS", "4")
            .env("BREEZEBLOCK__STORAGE__PATH", storage)
            .env("BREEZEBLOCK__WORKER__LEASE", "3")
            .env("BREEZEBLOCK__LOG__FORMAT", "json")
            .env_remove("BREEZEBLOCK_BREAKPOINT")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(log).unwrap());
        let mut server = Self {
            child: command.spawn().unwrap(),
            log: log.to_owned(),
            address: String::new(),
        };
        let mut deadline = Deadline::new("a server listens or ends", START);
        loop {
            let ended = server.child.try_wait().unwrap();
            let log = server.log();
            if let Some(status) = ended {
                let code = status.code();
                return Err(Refusal { code, log });
            }
            let listening = log
                .split_once("listening on ")
                .and_then(|(_, rest)| rest.split_once(';'));
            if let Some((address, _hint)) = listening {
                server.address = address.to_owned();
                return Ok(server);
            }
            deadline.pause("neither").await;
        }
    }

    /// Everything it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.end();
    }

    /// Lets it end in its own time.
    pub async fn stop(mut self) {
        rustix::process::kill_process(self.pid(), rustix::process::Signal::TERM).unwrap();
        let mut deadline = Deadline::new("a server ends", START);
        while self.child.try_wait().unwrap().is_none() {
            deadline.pause("it runs on").await;
        }
    }

    fn end(&mut self) {
        let _ended_before = self.child.kill();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
        let log = self.log();
        if log.contains("panicked") && !std::thread::panicking() {
            let _closed = std::io::stderr().write_all(log.as_bytes());
            panic!("the server panicked");
        }
    }
}
