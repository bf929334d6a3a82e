//! Who sees and writes what.

use serde_json::json;
use service::access::{CreateClient, NewGrant};
use service::area::ListAreas;
use service::person::{ListPersons, Move};
use service::{Actor, ProblemCode, Role, access, area, person};

use crate::house::{House, code, create, day, fault, faults, lan};

#[tokio::test]
async fn a_caseworker_sees_and_writes_their_own_area_alone() {
    let house = House::new().await;
    let app = &house.app;
    let here = house.actor("Hạnh", Role::Caseworker, Some("06652@1900-01")).await;
    let district = house.actor("Dũng", Role::Caseworker, Some("193@1900-01")).await;
    let elsewhere = house.actor("Minh", Role::Caseworker, Some("06658@1900-01")).await;
    let lan_here = create(app, &here, lan()).await.unwrap();

    assert_eq!(
        person::get(app, &district, lan_here.id).await.unwrap().full_name,
        "Phạm Thị Lan"
    );
    assert_eq!(
        code(person::get(app, &elsewhere, lan_here.id).await),
        ProblemCode::NotFound
    );
    let found = |actor: Actor| async move {
        let by_name = ListPersons {
            name: Some("PHAM THI".into()),
            ..ListPersons::default()
        };
        person::list(app, &actor, by_name).await.unwrap().items.len()
    };
    assert_eq!(
        (
            found(here.clone()).await,
            found(district).await,
            found(elsewhere.clone()).await
        ),
        (1, 1, 0)
    );
    let mut other = lan();
    other["citizen_id"] = json!("022190009999");
    assert_eq!(
        code(create(app, &elsewhere, other.clone()).await),
        ProblemCode::NotFound
    );
    other["residences"][0]["area"] = json!("99999");
    let unknown = faults(create(app, &elsewhere, other).await);
    assert_eq!(unknown, [fault("/residences/0/area", "unknown_area")]);

    let there = Move {
        area: "06658".into(),
        from: day("2024-08-01"),
        setting: entity::enums::Setting::Community,
    };
    person::move_person(app, &here, lan_here.id, 1, there).await.unwrap();
    assert_eq!(code(person::get(app, &here, lan_here.id).await), ProblemCode::NotFound);
    assert_eq!(
        person::get(app, &elsewhere, lan_here.id)
            .await
            .unwrap()
            .residences
            .len(),
        2
    );
}

#[tokio::test]
async fn a_grant_ends_with_its_area_and_an_ended_key_opens_nothing() {
    let house = House::new().await;
    let app = &house.app;
    let installer = Actor::system("test");
    let grants = vec![NewGrant {
        role: Role::Caseworker,
        area_id: Some("06652@1900-01".into()),
    }];
    let created = access::create_client(
        app,
        &installer,
        CreateClient {
            name: "Một cửa".into(),
            user_id: None,
            grants,
        },
    );
    let created = created.await.unwrap();
    let ward = |actor: &Actor| access::me(actor).roles[0].areas.clone().unwrap();
    assert_eq!(
        ward(&access::authenticate(app, &created.key).await.unwrap()),
        ["06652@1900-01"]
    );
    house.at(2025, 8, 1);
    assert!(ward(&access::authenticate(app, &created.key).await.unwrap()).is_empty());
    access::revoke_client(app, &installer, created.client.id).await.unwrap();
    assert_eq!(
        code(access::authenticate(app, &created.key).await),
        ProblemCode::Unauthenticated
    );
    assert_eq!(
        code(access::authenticate(app, "ansinh_x_y").await),
        ProblemCode::Unauthenticated
    );
}

#[tokio::test]
async fn the_first_key_is_given_once_and_manages_access() {
    let house = House::new().await;
    let key = access::bootstrap(&house.app).await.unwrap().unwrap();
    assert_eq!(access::bootstrap(&house.app).await.unwrap(), None);
    let administrator = access::authenticate(&house.app, &key).await.unwrap();
    let me = access::me(&administrator);
    assert!(
        me.permissions.contains(&"AccessManage".to_owned()) && !me.permissions.contains(&"RegistryRead".to_owned())
    );
    assert_eq!(
        code(create(&house.app, &administrator, lan()).await),
        ProblemCode::Forbidden
    );
    assert_eq!(
        code(access::revoke_client(&house.app, &administrator, administrator.client_id).await),
        ProblemCode::Conflict
    );
}

#[tokio::test]
async fn pages_follow_each_other_and_a_cursor_fits_its_own_list_alone() {
    let house = House::new().await;
    let app = &house.app;
    let actor = Actor::system("test");
    let list = |as_of: &str, cursor: Option<String>| {
        let command = ListAreas {
            as_of: Some(day(as_of)),
            parent: Some("193".into()),
            limit: Some(5),
            cursor,
        };
        let actor = actor.clone();
        async move { area::list(app, &actor, command).await }
    };
    let first = list("2024-08-20", None).await.unwrap();
    let second = list("2024-08-20", first.next.clone()).await.unwrap();
    assert_eq!((first.items.len(), second.items.len()), (5, 5));
    assert!(first.items[4].code < second.items[0].code);
    assert_eq!(
        code(list("2024-08-21", first.next.clone()).await),
        ProblemCode::InvalidCursor
    );
    assert_eq!(
        code(list("2024-08-20", Some("00".into())).await),
        ProblemCode::InvalidCursor
    );
    let everyone = ListPersons {
        limit: Some(201),
        ..ListPersons::default()
    };
    assert_eq!(
        code(person::list(app, &actor, everyone).await),
        ProblemCode::InvalidRequest
    );
}
