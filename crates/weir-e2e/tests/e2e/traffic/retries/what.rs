//! Which failures are worth another try.

use anyhow::Result;
use serde_json::json;
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;
use weir_e2e::{catalogue, ports};

use crate::rig::chat;
use crate::traffic::rig::{called, code, rows, start, start_with};

fn thrice() -> Request {
    chat().header("cf-aig-max-attempts", "3").header("cf-aig-retry-delay", "1")
}

#[tokio::test]
async fn errors_that_may_pass_are_tried_again_and_no_others() -> Result<()> {
    let rig = start(&json!({})).await?;
    let again = [408, 425, 429, 500, 501, 502, 503, 504, 520, 529];
    let never = [301, 304, 400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 422, 451];
    for (status, tries) in again.map(|it| (it, 2)).into_iter().chain(never.map(|it| (it, 1))) {
        rig.upstream.script("openai", [Answer::new(status), Answer::new(200)]);
        let before = called(&rig).len();
        let answer = rig.weir.send(&thrice()).await?;
        assert_eq!(called(&rig).len() - before, tries, "{status}");
        assert_eq!(answer.status, if tries == 2 { 200 } else { status });
    }
    Ok(())
}

#[tokio::test]
async fn a_call_that_got_no_answer_is_tried_again() -> Result<()> {
    let rig = start(&json!({})).await?;
    let garbage = || Answer::raw("this is not HTTP\r\n\r\n");
    let empty = || Answer::raw("");
    for failure in [Answer::refused(), garbage(), empty(), Answer::silence()] {
        let shown = format!("{failure:?}");
        rig.upstream.script("openai", [failure, Answer::new(200)]);
        let before = called(&rig).len();
        let answer = rig.weir.send(&thrice().header("cf-aig-request-timeout", "200")).await?;
        assert_eq!(answer.status, 200, "{shown}: {}", answer.text());
        assert_eq!(called(&rig).len() - before, 2, "{shown}");
    }
    Ok(())
}

#[tokio::test]
async fn where_nobody_listens_every_try_has_its_row() -> Result<()> {
    let dead = catalogue::origin("openai", &format!("http://{}", ports::free()?));
    let rig = start_with(&json!({}), |config| config.origin("openai", &dead)).await?;
    let answer = rig.weir.send(&thrice()).await?;
    assert_eq!(code(&answer), (502, Some(2005)), "{}", answer.text());
    for row in rows(&rig, 3).await? {
        assert_eq!(row["error"]["code"], "upstream_failed", "{row:#}");
    }
    Ok(())
}

#[tokio::test]
async fn the_last_failure_is_the_answer() -> Result<()> {
    let rig = start(&json!({})).await?;
    let last = Answer::json(503, &json!({"error": {"message": "the last"}})).header("x-own", "1");
    rig.upstream.script("openai", [Answer::new(500), Answer::new(502), last]);
    let answer = rig.weir.send(&thrice()).await?;
    assert_eq!((answer.status, answer.header("x-own")), (503, Some("1")));
    assert_eq!(answer.json()?, json!({"error": {"message": "the last"}}));
    assert_eq!(called(&rig).len(), 3);
    Ok(())
}

#[tokio::test]
async fn refusals_of_our_own_are_not_tried_again() -> Result<()> {
    let rig = start(&json!({"rate_limiting_limit": 1, "rate_limiting_interval": 60})).await?;
    assert_eq!(rig.weir.send(&thrice()).await?.status, 200);
    let refused = rig.weir.send(&thrice()).await?;
    assert_eq!(code(&refused), (429, Some(2003)));
    rows(&rig, 2).await?;
    Ok(())
}

#[tokio::test]
async fn without_a_word_there_is_one_try() -> Result<()> {
    let rig = start(&json!({})).await?;
    rig.upstream.script("openai", [Answer::new(500)]);
    let delay = chat().header("cf-aig-retry-delay", "1").header("cf-aig-backoff", "linear");
    for request in [chat(), delay, chat().header("cf-aig-max-attempts", "many")] {
        let before = called(&rig).len();
        assert_eq!(rig.weir.send(&request).await?.status, 500);
        assert_eq!(called(&rig).len() - before, 1, "{:?}", request.headers);
    }
    Ok(())
}
