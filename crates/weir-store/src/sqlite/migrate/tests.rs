use super::*;

const FIRST: Migration = Migration { name: "0001_a", sql: "CREATE TABLE a (x) ;" };
const SECOND: Migration = Migration { name: "0002_b", sql: "CREATE TABLE b (x) ;" };
const BROKEN: Migration = Migration { name: "0002_b", sql: "CREATE TABLE b (x); nonsense;" };

fn tables(connection: &Connection) -> Vec<String> {
    connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap()
}

#[test]
fn each_file_is_applied_once_and_in_order() {
    let mut connection = Connection::open_in_memory().unwrap();
    run(&mut connection, &[FIRST]).unwrap();
    assert_eq!(tables(&connection), ["a", "migrations"]);
    run(&mut connection, &[FIRST, SECOND]).unwrap();
    run(&mut connection, &[FIRST, SECOND]).unwrap();
    assert_eq!(tables(&connection), ["a", "b", "migrations"]);
}

#[test]
fn a_file_that_fails_leaves_nothing_behind() {
    let mut connection = Connection::open_in_memory().unwrap();
    assert!(run(&mut connection, &[FIRST, BROKEN]).is_err());
    assert_eq!(tables(&connection), [""; 0]);
}

#[test]
fn an_edited_file_and_a_newer_database_are_told_apart() {
    let mut connection = Connection::open_in_memory().unwrap();
    run(&mut connection, &[FIRST, SECOND]).unwrap();

    let newer = run(&mut connection, &[FIRST]).unwrap_err();
    assert!(matches!(&newer, Fault::MigrationUnknown(name) if name == "0002_b"), "{newer}");

    let edited = Migration { sql: "CREATE TABLE a (y);", ..FIRST };
    let changed = run(&mut connection, &[edited, SECOND]).unwrap_err();
    assert!(matches!(&changed, Fault::MigrationChanged(name) if name == "0001_a"), "{changed}");
}
