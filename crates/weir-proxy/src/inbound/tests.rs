use super::*;

#[test]
fn a_body_with_two_readings_is_refused() {
    let check = |pairs: &[(&'static str, &'static str)]| {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        readable(&headers).is_ok()
    };
    assert!(check(&[("content-type", "application/json"), ("content-encoding", "identity")]));
    assert!(!check(&[("content-encoding", "identity"), ("content-encoding", "gzip")]));
    let form = ("content-type", "multipart/form-data; boundary=a");
    assert!(!check(&[form, ("content-type", "multipart/form-data; boundary=b")]));
}
