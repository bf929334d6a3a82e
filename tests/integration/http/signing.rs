//! Who signs an instrument, and what: the simulation that was read, with what the check found.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::{Role, job};

use super::instrument::{Office, act, check, draft, newest_simulation, read, resolution, send, simulate, tag};
use crate::harness::{Answer, House, each_engine};

#[test]
fn no_second_key_of_the_author_approves() {
    each_engine(async |house| {
        // One drafts, another edits, a third submits: neither of the first two signs what they wrote.
        let all = [Role::Preparer, Role::Approver, Role::Releaser];
        let (author, editor, submitter) = (house.keys(&all).await, house.keys(&all).await, house.keys(&all).await);
        let office = Office {
            preparer: author[0].clone(),
            approver: house.key(Role::Approver, None).await,
            releaser: house.key(Role::Releaser, None).await,
        };
        let mut body = resolution("NQ 1/2024", "2024-10-01");
        let (path, etag) = draft(house, &office, &body).await;
        body["title"] = json!("Mức khác");
        let edited = send(house, &editor[0], "PUT", &path, &etag, Some(&body)).await;
        assert_eq!(edited.status, 200, "{edited:?}");
        check(house, &office, &path).await;
        simulate(house, &office, &path).await;
        assert_eq!(act(house, &office, &submitter[0], &path, "submit").await.status, 200);
        for person in [&author, &editor, &submitter] {
            let refused = act(house, &office, &person[1], &path, "approve").await;
            assert_eq!(refused.status, 403, "{refused:?}");
            refused.problem("same-person");
        }
        act(house, &office, &office.releaser, &path, "publish")
            .await
            .problem("illegal-transition");
        assert_eq!(
            act(house, &office, &office.approver, &path, "approve").await.status,
            200
        );
        for person in [&author, &editor, &submitter] {
            act(house, &office, &person[2], &path, "publish")
                .await
                .problem("same-person");
        }
        assert_eq!(
            act(house, &office, &office.releaser, &path, "publish").await.status,
            202
        );
    });
}

#[test]
fn whoever_attached_the_text_does_not_approve_it() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let clerk = house.keys(&[Role::Preparer, Role::Approver]).await;
        let (path, etag) = draft(house, &office, &resolution("NQ 1/2024", "2024-10-01")).await;
        let put = house
            .call("PUT", &format!("{path}/text"))
            .key(&clerk[0])
            .if_match(&etag);
        let attached = put.body("application/pdf", &b"%PDF-1.7 one"[..]).send().await;
        assert_eq!(attached.status, 200, "{attached:?}");
        check(house, &office, &path).await;
        simulate(house, &office, &path).await;
        assert_eq!(act(house, &office, &office.preparer, &path, "submit").await.status, 200);
        act(house, &office, &clerk[1], &path, "approve")
            .await
            .problem("same-person");
    });
}

#[test]
fn the_database_refuses_the_signature_of_a_drafter() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let body = resolution("NQ 1/2024", "2024-10-01");
        let (path, etag) = draft(house, &office, &body).await;
        // Somebody else edits it: who drafted it first stays on record with the earlier revision.
        let editor = house.key(Role::Preparer, None).await;
        let edited = send(house, &editor, "PUT", &path, &etag, Some(&body)).await;
        assert_eq!(edited.status, 200, "{edited:?}");
        let id = if house.app.db.is_sqlite() {
            "lower(hex(own.id))"
        } else {
            "replace(own.id::text, '-', '')"
        };
        for (act, revision) in [("approve", 1), ("release", 2)] {
            let sql = format!(
                "INSERT INTO approval_act (id, subject, revision, act, user_id, digest, at)
                 SELECT own.id, 'instrument:' || {id}, own.revision, '{act}', was.drafted_by, 'd', own.updated_at
                 FROM instrument AS own JOIN instrument_revision AS was ON was.instrument_id = own.id
                 WHERE own.number = 'NQ 1/2024' AND was.revision = {revision}"
            );
            let refused = house.app.db.owner().execute_unprepared(&sql).await.unwrap_err();
            let told = refused.to_string();
            assert!(told.contains("refused approval_act: not_approved"), "{act}: {told}");
        }
    });
}

/// Somebody more is registered, so that the next simulation says something else.
async fn one_more_person(house: &House) {
    let caseworker = house.key(Role::Caseworker, None).await;
    let person = json!({"full_name": "Phạm Thị Lan", "birth_date": "1990-05-01", "sex": "female",
        "residences": [{"area": "06652", "from": "2018-01-01", "setting": "community"}], "evidence": []});
    let call = house.call("POST", "/v1/persons").key(&caseworker).once("one more");
    assert_eq!(call.json(&person).send().await.status, 201);
    job::drain(&house.app, job::KINDS).await.unwrap();
}

