use rusqlite::ffi;

use super::*;

fn text(code: i32) -> String {
    let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
    Fault::from(error).at(Path::new("/data/logs.db")).to_string()
}

#[test]
fn the_operator_reads_which_file_and_what_to_do() {
    for (code, words) in [
        (ffi::SQLITE_FULL, "free some space"),
        (ffi::SQLITE_BUSY, "another process"),
        (ffi::SQLITE_READONLY, "read-only"),
        (ffi::SQLITE_CANTOPEN, "owner and mode"),
        (ffi::SQLITE_IOERR, "the system's log"),
        (ffi::SQLITE_NOTADB, "restore a backup"),
    ] {
        let text = text(code);
        assert!(text.starts_with("store failed: /data/logs.db: "), "{text}");
        assert!(text.contains(words), "{text}");
    }
}
