//! The commands that only print: what they print can be used.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

fn run(arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_breezeblock"))
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Settings with one user, who has this hash.
fn settings(folder: &Path, hash: &str) -> String {
    let file = folder.join("settings.toml");
    let text = format!(
        "[auth]\nstrategy = \"dev\"\n[[dev.projects]]\nname = \"Work\"\n[[dev.users]]\nname = \"ann\"\n\
         password_hash = \"{hash}\"\nprojects = {{ Work = [\"member\"] }}\n"
    );
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

#[test]
fn a_hash_that_was_printed_fits_the_settings() {
    let folder = TempDir::new().unwrap();
    let output = run(&["hash-password"], &[], "open sesame\n");
    assert!(output.status.success(), "{output:?}");
    let hash = text(&output.stdout).trim_end();
    assert!(hash.starts_with("$argon2id$") && !hash.contains("sesame"), "{hash}");
    let file = settings(folder.path(), hash);
    let output = run(&["check-config", "--config", &file], &[], "");
    assert!(output.status.success(), "{output:?}");

    // The users of a file take the place of the default ones, and their passwords are not known.
    let output = run(&["clouds-yaml", "--config", &file], &[], "");
    assert_eq!(
        text(&output.stdout),
        "clouds:\n  breezeblock-ann:\n    auth:\n      auth_url: http://127.0.0.1:8776/identity/v3\n      username: ann\n      \
         password: \"\" # put the user's password here; only its hash is known\n      user_domain_name: Default\n      \
         project_name: Work\n      project_domain_name: Default\n    region_name: RegionOne\n    identity_api_version: 3\n"
    );

    let output = run(&["hash-password"], &[], "\n");
    assert_eq!(text(&output.stderr), "breezeblock: the input has no password\n");
    assert!(!output.status.success());
}

#[test]
fn a_password_in_the_settings_is_refused_and_not_repeated() {
    let folder = TempDir::new().unwrap();
    let file = settings(folder.path(), "open sesame");
    let output = run(&["check-config", "--config", &file], &[], "");
    assert!(!output.status.success());
    let refusal = text(&output.stderr);
    assert!(
        refusal.starts_with("breezeblock: setting dev.users[0].password_hash: "),
        "{refusal}"
    );
    assert!(!refusal.contains("sesame"), "{refusal}");
}

#[test]
fn clouds_are_where_the_server_is() {
    let dev = ("BREEZEBLOCK__AUTH__STRATEGY", "dev");
    for (setting, address) in [
        (("BREEZEBLOCK__SERVER__BIND", "127.0.0.1:1234"), "http://127.0.0.1:1234"),
        (
            ("BREEZEBLOCK__SERVER__PUBLIC_ENDPOINT", "https://cloud.example/volume/"),
            "https://cloud.example/volume",
        ),
    ] {
        let output = run(&["clouds-yaml"], &[dev, setting], "");
        let expected = format!("\n      auth_url: {address}/identity/v3\n");
        assert_eq!(text(&output.stdout).matches(&expected).count(), 3, "{output:?}");
    }
    let everywhere = [
        dev,
        ("BREEZEBLOCK__SERVER__BIND", "0.0.0.0:1234"),
        ("BREEZEBLOCK__DEV__ALLOW_REMOTE", "true"),
    ];
    let output = run(&["clouds-yaml"], &everywhere, "");
    assert!(text(&output.stdout).contains("auth_url: http://127.0.0.1:1234/identity/v3\n"));

    let output = run(&["clouds-yaml"], &[("BREEZEBLOCK__AUTH__STRATEGY", "noauth")], "");
    assert!(!output.status.success());
    assert_eq!(
        text(&output.stderr),
        "breezeblock: clouds-yaml is for auth.strategy=dev, and the settings have another\n"
    );
}