/// Signs what was read, with the present entity tag.
async fn sign(house: &House, office: &Office, (key, verb): (&str, &str), path: &str, read: &Value) -> Answer {
    let tag = tag(house, office, path).await;
    send(house, key, "POST", &format!("{path}/{verb}"), &tag, Some(read)).await
}

/// The simulations of an instrument, the newest first: sample, status and what binds to it.
async fn listed(house: &House, office: &Office, path: &str) -> Vec<(Value, Value, Value)> {
    let list = house.call("GET", &format!("{path}/simulations")).key(&office.approver);
    let list = list.send().await;
    assert_eq!(list.status, 200, "{list:?}");
    let items = list.json()["items"].as_array().unwrap().clone();
    let told = items.into_iter().map(|own| {
        assert!(own.get("result").is_none(), "{own}");
        (own["sample"].clone(), own["status"].clone(), own["bound"].clone())
    });
    told.collect()
}

#[test]
fn a_signature_binds_to_the_simulation_that_was_read() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let (path, _) = draft(house, &office, &resolution("NQ 1/2024", "2024-10-01")).await;
        check(house, &office, &path).await;
        simulate(house, &office, &path).await;
        assert_eq!(act(house, &office, &office.preparer, &path, "submit").await.status, 200);
        let before = read(house, &office, &path).await;
        // While the approver reads, another one says something else.
        one_more_person(house).await;
        simulate(house, &office, &path).await;
        let approval = (office.approver.as_str(), "approve");
        let unread = sign(house, &office, approval, &path, &before).await;
        assert_eq!(unread.status, 409, "{unread:?}");
        unread.problem("content-changed");
        let nothing = json!({"simulation": "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e"});
        sign(house, &office, approval, &path, &nothing)
            .await
            .problem("content-changed");
        let faults = sign(house, &office, approval, &path, &json!({}))
            .await
            .problem("invalid");
        assert_eq!(faults[0].0, "/simulation");
        let now = read(house, &office, &path).await;
        assert_ne!(now, before);
        assert_eq!(sign(house, &office, approval, &path, &now).await.status, 200);
        let done = json!("done");
        assert_eq!(
            listed(house, &office, &path).await,
            [
                (Value::Null, done.clone(), json!(["approve"])),
                (Value::Null, done.clone(), json!(["make"])),
            ]
        );
        let publication = (office.releaser.as_str(), "publish");
        sign(house, &office, publication, &path, &before)
            .await
            .problem("content-changed");
        assert_eq!(sign(house, &office, publication, &path, &now).await.status, 202);
        assert_eq!(listed(house, &office, &path).await[0].2, json!(["approve", "release"]));
    });
}

#[test]
fn who_submits_signs_the_simulation_that_was_read() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let (path, _) = draft(house, &office, &resolution("NQ 1/2024", "2024-10-01")).await;
        check(house, &office, &path).await;
        simulate(house, &office, &path).await;
        let before = read(house, &office, &path).await;
        // While the drafter reads, another one says something else.
        one_more_person(house).await;
        simulate(house, &office, &path).await;
        let submission = (office.preparer.as_str(), "submit");
        let unread = sign(house, &office, submission, &path, &before).await;
        assert_eq!(unread.status, 409, "{unread:?}");
        unread.problem("content-changed");
        let nothing = json!({"simulation": "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e"});
        sign(house, &office, submission, &path, &nothing)
            .await
            .problem("content-changed");
        // A body that is there is read as strictly as any.
        let faults = sign(house, &office, submission, &path, &json!({}))
            .await
            .problem("invalid");
        assert_eq!(faults[0].0, "/simulation");
        let call = house.call("POST", &format!("{path}/submit")).key(&office.preparer);
        let call = call.once("text").if_match(&tag(house, &office, &path).await);
        call.body("text/plain", "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e")
            .send()
            .await
            .problem("unsupported-media-type");
        assert!(listed(house, &office, &path).await.iter().all(|own| own.2 == json!([])));
        let now = read(house, &office, &path).await;
        let submitted = sign(house, &office, submission, &path, &now).await;
        assert_eq!(
            (submitted.status, &submitted.json()["status"]),
            (200, &json!("submitted"))
        );
        assert_eq!(listed(house, &office, &path).await[0].2, json!(["make"]));

        // Who names none signs the newest of everybody.
        let (other, _) = draft(house, &office, &resolution("NQ 2/2024", "2024-11-01")).await;
        check(house, &office, &other).await;
        simulate(house, &office, &other).await;
        let tag = tag(house, &office, &other).await;
        let unnamed = send(house, &office.preparer, "POST", &format!("{other}/submit"), &tag, None).await;
        assert_eq!(unnamed.status, 200, "{unnamed:?}");
        assert_eq!(listed(house, &office, &other).await[0].2, json!(["make"]));
    });
}

