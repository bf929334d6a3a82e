//! Uploads that are larger than anything the API takes.

use serde_json::json;
use service::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::documents::operations;
use super::permissions::OPERATIONS;
use crate::harness::each_engine;

/// 200 MB.
const LENGTH: usize = 200 * 1024 * 1024;
/// How much is sent at a time.
const PIECE: usize = 1024 * 1024;

/// Operations whose body is a file: method, path and a role that may.
fn uploads() -> Vec<(String, String, Role)> {
    let mut found = Vec::new();
    for (method, path, told) in operations() {
        let Some(content) = told["requestBody"]["content"].as_object() else {
            continue;
        };
        if content.contains_key("application/json") {
            continue;
        }
        let id = told["operationId"].as_str().unwrap();
        let (_, permissions, _) = OPERATIONS.iter().find(|(known, ..)| *known == id).unwrap();
        let role = permissions.unwrap()[0].roles()[0];
        let path = path.replace("{id}", "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e");
        found.push((method, path, role));
    }
    found
}

/// Streams 200 MB without a word of their length, until they are all sent or the server answers; gives the answer.
async fn stream(address: &str, head: &str) -> String {
    let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
    let head = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    let sending = tokio::spawn(async move {
        let piece = vec![b'x'; PIECE];
        writer.write_all(head.as_bytes()).await.ok()?;
        for _ in 0..LENGTH / PIECE {
            writer.write_all(format!("{PIECE:x}\r\n").as_bytes()).await.ok()?;
            writer.write_all(&piece).await.ok()?;
            writer.write_all(b"\r\n").await.ok()?;
        }
        writer.write_all(b"0\r\n\r\n").await.ok()
    });
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while !(answer.ends_with(b"}") && String::from_utf8_lossy(&answer).contains("\r\n\r\n")) {
        match reader.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(read) => answer.extend_from_slice(&chunk[..read]),
        }
    }
    sending.abort();
    String::from_utf8(answer).unwrap()
}

#[test]
fn a_file_of_200_megabytes_is_refused_while_it_comes_and_nothing_is_stored() {
    each_engine(async |house| {
        let address = house.base.trim_start_matches("http://").to_owned();
        let found = uploads();
        assert!(found.iter().any(|(_, path, _)| path == "/v1/bank-reports"));
        for (method, path, role) in found {
            let key = house.key(role, None).await;
            // A file that stands by itself has a name.
            let name = if path == "/v1/bank-reports" {
                "?file_name=large.xml"
            } else {
                ""
            };
            let head = format!(
                "{method} {path}{name} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\
                 Content-Type: application/octet-stream\r\nIdempotency-Key: k\r\nIf-Match: \"1\"\r\n"
            );
            let answer = stream(&address, &head).await;
            assert!(answer.starts_with("HTTP/1.1 413"), "{path}: {answer}");
            assert!(answer.contains("/problems/too-large"), "{path}: {answer}");
        }
        let treasury = house.key(Role::Treasury, None).await;
        let listed = house.call("GET", "/v1/bank-reports").key(&treasury).send().await.json();
        assert_eq!(listed["items"], json!([]));
        // The key was not used up, and the server goes on.
        let upload = house
            .call("POST", "/v1/bank-reports?file_name=small.xml")
            .key(&treasury)
            .once("k");
        let answer = upload.body("application/octet-stream", "xin chào").send().await;
        answer.problem("unreadable-bank-file");
    });
}
