use super::set_gemini_model;

fn check(body: &str, expected: &str) {
    let set = set_gemini_model(body.as_bytes(), "gemini-embedding-001");
    assert_eq!(String::from_utf8(set).unwrap(), expected);
}

#[test]
fn the_name_changes_and_nothing_else() {
    check(
        r#" { "requests" :[{"model": "models/google-ai-studio/x", "n":1.0} ,{"content":{}}], "model":"x"}"#,
        r#" { "requests" :[{"model": "models/gemini-embedding-001", "n":1.0} ,{"content":{}}], "model":"models/gemini-embedding-001"}"#,
    );
    check(
        r#"{"generateContentRequest":{"model":"models/a/b","contents":[{"model":"kept"}]}}"#,
        r#"{"generateContentRequest":{"model":"models/gemini-embedding-001","contents":[{"model":"kept"}]}}"#,
    );
}

#[test]
fn what_has_another_form_passes() {
    for body in ["", "[1]", "{\"requests\":5}", "{\"contents\" : [ ]}", "{\"model\":null}"] {
        check(body, body);
    }
}

#[test]
fn a_whole_name_stays_whole() {
    let set = set_gemini_model(b"{\"model\":\"x\"}", "tunedModels/mine");
    assert_eq!(set, b"{\"model\":\"tunedModels/mine\"}");
}
