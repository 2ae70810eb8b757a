use std::os::unix::fs::symlink;

use super::*;

fn own(dir: &tempfile::TempDir) -> (KeyPlace, PathBuf) {
    let place = KeyPlace::new(&MasterKeySource::Generated, dir.path());
    (place, dir.path().join(GENERATED_FILE))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn error(place: &KeyPlace) -> String {
    match place.read() {
        Ok(_) => panic!("read {place}"),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn a_generated_key_is_read_back_and_for_the_own_user_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (place, path) = own(&dir);
    assert!(place.read().unwrap().is_none());
    let keys = place.generate().unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(place.read().unwrap().unwrap().present().id(), keys.present().id());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left over");
}

#[test]
fn our_own_file_is_refused_when_others_may_read_it() {
    let dir = tempfile::tempdir().unwrap();
    let (place, path) = own(&dir);
    place.generate().unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let text = error(&place);
    assert!(text.contains("master.key") && text.contains("chmod 600"), "{text}");

    // The same file, provided by the operator, is merely warned about.
    assert!(KeyPlace::File(path).read().unwrap().is_some());
}

#[test]
fn an_operators_file_must_be_there_and_hold_whole_keys() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("weir.key");
    let place = KeyPlace::File(path.clone());
    assert!(error(&place).contains("weir.key: the key file cannot be read"));
    fs::write(&path, "0123456789abcdef0123").unwrap();
    assert!(error(&place).contains("weir.key: line 1 holds no key"));
    fs::write(&path, "ab".repeat(32) + "\n" + &"#".repeat(64 * 1024)).unwrap();
    assert!(error(&place).contains("longer than 64 KiB"));
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(error(&place).contains("weir.key: the key file cannot be read"));
}

#[test]
fn replacing_a_file_keeps_its_mode_and_the_link_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let (file, link) = (dir.path().join("file"), dir.path().join("link"));
    fs::write(&file, "former").unwrap();
    fs::write(dir.path().join("file.new"), "left over").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o440)).unwrap();
    symlink(&file, &link).unwrap();
    replace_file(&link, b"new").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert_eq!(mode(&file), 0o440);
    assert!(link.is_symlink());
    assert!(!dir.path().join("file.new").exists());
}

#[test]
fn a_value_is_not_ours_to_replace() {
    let hex = "ab".repeat(32);
    let place = KeyPlace::Value(Secret::new(hex.clone()));
    let keys = place.read().unwrap().unwrap();
    let text = place.write(&keys).unwrap_err().to_string();
    assert!(text.contains("above the present one"), "{text}");
    assert!(!format!("{:?}", MasterKeySource::Value(Secret::new(hex))).contains("abab"));
}
