use super::{after_host, climbs, names_another_model};

#[test]
fn a_path_stays_below_its_base() {
    for path in ["v1/./x/../y", "a..b/..c", "x?a=/../..", "run/@cf/m", "a%2Fb/c", "%25..", ""] {
        assert!(!climbs(path), "{path}");
    }
    let out =
        ["..", "../x", "run/../../x", "a//../../x", "x/%2e%2E/.%2e", "a%2f..%2F..", "a\\..\\.."];
    for path in out {
        assert!(climbs(path), "{path}");
    }
}

#[test]
fn a_path_names_one_model() {
    for (slug, path) in [
        ("google-ai-studio", "v1beta/models/a/../b:generateContent"),
        ("azure-openai", "res/a/..%2fb/chat/completions"),
        ("aws-bedrock", "bedrock-runtime/r/model/a/%2E%2e/b/converse"),
        ("fal", "fal-ai/a/../b"),
    ] {
        assert!(names_another_model(slug, path), "{slug}/{path}");
    }
    for (slug, path) in [
        ("openai", "v1/./x/../y"),
        ("google-ai-studio", "v1beta/models/a..b:generateContent?x=../.."),
        ("aws-bedrock", "bedrock-runtime/r/model/a%2Fb/converse"),
    ] {
        assert!(!names_another_model(slug, path), "{slug}/{path}");
    }
}

#[test]
fn a_target_url_has_a_path() {
    for (url, path) in [
        ("https://fal.run/fal-ai/flux?x=1", "fal-ai/flux?x=1"),
        ("https://fal.run", ""),
        ("https://fal.run?x=1", "?x=1"),
        ("nonsense", ""),
    ] {
        assert_eq!(after_host(url), path, "{url}");
    }
}
