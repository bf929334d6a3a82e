//! Signatures by a certificate (CMS): made by the settings, checked by openssl, refused when the certificate has expired.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use api::{Server, ServerOptions};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::payment_file::canonical_json;
use sea_orm::ConnectionTrait;
use serde_json::Value;
use service::payment_file::SigningCertificate;
use service::{App, Role, payment_file};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::office::Office;
use crate::harness::{Call, House, Place, each_engine};

const ACCOUNTS: [(&str, &str); 2] = [("AGRIBANK", "8000205100001"), ("KLB", "0101")];

fn keys_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys")
}

pub(crate) fn certificate(name: &str, key: &str) -> Arc<SigningCertificate> {
    let read = |name: &str| fs::read_to_string(keys_folder().join(name)).unwrap();
    Arc::new(SigningCertificate::read(&read(name), &read(key)).unwrap())
}

/// The installation as a process sees it whose settings name this certificate.
fn signed_by(house: &House, certificate: Arc<SigningCertificate>) -> App {
    App {
        signing: Some(certificate),
        ..house.app.clone()
    }
}

/// By a public tool: is this the signature of the certificate over the content?
pub(crate) fn openssl_takes(signature: &[u8], content: &[u8]) -> bool {
    let folder = TempDir::new().unwrap();
    let (signed, manifest) = (folder.path().join("m.p7s"), folder.path().join("m.json"));
    fs::write(&signed, signature).unwrap();
    fs::write(&manifest, content).unwrap();
    let output = Command::new("openssl")
        .args([
            "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any",
        ])
        .args(["-out", "/dev/null", "-CAfile"])
        .arg(keys_folder().join("ca.pem"))
        .arg("-in")
        .arg(signed)
        .arg("-content")
        .arg(manifest)
        .output()
        .unwrap();
    output.status.success()
}

#[test]
fn openssl_takes_the_signature_of_each_kind_of_key_over_each_manifest() {
    each_engine(async |house| {
        let office = Office::open(house, &ACCOUNTS).await;
        // A file is signed once: each key signs the files of a month of its own.
        let (september, october) = (office.pay("2024-09").await, office.pay("2024-10").await);
        for (name, key, algorithm, run) in [
            ("p256.pem", "p256.key", "CMS/ECDSA-SHA256", september),
            ("rsa.pem", "rsa.key", "CMS/RSA-SHA256", october),
        ] {
            let app = signed_by(house, certificate(name, key));
            for file in ["pain001-AGRIBANK-1.xml", "orders-KLB-1.csv"] {
                let (file, _) = office.file(run, file).await;
                let manifest = payment_file::manifest(&app, &office.treasury, file.id).await.unwrap();
                let bytes = manifest.signed_bytes().unwrap();
                let signed = payment_file::signature(&app, &office.treasury, file.id).await.unwrap();
                assert_eq!(signed.algorithm, algorithm);
                assert_eq!(signed.manifest_sha256, hex::encode(Sha256::digest(&bytes)));
                let signature = STANDARD.decode(&signed.signature).unwrap();
                assert!(openssl_takes(&signature, &bytes), "{algorithm} {}", file.name);
                let (called, own) = payment_file::signature_file(&app, &office.treasury, file.id)
                    .await
                    .unwrap();
                let stem = file.name.rsplit_once('.').unwrap().0;
                assert_eq!(called, format!("{stem}.manifest.json.p7s"));
                assert!(openssl_takes(&own, manifest.to_json().unwrap().as_bytes()), "{called}");
                let altered = [&bytes[..], b" "].concat();
                assert!(!openssl_takes(&signature, &altered), "{algorithm} {}", file.name);
                // Later, and by another process: the same bytes.
                let later = signed_by(house, certificate(name, key));
                house
                    .app
                    .set_clock("2024-10-02T01:00:00Z".parse().unwrap())
                    .await
                    .unwrap();
                let again = payment_file::signature(&later, &office.treasury, file.id)
                    .await
                    .unwrap();
                assert_eq!(again, signed);
            }
        }
    });
}

