//! Looking at the files the program wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{codes_in, payments, read_aloud};

/// Every file below a folder, by its path from there.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// Papers, workbooks and texts whose path fits say everything in words; gives how many there are.
pub(crate) fn speak_in_words(folder: &Path, fits: impl Fn(&Path) -> bool) -> usize {
    let mut papers = 0;
    for (path, bytes) in tree(folder).iter().filter(|(path, _)| fits(path)) {
        let Some(text) = read_aloud(path, bytes) else { continue };
        papers += 1;
        assert_eq!(codes_in(&text), [""; 0], "{}", path.display());
    }
    papers
}

/// The payment messages below a folder.
pub(super) fn messages(folder: &Path) -> Vec<PathBuf> {
    let xml = tree(folder)
        .into_keys()
        .filter(|path| path.extension().is_some_and(|own| own == "xml"));
    xml.map(|path| folder.join(path)).collect()
}

/// By a public tool, against the schema of ISO 20022 that the message names; gives its name.
pub(crate) fn check_schema(message: &Path) -> String {
    let text = fs::read_to_string(message).unwrap();
    let named = text.split("tech:xsd:").nth(1).unwrap().split('"').next().unwrap();
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xsd");
    let output = Command::new("xmllint")
        .args(["--noout", "--schema"])
        .arg(schemas.join(format!("{named}.xsd")))
        .arg(message)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    named.to_owned()
}

/// Count and sum as the manifest says, read by another reader than the one that wrote them.
pub(super) fn check_manifest(message: &Path) {
    let read = payments(&fs::read(message).unwrap());
    let name = message.file_stem().unwrap().to_str().unwrap();
    let manifest = fs::read_to_string(message.with_file_name(format!("{name}.manifest.json"))).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["count"], read.count);
    assert_eq!(manifest["sum"], read.sum);
    assert_eq!(manifest["message_id"], read.id);
    assert_eq!(manifest["format"], read.message);
}
