//! A running `breezeblock serve`.

use std::{
    fs::{self, File},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::wait::Deadline;

/// How long a start may take while the other cases keep the machine busy.
const START: Duration = Duration::from_secs(30);
const SIGKILL: i32 = 9;

/// The process; killed when this value goes away.
#[derive(Debug)]
pub struct Server {
    child: Child,
    log: PathBuf,
    /// `http://127.0.0.1:port`.
    pub address: String,
}

/// What a server is started with.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    pub database: &'a str,
    pub storage: &'a Path,
    /// Where its standard error goes.
    pub log: &'a Path,
    pub breakpoint: Option<&'a str>,
    /// Further settings, as environment variables.
    pub settings: &'a [(&'a str, &'a str)],
}

impl Server {
    /// Starts one and waits until it listens.
    pub async fn start(start: Start<'_>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_breezeblock"));
        command
            .arg("serve")
            .env("BREEZEBLOCK__SERVER__BIND", "127.0.0.1:0")
            .env("BREEZEBLOCK__SERVER__WORKERS", "1")
            .env("BREEZEBLOCK__DATABASE__URL", start.database)
            .env("BREEZEBLOCK__DATABASE__MAX_CONNECTIONS", "4")
            .env("BREEZEBLOCK__STORAGE__PATH", start.storage)
            .env("BREEZEBLOCK__WORKER__LEASE", "3")
            .env("BREEZEBLOCK__WORKER__POLL_INTERVAL", "0.05")
            .env("BREEZEBLOCK__LOG__FORMAT", "json")
            .env_remove("BREEZEBLOCK_BREAKPOINT")
            .envs(start.breakpoint.map(|point| ("BREEZEBLOCK_BREAKPOINT", point)))
            .envs(start.settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(start.log).unwrap());
        let mut server = Self {
            child: command.spawn().unwrap(),
            log: start.log.to_owned(),
            address: String::new(),
        };
        let mut deadline = Deadline::new("a server listens", START);
        server.address = loop {
            match server.listening() {
                Some(address) => break address,
                None => deadline.pause("it does not").await,
            }
        };
        server
    }

    fn listening(&mut self) -> Option<String> {
        let log = self.log();
        let ended = self.ended();
        assert!(ended.is_none(), "the server ended at once: {log}");
        let (_before, rest) = log.split_once("listening on ")?;
        let (address, _after) = rest.split_once(';')?;
        Some(address.to_owned())
    }

    /// Everything it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for the end.
    pub async fn wait(&mut self, patience: Duration) -> ExitStatus {
        let mut deadline = Deadline::new("the server ends", patience);
        loop {
            match self.ended() {
                Some(status) => return status,
                None => deadline.pause("it runs on").await,
            }
        }
    }

    /// Checks that it has killed itself at the breakpoint, and not ended in another way.
    pub fn assert_died_at(&self, status: ExitStatus, point: &str) {
        assert_eq!(status.signal(), Some(SIGKILL), "not killed: {status}");
        let log = self.log();
        let last = log.lines().last().unwrap_or_default();
        assert!(
            last.contains("breakpoint reached") && last.contains(point),
            "killed, but not at the point: {last}"
        );
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// Ends it as a power cut would, and waits until it is gone.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // Both fail only if it has ended already.
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