#[test]
fn an_expired_certificate_signs_nothing_and_readiness_warns_of_it() {
    each_engine(async |house| {
        let office = Office::open(house, &ACCOUNTS).await;
        let run = office.pay("2024-09").await;
        let (file, _) = office.file(run, "pain001-AGRIBANK-1.xml").await;
        let app = signed_by(house, certificate("p256-2024.pem", "p256.key"));
        let options = ServerOptions {
            listen: "127.0.0.1:0".to_owned(),
            threads: Some(1),
            ..ServerOptions::default()
        };
        let server = Server::start(app, options).await.unwrap();
        let key = house.key(Role::Treasury, None).await;
        let get = async |path: &str| {
            let url = format!("http://{}{path}", server.addr);
            Call::new("GET", &url).key(&key).send().await
        };
        let path = format!("/v1/payment-files/{}/signature", file.id);

        let signed = get(&path).await.json();
        let listed = get("/v1/signing-keys").await.json();
        let (first, second) = (&listed["items"][0], &listed["items"][1]);
        assert_eq!(
            (&first["key_id"], &first["algorithm"]),
            (&signed["key_id"], &signed["algorithm"])
        );
        let pem = fs::read_to_string(keys_folder().join("p256-2024.pem")).unwrap();
        assert_eq!(first["certificate"], pem);
        assert_eq!(first["valid_until"], "2024-12-31T16:59:59Z");
        assert_eq!(second["algorithm"], "Ed25519", "for the signatures from before");
        assert_eq!(second["certificate"], Value::Null);
        let manifest = get(&format!("/v1/payment-files/{}/manifest", file.id)).await.json();
        let canonical = canonical_json(&manifest).unwrap();
        let digest = Sha256::digest(canonical.as_bytes());
        let signature = STANDARD.decode(signed["signature"].as_str().unwrap()).unwrap();
        assert!(signature.windows(digest.len()).any(|part| part == digest.as_slice()));
        assert_eq!(get("/readyz").await.json()["warnings"], serde_json::json!([]));

        for (now, told) in [
            ("2024-12-20T01:00:00Z", "will expire soon"),
            ("2024-12-31T17:00:00Z", "expired at 31/12/2024 23:59:59"),
        ] {
            house.app.set_clock(now.parse().unwrap()).await.unwrap();
            let ready = get("/readyz").await;
            assert_eq!(
                ready.status, 200,
                "an expired certificate closes nothing else: {ready:?}"
            );
            let warnings = &ready.json()["warnings"];
            assert_eq!(warnings[0]["name"], "signing_certificate");
            let words = warnings[0]["message"]["en"].as_str().unwrap();
            assert!(words.contains(told), "{words}");
        }
        // What was signed in time is what it was.
        assert_eq!(get(&path).await.json(), signed);
        let (other, _) = office.file(run, "orders-KLB-1.csv").await;
        let refused = get(&format!("/v1/payment-files/{}/signature", other.id)).await;
        assert_eq!(refused.status, 409);
        refused.problem("certificate-not-valid");
        assert_eq!(
            refused.json()["signature"],
            Value::Null,
            "nothing else signs in its place"
        );
        server.stop().await.unwrap();
    });
}

#[test]
fn a_file_keeps_its_signature_whatever_signs_later() {
    each_engine(async |house| {
        let office = Office::open(house, &ACCOUNTS).await;
        let run = office.pay("2024-09").await;
        let (file, _) = office.file(run, "pain001-AGRIBANK-1.xml").await;
        let (other, _) = office.file(run, "orders-KLB-1.csv").await;
        let (before, renewed) = (
            signed_by(house, certificate("p256.pem", "p256.key")),
            signed_by(house, certificate("rsa.pem", "rsa.key")),
        );
        let all = async |app: &App, id: uuid::Uuid| {
            let signature = payment_file::signature(app, &office.treasury, id).await.unwrap();
            let beside = payment_file::signature_file(app, &office.treasury, id).await.unwrap();
            (signature, beside)
        };
        // The first form that is asked for settles the other too.
        let beside = payment_file::signature_file(&before, &office.treasury, file.id)
            .await
            .unwrap();
        let first = all(&before, file.id).await;
        assert_eq!((first.0.algorithm.as_str(), &first.1), ("CMS/ECDSA-SHA256", &beside));
        // Another certificate, none at all, and one that has expired: of what is signed nothing changes.
        assert_eq!(all(&renewed, file.id).await, first);
        assert_eq!(all(&house.app, file.id).await, first);
        house
            .app
            .set_clock("2025-01-02T01:00:00Z".parse().unwrap())
            .await
            .unwrap();
        let expired = signed_by(house, certificate("p256-2024.pem", "p256.key"));
        assert_eq!(all(&expired, file.id).await, first);
        let manifest = payment_file::manifest(&renewed, &office.treasury, file.id)
            .await
            .unwrap();
        let signature = STANDARD.decode(&first.0.signature).unwrap();
        assert!(openssl_takes(&signature, &manifest.signed_bytes().unwrap()));
        assert!(openssl_takes(&first.1.1, manifest.to_json().unwrap().as_bytes()));

        // What is signed only now is signed by the new certificate, and who checks finds the keys of both.
        let second = all(&renewed, other.id).await;
        assert_eq!(second.0.algorithm, "CMS/RSA-SHA256");
        let keys = payment_file::signing_keys(&renewed, &office.treasury).await.unwrap();
        let algorithms: Vec<&str> = keys.iter().map(|key| key.algorithm.as_str()).collect();
        assert_eq!(algorithms, ["CMS/RSA-SHA256", "Ed25519", "CMS/ECDSA-SHA256"]);
        assert_eq!((&keys[0].key_id, &keys[2].key_id), (&second.0.key_id, &first.0.key_id));
        let pem = fs::read_to_string(keys_folder().join("p256.pem")).unwrap();
        assert_eq!(keys[2].certificate.as_deref(), Some(pem.as_str()));

        // The database lets nobody put another in its place.
        let conn = house.app.db.owner();
        for sql in [
            "UPDATE payment_file_signature SET key_id = 'other'",
            "DELETE FROM payment_file_signature",
            "UPDATE payment_file_fetch SET user_id = NULL",
            "DELETE FROM payment_file_fetch",
        ] {
            assert!(conn.execute_unprepared(sql).await.is_err(), "{sql}");
        }
        office.ties().await;
    });
}

