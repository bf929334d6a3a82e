//! The server as an operator sets it.

use std::fs;
use std::process::Output;

use super::server::{PASSWORD, Server};
use crate::harness::Place;

fn doctor(place: &Place, settings: &[(&str, &str)]) -> Output {
    let mut command = place.command("doctor");
    let own = std::env::vars().map(|(name, _)| name);
    for name in own.filter(|name| name.starts_with("ANSINH_SFTP") || name == "ANSINH_CONFIG") {
        command.env_remove(name);
    }
    command.envs(settings.iter().copied()).output().unwrap()
}

fn texts(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn a_server_is_checked_at_the_start_and_told_by_the_doctor() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start());
    let place = Place::embedded();
    place.migrate();
    let port = server.settings().port.to_string();
    let set: [(&str, &str); 7] = [
        ("ANSINH_DELIVERY", "sftp"),
        ("ANSINH_SFTP_HOST", "127.0.0.1"),
        ("ANSINH_SFTP_PORT", &port),
        ("ANSINH_SFTP_USER", "ansinh"),
        ("ANSINH_SFTP_HOST_KEY", &server.host_keys[0]),
        ("ANSINH_SFTP_FOLDER", "in"),
        ("ANSINH_SFTP_PASSWORD", PASSWORD),
    ];
    let whole = doctor(&place, &set);
    let told = texts(&whole);
    assert!(whole.status.success(), "{told}");
    assert!(told.contains(&format!("sftp ansinh@127.0.0.1:{port} in")), "{told}");
    assert!(told.contains("it answers") && !told.contains(PASSWORD), "{told}");
    assert!(server.lies_there().is_empty(), "the look left nothing behind");
    // Each setting that is needed is named where it is missing.
    for missing in [
        "ANSINH_SFTP_HOST",
        "ANSINH_SFTP_USER",
        "ANSINH_SFTP_HOST_KEY",
        "ANSINH_SFTP_PASSWORD",
    ] {
        let rest: Vec<_> = set.into_iter().filter(|(name, _)| *name != missing).collect();
        let output = doctor(&place, &rest);
        assert!(
            !output.status.success() && texts(&output).contains(missing),
            "{missing}"
        );
    }
    // An empty one is missing, as many tools leave it in the environment.
    for empty in [
        "ANSINH_SFTP_HOST",
        "ANSINH_SFTP_USER",
        "ANSINH_SFTP_HOST_KEY",
        "ANSINH_SFTP_PASSWORD",
    ] {
        let mut rest: Vec<_> = set.into_iter().filter(|(name, _)| *name != empty).collect();
        rest.push((empty, ""));
        let output = doctor(&place, &rest);
        let told = texts(&output);
        assert!(!output.status.success() && told.contains(empty), "{empty}: {told}");
    }
    // Where nothing is needed, an empty one is none.
    let mut spare = set.to_vec();
    spare.extend([
        ("ANSINH_SFTP_ACK_FOLDER", ""),
        ("ANSINH_SFTP_KEY", ""),
        ("ANSINH_SFTP_KEY_PASSPHRASE", ""),
        ("ANSINH_DROP_FOLDER", ""),
        ("ANSINH_SIGNING_CERTIFICATE", ""),
        ("ANSINH_SIGNING_KEY", ""),
    ]);
    let told = texts(&doctor(&place, &spare));
    assert!(told.contains("it answers") && told.contains("Ed25519"), "{told}");
    // What can't be read is refused at the start.
    let with = |name: &'static str, value: &'static str| {
        let mut settings: Vec<_> = set.into_iter().filter(|(own, _)| *own != name).collect();
        settings.push((name, value));
        texts(&doctor(&place, &settings))
    };
    let told = with("ANSINH_SFTP_HOST_KEY", "MD5:aa:bb");
    assert!(
        told.contains("setting ANSINH_SFTP_HOST_KEY") && told.contains("fingerprint SHA256"),
        "{told}"
    );
    let told = with("ANSINH_SFTP_KEY", "no-such-key");
    assert!(
        told.contains("setting ANSINH_SFTP_KEY") && told.contains("no-such-key"),
        "{told}"
    );
    // Longer than an answer may take, and than a connection.
    for seconds in ["30", "20"] {
        let told = with("ANSINH_SFTP_IDLE_SECONDS", seconds);
        assert!(told.contains("ANSINH_SFTP_IDLE_SECONDS must exceed"), "{told}");
    }
    let told = with("ANSINH_SFTP_CONNECT_SECONDS", "60");
    assert!(told.contains("ANSINH_SFTP_IDLE_SECONDS must exceed"), "{told}");
    // A wrong one is told by the server, without the secret.
    let wrong = with("ANSINH_SFTP_PASSWORD", "Mat-Khau-Sai");
    assert!(
        wrong.contains("refuses the login of ansinh") && !wrong.contains("Mat-Khau-Sai"),
        "{wrong}"
    );
    // The help shows the settings and no secret.
    let mut help = place.command("help");
    help.envs(set);
    let help = texts(&help.output().unwrap());
    assert!(
        help.contains("ANSINH_SFTP_HOST_KEY") && !help.contains(PASSWORD),
        "{help}"
    );
    // The same from the settings file.
    let config = place.command("doctor").get_current_dir().unwrap().join("ansinh.toml");
    let mut text = String::new();
    for (name, value) in set {
        let name = name.trim_start_matches("ANSINH_").to_lowercase();
        text.push_str(&format!("{name} = '{value}'\n"));
    }
    fs::write(&config, text).unwrap();
    let filed = texts(&doctor(&place, &[("ANSINH_CONFIG", config.to_str().unwrap())]));
    assert!(filed.contains("it answers"), "{filed}");
    let mut help = place.command("help");
    let help = texts(&help.env("ANSINH_CONFIG", &config).output().unwrap());
    assert!(
        help.contains("ANSINH_SFTP_PASSWORD") && !help.contains(PASSWORD),
        "{help}"
    );
}
