use super::set_gemini_model;

fn check(body: &str, expected: &str) {
    let renamed = set_gemini_model(body.as_bytes(), "m").unwrap();
    assert_eq!(String::from_utf8(renamed).unwrap(), expected);
}

#[test]
fn the_model_is_set_wherever_a_body_names_one() {
    check(r#"{ "contents" : [] }"#, r#"{ "contents" : [] }"#);
    check(
        r#"{"model": "models/google-ai-studio/m", "content": {}}"#,
        r#"{"model": "models/m", "content": {}}"#,
    );
    check(
        r#"{"requests": [{"model": "models/x/m", "content": {}}, {"content": {}}]}"#,
        r#"{"requests": [{"model": "models/m", "content": {}},{"content": {}}]}"#,
    );
    check(
        r#"{"generateContentRequest": {"model": "models/x/m", "contents": []}}"#,
        r#"{"generateContentRequest": {"model": "models/m", "contents": []}}"#,
    );
}

#[test]
fn what_is_no_object_is_refused() {
    for body in ["[]", "{\"requests\": [1]}", "{\"requests\": {}}", "{"] {
        assert!(set_gemini_model(body.as_bytes(), "m").is_err(), "{body}");
    }
}