fn doctor(place: &Place, settings: &[(&str, &str)]) -> Output {
    let mut command = place.command("doctor");
    for name in ["ANSINH_SIGNING_CERTIFICATE", "ANSINH_SIGNING_KEY", "ANSINH_CONFIG"] {
        command.env_remove(name);
    }
    command.envs(settings.iter().copied()).output().unwrap()
}

#[test]
fn the_settings_of_a_certificate_are_checked_at_the_start_and_told_by_the_doctor() {
    let place = Place::embedded();
    place.migrate();
    let path = |name: &str| keys_folder().join(name).to_str().unwrap().to_owned();
    let set = |certificate: &str, key: &str| {
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        doctor(
            &place,
            &[
                ("ANSINH_SIGNING_CERTIFICATE", &certificate),
                ("ANSINH_SIGNING_KEY", &key),
            ],
        )
    };
    let alone = doctor(&place, &[("ANSINH_SIGNING_CERTIFICATE", &path("p256.pem"))]);
    for (output, setting, vi, en) in [
        (alone, "ANSINH_SIGNING_KEY", "cần có", "beside it"),
        (
            set(&path("p256.pem"), &path("gone.key")),
            "ANSINH_SIGNING_KEY",
            "không đọc được tệp",
            "can't be read",
        ),
        (
            set(&path("p256.pem"), &path("other.key")),
            "ANSINH_SIGNING_KEY",
            "không phải của chứng thư số",
            "not that of the certificate",
        ),
        (
            doctor(
                &place,
                &[
                    ("ANSINH_SIGNING_CERTIFICATE", ""),
                    ("ANSINH_SIGNING_KEY", &path("p256.key")),
                ],
            ),
            "ANSINH_SIGNING_CERTIFICATE",
            "cần có",
            "beside it",
        ),
        (
            set(&path("p256.key"), &path("p256.key")),
            "ANSINH_SIGNING_CERTIFICATE",
            "không có chứng thư số",
            "no certificate",
        ),
    ] {
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{errors}");
        for part in [setting, vi, en] {
            assert!(errors.contains(part), "{part}: {errors}");
        }
    }
    let told = |output: Output| {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = told(doctor(&place, &[]));
    assert!(plain.contains("signing    Ed25519"), "{plain}");
    // One that has expired signs nothing, and stops nothing else.
    let expired = told(set(&path("p256-2024.pem"), &path("p256.key")));
    for part in ["đã hết hạn lúc 31/12/2024 23:59:59", "expired at"] {
        assert!(expired.contains(part), "{expired}");
    }
    // By files, and by the texts themselves.
    let key = fs::read_to_string(path("p256.key")).unwrap();
    let by_files = told(set(&path("p256.pem"), &path("p256.key")));
    let by_texts = told(set(&fs::read_to_string(path("p256.pem")).unwrap(), &key));
    for told in [by_files, by_texts] {
        assert!(told.contains("CMS/ECDSA-SHA256"), "{told}");
        let secret = key.lines().nth(1).unwrap();
        assert!(!told.contains(secret), "a key is never told");
    }
}
