use super::*;

fn table(rows: &[(&str, &str)]) -> PriceTable {
    let rows: Vec<String> = rows
        .iter()
        .map(|(model, input)| {
            format!(
                r#"{{"provider":"p","model":"{model}","per_million_tokens":{{"input":"{input}"}}}}"#
            )
        })
        .collect();
    let text = format!(
        r#"{{"schema":"aig-prices/1","as_of":"2026-11-20","models":[{}]}}"#,
        rows.join(",")
    );
    PriceTable::parse(&text).unwrap()
}

#[test]
fn changes_are_told_and_leaps_need_a_word() {
    let present = table(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]);
    let new = table(&[("a", "1"), ("b", "4.9"), ("c", "0.2"), ("e", "1")]);
    let changes = Changes::between(&present, &new);
    assert_eq!(
        changes.lines(),
        [
            "1 added, 1 removed, 2 changed",
            "+ p/e",
            "- p/d",
            "~ p/b: input 1 -> 4.9",
            "~ p/c: input 1 -> 0.2"
        ]
    );
    assert_eq!(changes.leaps(&[]), ["p/c"]);
    assert!(changes.leaps(&["p/c".to_owned()]).is_empty());
}

#[test]
fn a_file_is_replaced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("prices.json");
    replace(&target, b"one").unwrap();
    replace(&target, b"two").unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), b"two");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(replace(&folder.path().join("none/prices.json"), b"x").is_err());
}
