//! The signature beside a delivered file: checked by public tools, and the same bytes at every attempt.

use serde_json::json;
use service::App;
use service::delivery;
use service::job;

use super::road::{Dispatch, Fate, Road};
use crate::file_format::signatures::{certificate, openssl_takes};
use crate::harness::each_engine;

/// The installation as a process sees it whose files leave by this road, signed by this certificate.
fn signing(dispatch: &Dispatch, road: &std::sync::Arc<Road>, name: &str, key: &str) -> App {
    App {
        signing: Some(certificate(name, key)),
        ..dispatch.by(road)
    }
}

#[test]
fn a_resend_has_the_same_signature_whatever_signs_by_then() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await;
        let closed = Road::to(dispatch.folder.path(), Fate::CannotLeave);
        let before = signing(&dispatch, &closed, "p256.pem", "p256.key");
        delivery::deliver(&before, &dispatch.treasury, file.id).await.unwrap();
        job::drain(&before, job::KINDS).await.unwrap();
        // The certificate is replaced while the target can't be reached.
        let road = Road::to(dispatch.folder.path(), Fate::Arrives);
        let after = signing(&dispatch, &road, "rsa.pem", "rsa.key");
        dispatch.later().await;
        job::drain(&after, job::KINDS).await.unwrap();
        assert_eq!(json!(dispatch.last(file.id).await.status), json!("sent"));
        assert_eq!(closed.parcels(), road.parcels());
        let there = dispatch.lies_there();
        assert_eq!(there.len(), 3, "{:?}", there.keys());
        let (name, manifest) = there.iter().find(|(name, _)| name.ends_with(".manifest.json")).unwrap();
        let signature = &there[&format!("{name}.p7s")];
        assert!(openssl_takes(signature, manifest));
        let altered = [&manifest[..], b" "].concat();
        assert!(!openssl_takes(signature, &altered));
        dispatch.holds().await;
    });
}

#[test]
fn each_file_goes_with_a_manifest_and_a_signature_over_it() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        let road = Road::to(dispatch.folder.path(), Fate::Arrives);
        dispatch.release(&dispatch.by(&road)).await;
        dispatch.drain(&road).await;
        let parcels = road.parcels();
        assert!(parcels.len() > 2);
        for parcel in parcels {
            assert!(
                parcel.manifest.is_some() && parcel.signature.is_some(),
                "{}",
                parcel.name
            );
        }
        dispatch.holds().await;
    });
}

#[test]
fn with_an_expired_certificate_nothing_leaves_and_after_its_renewal_the_file_does() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await;
        house
            .app
            .set_clock("2025-01-02T01:00:00Z".parse().unwrap())
            .await
            .unwrap();
        let road = Road::to(dispatch.folder.path(), Fate::Arrives);
        let expired = signing(&dispatch, &road, "p256-2024.pem", "p256.key");
        delivery::deliver(&expired, &dispatch.treasury, file.id).await.unwrap();
        job::drain(&expired, job::KINDS).await.unwrap();
        let failed = dispatch.last(file.id).await;
        assert_eq!(
            (json!(failed.status), failed.error.as_deref()),
            (json!("failed"), Some("not_signed"))
        );
        assert!(failed.detail.unwrap().contains("expired at"));
        assert_eq!((road.sent(), dispatch.lies_there().len()), (0, 0));
        let renewed = signing(&dispatch, &road, "p256.pem", "p256.key");
        delivery::deliver(&renewed, &dispatch.treasury, file.id).await.unwrap();
        job::drain(&renewed, job::KINDS).await.unwrap();
        assert_eq!(json!(dispatch.last(file.id).await.status), json!("sent"));
        dispatch.holds().await;
    });
}
