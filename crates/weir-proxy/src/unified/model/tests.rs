use super::{check, in_path};

#[test]
fn a_name_that_could_be_something_else_is_refused() {
    for name in ["openai/gpt-5", "@cf/meta/llama-3.1", "azure-openai/r/d", "a/b..c", "a/m:v?x#y"] {
        assert!(check(name).is_ok(), "{name}");
    }
    for name in ["a/../b", "a/..", "..\\a", "a/b\r\nx: y", &"a".repeat(513)] {
        assert!(check(name).is_err(), "{name}");
    }
}

#[test]
fn what_means_something_in_a_url_is_encoded() {
    assert_eq!(in_path("@cf/meta/llama-3.1"), "@cf/meta/llama-3.1");
    assert_eq!(in_path("m?x=1#y%2e:z \u{e9}"), "m%3Fx%3D1%23y%252e%3Az%20%C3%A9");
}
