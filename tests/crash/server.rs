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
    /// Starts one.
    pub fn spawn(start: Start<'_>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_breezeblock"));
        command
            .arg("serve")
            .env("BREEZEBLOCK__SERVER__BIND", "127.0.0.1:0")
            .env("BREEZEBLOCK__SERVER__WORKERS", "1")
            .env("BREEZEBLOCK__DATABASE__URL", start.database)
            .env("BREEZEBLOCK__DATABASE__MAX_CONNECTIONS", "2")
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
        Self {
            child: command.spawn().unwrap(),
            log: start.log.to_owned(),
            address: String::new(),
        }
    }

    /// Waits until it listens.
    pub async fn listens(&mut self) {
        let mut deadline = Deadline::new("a server listens", START);
        self.address = loop {
            assert!(self.ended().is_none(), "the server ended at once: {}", self.log());
            match listening(&self.log()) {
                Some(address) => break address,
                None => deadline.pause("it does not").await,
            }
        };
    }

    /// Waits until it listens, or has ended; whether it listens.
    pub async fn listens_or_ends(&mut self) -> bool {
        let mut deadline = Deadline::new("a server listens or ends", START);
        loop {
            if self.ended().is_some() {
                return false;
            }
            if let Some(address) = listening(&self.log()) {
                self.address = address;
                return true;
            }
            deadline.pause("it does not").await;
        }
    }

    /// Asks it to stop, and waits until it has, well.
    pub async fn stop(mut self) -> String {
        self.terminate();
        let status = self.wait(START).await;
        assert!(status.success(), "it ended badly: {status}");
        self.log()
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
        // Not always the last line: other threads go on until the signal comes.
        let dying = log.lines().rfind(|line| line.contains("breakpoint reached"));
        assert!(
            dying.is_some_and(|line| line.contains(point)),
            "killed, but not at {point}: {dying:?}"
        );
    }

    /// Freezes it, or lets it go on.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Whether it is frozen.
    pub fn is_frozen(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // Behind the name, which is in parentheses and may hold anything.
        stat.rsplit_once(") ")
            .is_some_and(|(_name, rest)| rest.starts_with('T'))
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

/// The address in a log; empty for one that only works.
fn listening(log: &str) -> Option<String> {
    if log.contains("working on tasks only") {
        return Some(String::new());
    }
    let (_before, rest) = log.split_once("listening on ")?;
    let (address, _after) = rest.split_once(';')?;
    Some(address.to_owned())
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
