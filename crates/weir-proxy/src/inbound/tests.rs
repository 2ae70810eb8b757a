use super::*;

#[tokio::test(start_paused = true)]
async fn a_deadline_holds_for_the_making_of_a_request() {
    let never = pin!(std::future::pending::<Result<(), Error>>());
    let error = in_time(Some(Duration::from_millis(50)), never).await.err().unwrap();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(in_time(None, pin!(async { Ok(()) })).await.is_ok());
}

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
