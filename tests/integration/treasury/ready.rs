//! Readiness tells of a delivery target that is not there, and closes nothing for it.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use api::{Server, ServerOptions};
use serde_json::{Value, json};
use service::App;
use service::delivery::{DropFolder, Login, Sftp, SftpSettings, Transport};
use tempfile::TempDir;
use tokio::net::TcpSocket;

use crate::harness::{Call, House, each_engine};

/// Of no server: nobody is asked to prove who it is.
const HOST_KEY: &str = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";

/// The installation as a process serves it whose files leave by this road.
async fn served(house: &House, road: Arc<dyn Transport>) -> api::Running {
    let app = App {
        delivery: Some(road),
        ..house.app.clone()
    };
    let options = ServerOptions {
        listen: "127.0.0.1:0".to_owned(),
        threads: Some(1),
        ..ServerOptions::default()
    };
    Server::start(app, options).await.unwrap()
}

/// What readiness warns of; it is ready all the same.
async fn warnings(server: &api::Running) -> Value {
    let answer = Call::new("GET", &format!("http://{}/readyz", server.addr)).send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    assert_eq!(told["ready"], true);
    told["warnings"].clone()
}

#[test]
fn a_drop_folder_that_is_not_there_is_a_warning_until_it_is() {
    each_engine(async |house| {
        let root = TempDir::new().unwrap();
        let folder = root.path().join("treasury");
        let server = served(house, Arc::new(DropFolder::open(&folder).unwrap())).await;
        let told = warnings(&server).await;
        assert_eq!(told[0]["name"], "delivery_target");
        let words = told[0]["message"]["en"].as_str().unwrap();
        assert!(words.contains("is not there"), "{words}");
        let path = folder.to_str().unwrap();
        assert!(
            !told.to_string().contains(path),
            "where it is, is not for everybody: {told}"
        );
        fs::create_dir(&folder).unwrap();
        assert_eq!(warnings(&server).await, json!([]));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "a probe writes nothing");
        fs::remove_dir(&folder).unwrap();
        assert_eq!(warnings(&server).await[0]["name"], "delivery_target");
        server.stop().await.unwrap();
    });
}

#[test]
fn an_sftp_server_that_takes_no_connection_is_a_warning() {
    each_engine(async |house| {
        // A port that is bound is nobody else's, and takes no connection until it listens.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        let road = || {
            let settings = SftpSettings {
                host: address.ip().to_string(),
                port: address.port(),
                user: "ansinh".to_owned(),
                login: Login::Password("secret".to_owned()),
                host_keys: vec![HOST_KEY.to_owned()],
                folder: "in".to_owned(),
                acknowledgements: None,
                connect: Duration::from_secs(60),
                answer: Duration::from_secs(60),
                idle: Duration::from_secs(60),
            };
            Arc::new(Sftp::open(settings).unwrap())
        };
        let server = served(house, road()).await;
        let told = warnings(&server).await;
        assert_eq!(told[0]["name"], "delivery_target");
        assert!(told[0]["message"]["vi"].as_str().unwrap().contains("SFTP"), "{told}");
        server.stop().await.unwrap();
        let _listener = socket.listen(1).unwrap();
        let server = served(house, road()).await;
        assert_eq!(warnings(&server).await, json!([]));
        server.stop().await.unwrap();
    });
}
