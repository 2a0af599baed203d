//! The `breezeblock` program: arguments, settings, logs, and then the application.

use std::{
    io::{Read as _, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use breezeblock::{
    app::{self, Application, Diagnosis, Sources},
    auth::policy::Policy,
    identity,
    settings::{Settings, Strategy},
    telemetry,
};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The Cinder v3 block-storage snapshot service.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and work on what it accepts.
    Serve(File),
    /// Bring the database's schema up to date, then end.
    Migrate(File),
    /// Say whether the settings and the policy file fit, then end.
    CheckConfig(File),
    /// Print the policy rules in force, as a policy file, then end.
    Policy(File),
    /// Say whether everything is as it must be, in the database and the storage. Ends with 0 if it is, 1 if not, and 2
    /// if that cannot be told.
    Doctor(Doctor),
    /// Print a clouds.yaml for the users of auth.strategy=dev.
    CloudsYaml(File),
    /// Read a password from the input and print its hash for the users of auth.strategy=dev.
    HashPassword,
}

#[derive(Debug, clap::Args)]
struct File {
    /// Settings that override the defaults; the environment (`BREEZEBLOCK__SECTION__KEY`) overrides both.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Doctor {
    #[command(flatten)]
    file: File,
    /// Mend what can be mended without guessing, and say what was done. Never deletes a volume or a snapshot.
    #[arg(long)]
    repair: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Arguments::parse().command;
    if let Command::Doctor(arguments) = &command {
        return match doctor(arguments).await {
            Ok(Diagnosis::Healthy) => ExitCode::SUCCESS,
            Ok(Diagnosis::Unhealthy) => ExitCode::FAILURE,
            Err(reason) => {
                let _closed = writeln!(std::io::stderr(), "breezeblock: {reason}");
                ExitCode::from(2)
            }
        };
    }
    match run(command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            // Logs may not be set up yet, and this is for whoever typed the command.
            let _closed = writeln!(std::io::stderr(), "breezeblock: {reason}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), String> {
    let (Command::Serve(file)
    | Command::Migrate(file)
    | Command::CheckConfig(file)
    | Command::Policy(file)
    | Command::CloudsYaml(file)) = &command
    else {
        return hash_password();
    };
    let settings = load(file)?;
    let policy = Policy::describe(settings.policy.file()).map_err(|error| error.to_string())?;
    match command {
        Command::CheckConfig(_) => write("the settings fit\n"),
        Command::Policy(_) => write(&policy),
        Command::CloudsYaml(_) => clouds_yaml(&settings),
        Command::Migrate(_) => {
            telemetry::init(&settings.log)?;
            let store = app::open_store(&settings).await.map_err(|error| describe(&error))?;
            store.close().await;
            tracing::info!("the schema is up to date");
            Ok(())
        }
        Command::Serve(file) => {
            telemetry::init(&settings.log)?;
            serve(settings, &file).await
        }
        Command::HashPassword | Command::Doctor(_) => Ok(()),
    }
}

fn load(file: &File) -> Result<Settings, String> {
    // Texts that are not UTF-8 cannot be settings of ours.
    let environment =
        std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
    Settings::load(file.config.as_deref(), environment).map_err(|error| error.to_string())
}

async fn doctor(arguments: &Doctor) -> Result<Diagnosis, String> {
    let settings = load(&arguments.file)?;
    let mut out = std::io::stdout();
    app::doctor(&settings, &Sources::default(), arguments.repair, &mut out)
        .await
        .map_err(|error| describe(&error))
}

fn clouds_yaml(settings: &Settings) -> Result<(), String> {
    if settings.auth.strategy != Strategy::Dev {
        return Err("clouds-yaml is for auth.strategy=dev, and the settings have another".to_owned());
    }
    let auth_url = app::identity_url(settings, settings.server.bind);
    write(&identity::clouds_yaml(&settings.dev, &auth_url))
}

fn hash_password() -> Result<(), String> {
    let mut input = String::new();
    std::io::stdin()
        .read_to_string(&mut input)
        .map_err(|error| format!("cannot read the password: {error}"))?;
    let password = input.trim_end_matches(['\n', '\r']);
    if password.is_empty() {
        return Err("the input has no password".to_owned());
    }
    let hash = identity::hash_password(password).map_err(|error| error.to_string())?;
    write(&format!("{hash}\n"))
}

fn write(text: &str) -> Result<(), String> {
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| format!("cannot write: {error}"))
}

async fn serve(settings: Settings, file: &File) -> Result<(), String> {
    let strategy = settings.auth.strategy;
    let config = file.config.as_ref();
    let config = config
        .map(|file| format!(" --config {}", file.display()))
        .unwrap_or_default();
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let application = Application::build(settings, Sources::default())
        .await
        .map_err(|error| describe(&error))?;
    let hint = |address: SocketAddr| match strategy {
        Strategy::NoAuth => format!(
            "try: OS_AUTH_TYPE=noauth OS_USER_ID=demo OS_PROJECT_ID=0123456789abcdef0123456789abcdef \
             CINDER_ENDPOINT=http://{address}/v3 cinder list"
        ),
        Strategy::Keystone => "callers are identified by keystone.auth_url".to_owned(),
        Strategy::Dev => {
            tracing::warn!("auth.strategy=dev: {}", identity::NOTE);
            format!(
                "identity at http://{address}/identity/v3; try: breezeblock clouds-yaml{config} > clouds.yaml && \
                 openstack --os-cloud breezeblock volume list"
            )
        }
    };
    if let Some(address) = application.address() {
        tracing::info!("listening on http://{address}; {}", hint(address));
    } else {
        tracing::info!("working on tasks only");
    }
    let signalled = async {
        tokio::select! {
            _signal = terminate.recv() => {}
            _signal = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        stop.cancel();
        // The application ends the wait.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = application.run(stop.clone()) => ended.map_err(|error| describe(&error)),
        () = signalled => Ok(()),
    }
}

/// An error with its causes, in one line.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
