use super::*;

#[tokio::test(start_paused = true)]
async fn a_deadline_holds_for_the_making_of_a_request() {
    let never = std::future::pending::<Result<(), Error>>();
    let error = in_time(Some(Duration::from_millis(50)), never).await.err().unwrap();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(in_time(None, async { Ok(()) }).await.is_ok());
}
