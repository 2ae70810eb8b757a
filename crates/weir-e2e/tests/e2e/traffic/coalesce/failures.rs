//! Calls that come to nothing.

use super::*;

use weir_e2e::upstream::Answer;

use crate::traffic::rig::{assert_row, cache_status, completion, rows};

#[tokio::test]
async fn an_error_is_shared_with_those_who_wait_and_nobody_later() -> Result<()> {
    let rig = sharing().await?;
    let error = json!({"error": {"message": "no such model", "type": "invalid_request_error"}});
    let good = Answer::json(200, &completion("pong"));
    rig.upstream.script("openai", [Answer::json(404, &error).after(SLOW), good]);
    for answer in all_at_once(&rig, &ask("a"), 4).await? {
        assert_eq!((answer.status, answer.json()?), (404, error.clone()));
        assert_eq!(cache_status(&answer), "MISS");
    }
    assert_eq!(called(&rig).len(), 1);
    for row in rows(&rig, 4).await? {
        assert_row(&row, &json!({"success": false, "cached": false, "status_code": 404}));
    }
    assert_eq!(rig.weir.send(&ask("a")).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn when_no_answer_comes_the_next_one_asks() -> Result<()> {
    let rig = sharing().await?;
    let good = Answer::json(200, &completion("pong"));
    // A reset after the request is not repeated by itself.
    rig.upstream.script("openai", [Answer::raw("").after(SLOW), good]);
    let answers = all_at_once(&rig, &ask("a"), 5).await?;
    let refused = answers.iter().filter(|answer| answer.status >= 500).count();
    let served = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((refused, served), (1, 4));
    assert_eq!(called(&rig).len(), 2);
    Ok(())
}

#[tokio::test]
async fn followers_wait_for_the_last_try() -> Result<()> {
    let rig = sharing().await?;
    let good = Answer::json(200, &completion("pong"));
    rig.upstream.script("openai", [Answer::new(503).after(SLOW), good]);
    let request = ask("a").header("cf-aig-max-attempts", "3").header("cf-aig-retry-delay", "100");
    for answer in all_at_once(&rig, &request, 6).await? {
        assert_eq!((answer.status, answer.json()?), (200, completion("pong")));
    }
    assert_eq!(called(&rig).len(), 2);
    Ok(())
}

#[tokio::test]
async fn who_is_in_a_hurry_waits_no_longer_than_for_a_call_of_its_own() -> Result<()> {
    let rig = sharing().await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong")).after(SLOW * 3)]);
    let patient = ask("a");
    let first = begin(&rig, &patient).await?;
    let hurried = ask("a").header("cf-aig-request-timeout", "100");
    let (hurried, patient) = tokio::join!(rig.weir.send(&hurried), rig.weir.send(&patient));
    assert_eq!(hurried?.status, 504);
    assert_eq!(patient?.status, 200);
    assert_eq!(called(&rig).len(), 1);
    drop(first);
    Ok(())
}
