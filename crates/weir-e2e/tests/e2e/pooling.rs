//! Connections to providers are used again, and a dead one is not the client's problem.

use anyhow::Result;
use weir_e2e::http::Client;
use weir_e2e::upstream::{Answer, Call, Ending};

use crate::rig::{Rig, chat};

fn connections(calls: &[Call]) -> Vec<u64> {
    calls.iter().map(|call| call.connection).collect()
}

#[tokio::test]
async fn calls_in_turn_share_a_connection() -> Result<()> {
    let rig = Rig::start().await?;
    for _ in 0..5 {
        assert_eq!(rig.chat().await?.status, 200);
    }
    let used = connections(&rig.upstream.calls());
    assert!(used.iter().all(|connection| *connection == used[0]), "{used:?}");
    Ok(())
}

#[tokio::test]
async fn a_client_may_keep_its_connection() -> Result<()> {
    let rig = Rig::start().await?;
    let mut client = Client::open(rig.weir.address()).await?;
    for _ in 0..3 {
        client.send(chat().to_bytes()).await?;
        assert_eq!(client.response("POST").await?.status, 200);
    }
    // Two at once: the second answer follows the first.
    client.send([chat().to_bytes(), chat().to_bytes()].concat()).await?;
    assert_eq!(client.response("POST").await?.status, 200);
    assert_eq!(client.response("POST").await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_was_not_read_to_its_end_does_not_spoil_a_connection() -> Result<()> {
    let rig = Rig::start().await?;
    rig.upstream.script("openai", [Answer::filled(50_000_000), Answer::new(200)]);
    let mut client = Client::open(rig.weir.address()).await?;
    client.send(chat().to_bytes()).await?;
    client.read_until("\r\n\r\n").await?;
    drop(client);
    for _ in 0..3 {
        let response = rig.chat().await?;
        assert_eq!(response.json()?["object"], "chat.completion");
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_closed_while_idle_is_replaced() -> Result<()> {
    let rig = Rig::start().await?;
    rig.chat().await?;
    for _ in 0..5 {
        rig.upstream.close_idle();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        assert_eq!(rig.chat().await?.status, 200);
    }
    Ok(())
}

#[tokio::test]
async fn a_call_that_meets_a_dying_connection_goes_out_again_once() -> Result<()> {
    let rig = Rig::start().await?;
    let dies = || Answer::refused();
    rig.upstream.script("openai", [Answer::new(200), dies(), Answer::new(200)]);
    assert_eq!(rig.chat().await?.status, 200);
    assert_eq!(rig.chat().await?.status, 200, "the provider closed a pooled connection just then");
    let calls = rig.upstream.calls();
    assert_eq!(connections(&calls), [0, 0, 1]);
    assert_eq!(calls[1].body, calls[2].body);
    Ok(())
}

#[tokio::test]
async fn a_call_that_dies_on_a_fresh_connection_is_not_repeated() -> Result<()> {
    let rig = Rig::start().await?;
    rig.upstream.script("openai", [Answer::refused()]);
    let response = rig.chat().await?;
    assert_eq!((response.status, response.code()), (502, Some(2005)));
    assert_eq!(rig.upstream.calls().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_provider_that_asks_to_close_is_not_called_again_there() -> Result<()> {
    let rig = Rig::start().await?;
    let last = Answer::bytes(200, "text/plain", "x").header("connection", "close");
    rig.upstream.script("openai", [last.ending(Ending::Close), Answer::new(200)]);
    assert_eq!(rig.chat().await?.header("connection"), None);
    assert_eq!(rig.chat().await?.status, 200);
    assert_eq!(connections(&rig.upstream.calls()), [0, 1]);
    Ok(())
}
