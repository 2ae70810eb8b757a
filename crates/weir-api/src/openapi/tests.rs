use std::collections::BTreeSet;
use std::{env, fs};

use super::document;
use crate::tests::TestApi;
use crate::v4;

/// Set `WEIR_BLESS=1` to write the present document (`make bless`).
#[test]
fn the_document_in_the_tree_is_the_present_one() {
    let table = v4::table(TestApi::new().api());
    let mut printed = serde_json::to_string_pretty(&document(table.routes())).unwrap();
    printed.push('\n');
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    if env::var_os("WEIR_BLESS").is_some() {
        fs::write(path, &printed).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert!(kept == printed, "the API changed: look at the change, then run make bless");
}

#[test]
fn operation_ids_are_unique() {
    let table = v4::table(TestApi::new().api());
    let mut seen = BTreeSet::new();
    for route in table.routes() {
        assert!(seen.insert(route.operation.id), "{}", route.operation.id);
    }
}