#[test]
fn neither_a_sample_nor_one_under_way_hides_the_simulation_that_was_signed() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        one_more_person(house).await;
        let (path, _) = draft(house, &office, &resolution("NQ 1/2024", "2024-10-01")).await;
        check(house, &office, &path).await;
        let get = async |query: &str| {
            let call = house.call("GET", &format!("{path}{query}"));
            call.key(&office.approver).send().await
        };
        let ask = format!("{path}/simulate");
        let begun = send(house, &office.preparer, "POST", &ask, "*", None).await;
        // Its progress is read where it says, while nothing is there to be signed.
        get("/simulation").await.problem("not-found");
        let own = house
            .call("GET", begun.header("location"))
            .key(&office.preparer)
            .send()
            .await;
        assert_eq!(own.json()["status"], "running");
        job::drain(&house.app, job::KINDS).await.unwrap();
        assert_eq!(act(house, &office, &office.preparer, &path, "submit").await.status, 200);
        let signed = get("/simulation").await.json();
        assert_eq!(
            (&signed["id"], &signed["bound"]),
            (&begun.json()["id"], &json!(["make"]))
        );

        let sample = send(house, &office.preparer, "POST", &format!("{ask}?sample=2"), "*", None).await;
        job::drain(&house.app, job::KINDS).await.unwrap();
        send(house, &office.preparer, "POST", &ask, "*", None).await;
        assert_eq!(get("/simulation").await.json(), signed);
        assert_eq!(get("/simulation.xlsx").await.status, 200);
        let id = sample.json()["id"].as_str().unwrap().to_owned();
        let told = get(&format!("/simulation?id={id}")).await.json();
        assert_eq!((&told["sample"], &told["bound"]), (&json!(2), &json!([])));
        assert_eq!(get(&format!("/simulation.xlsx?id={id}")).await.status, 200);
        assert_eq!(
            listed(house, &office, &path).await,
            [
                (Value::Null, json!("running"), json!([])),
                (json!(2), json!("done"), json!([])),
                (Value::Null, json!("done"), json!(["make"])),
            ]
        );
        let running = newest_simulation(house, &office.approver, &path).await["id"].clone();
        let running = running.as_str().unwrap();
        get(&format!("/simulation.xlsx?id={running}"))
            .await
            .problem("not-found");
        // Of another instrument it is not there.
        let (other, _) = draft(house, &office, &resolution("NQ 2/2024", "2024-11-01")).await;
        let stray = house.call("GET", &format!("{other}/simulation?id={id}"));
        stray.key(&office.approver).send().await.problem("not-found");
    });
}

#[test]
fn the_approver_reads_what_the_check_found_and_signs_it() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let mut body = resolution("NQ 1/2024", "2024-10-01");
        body["provisions"][0]["parameters"][0]["value"] = json!(490_000);
        let (path, _) = draft(house, &office, &body).await;
        let found = async || {
            let call = house.call("GET", &format!("{path}/findings")).key(&office.approver);
            let answer = call.send().await;
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()["items"].as_array().unwrap().clone()
        };
        let checked = check(house, &office, &path).await;
        assert!(checked.iter().any(|one| one["code"] == "below_floor"), "{checked:?}");
        assert_eq!(found().await, checked, "with the key of the approver");
        simulate(house, &office, &path).await;
        assert_eq!(act(house, &office, &office.preparer, &path, "submit").await.status, 200);
        let shown = newest_simulation(house, &office.approver, &path).await;
        assert_eq!(shown["result"]["findings"], json!(checked));
        let before = read(house, &office, &path).await;
        // Another draft of the same clause is found too from now on, and nothing else differs.
        draft(house, &office, &resolution("NQ 2/2024", "2024-11-01")).await;
        let more = found().await;
        assert!(more.len() > checked.len(), "{more:?}");
        simulate(house, &office, &path).await;
        let again = newest_simulation(house, &office.approver, &path).await;
        assert_eq!(again["result"]["findings"], json!(more));
        assert_ne!(again["digest"], shown["digest"], "signatures bind to the findings");
        let approval = (office.approver.as_str(), "approve");
        sign(house, &office, approval, &path, &before)
            .await
            .problem("content-changed");
        assert_eq!(
            act(house, &office, &office.approver, &path, "approve").await.status,
            200
        );
        assert_eq!(
            act(house, &office, &office.releaser, &path, "publish").await.status,
            202
        );
        assert_eq!(found().await, Vec::<Value>::new(), "published law is checked no more");
    });
}
