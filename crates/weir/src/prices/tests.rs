use super::*;

fn table(as_of: &str) -> String {
    format!(
        r#"{{"schema":"aig-prices/1","as_of":"{as_of}","models":[
            {{"provider":"p","model":"m","per_million_tokens":{{"input":"1"}}}}]}}"#
    )
}

#[test]
fn the_newer_of_file_and_build_is_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
    let knows = |config: &Config| load(config).unwrap().find("p", "m").is_some();
    assert!(!knows(&config));
    let file = path(&config);
    std::fs::write(&file, table("2099-01-01")).unwrap();
    assert!(knows(&config));
    std::fs::write(&file, table("2001-01-01")).unwrap();
    assert!(!knows(&config));
    // What the operator names is in force whatever its age.
    config.prices.file = Some(file.clone());
    assert!(knows(&config));
    std::fs::write(&file, "{").unwrap();
    let error = format!("{:#}", load(&config).unwrap_err());
    assert!(error.contains("prices.file") && error.contains("not JSON"), "{error}");
    config.prices.file = None;
    assert!(format!("{:#}", load(&config).unwrap_err()).contains("delete this file"));
}
