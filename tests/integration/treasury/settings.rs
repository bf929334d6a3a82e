//! The channel of delivery as an operator sets it.

use std::fs;
use std::process::Output;

use tempfile::TempDir;

use crate::harness::Place;

fn doctor(place: &Place, settings: &[(&str, &str)]) -> Output {
    let mut command = place.command("doctor");
    for name in ["ANSINH_DELIVERY", "ANSINH_DROP_FOLDER", "ANSINH_CONFIG"] {
        command.env_remove(name);
    }
    command.envs(settings.iter().copied()).output().unwrap()
}

#[test]
fn a_channel_is_checked_at_the_start_and_told_by_the_doctor() {
    let (place, folder) = (Place::embedded(), TempDir::new().unwrap());
    place.migrate();
    let path = folder.path().to_str().unwrap();
    let gone = folder.path().join("gone");
    let file = place.command("doctor").get_current_dir().unwrap().join("a-file");
    fs::write(&file, b"").unwrap();
    for (settings, told) in [
        (vec![("ANSINH_DELIVERY", "drop_folder")], "ANSINH_DROP_FOLDER"),
        (
            vec![("ANSINH_DELIVERY", "drop_folder"), ("ANSINH_DROP_FOLDER", "")],
            "needs the setting ANSINH_DROP_FOLDER",
        ),
        (
            vec![
                ("ANSINH_DELIVERY", "drop_folder"),
                ("ANSINH_DROP_FOLDER", file.to_str().unwrap()),
            ],
            "ANSINH_DROP_FOLDER",
        ),
        (vec![("ANSINH_DELIVERY", "pigeon")], "pigeon"),
    ] {
        let output = doctor(&place, &settings);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && errors.contains(told),
            "{settings:?}: {errors}"
        );
    }
    let told = |output: Output| {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = told(doctor(&place, &[]));
    assert!(plain.contains("delivery   none"), "{plain}");
    let set = told(doctor(
        &place,
        &[("ANSINH_DELIVERY", "drop_folder"), ("ANSINH_DROP_FOLDER", path)],
    ));
    assert!(
        set.contains(&format!("drop folder {path}")) && set.contains("it answers"),
        "{set}"
    );
    // A share that is away stops no start.
    let away = told(doctor(
        &place,
        &[
            ("ANSINH_DELIVERY", "drop_folder"),
            ("ANSINH_DROP_FOLDER", gone.to_str().unwrap()),
        ],
    ));
    assert!(
        away.contains("it does not answer: ANSINH_DROP_FOLDER: there is no drop folder"),
        "{away}"
    );
    // The same from the settings file; the look left nothing behind.
    let config = place.command("doctor").get_current_dir().unwrap().join("ansinh.toml");
    fs::write(&config, format!("delivery = 'drop_folder'\ndrop_folder = '{path}'\n")).unwrap();
    let set = told(doctor(&place, &[("ANSINH_CONFIG", config.to_str().unwrap())]));
    assert!(set.contains(path), "{set}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
