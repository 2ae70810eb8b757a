//! Who leaves does so alone; when all have left, the provider is let go.

use super::*;

use std::time::Instant;

use weir_e2e::upstream::{Answer, Ending};

use crate::traffic::rig::{assert_row, completion, rows, streamed};

#[tokio::test]
async fn the_first_leaves_amid_the_stream() -> Result<()> {
    let rig = sharing().await?;
    rig.upstream.script("openai", [streamed("pong").chunk_delay(SLOW / 2)]);
    let request = ask_stream("a");
    let mut first = begin(&rig, &request).await?;
    first.read_until("pong").await?;
    let leave = async {
        tokio::time::sleep(SLOW / 4).await;
        drop(first);
    };
    let (second, ()) = tokio::join!(rig.weir.send(&request), leave);
    let second = second?;
    assert!(second.complete && second.text().contains("[DONE]"), "{}", second.text());
    assert_eq!(called(&rig).len(), 1);
    let rows = rows(&rig, 2).await?;
    let made = rows.iter().find(|row| row["cached"] == false).unwrap_or(&Value::Null);
    assert_row(made, &json!({"success": true, "tokens_in": 10, "tokens_out": 5, "cost": 0.02}));
    Ok(())
}

#[tokio::test]
async fn the_first_leaves_before_there_is_an_answer() -> Result<()> {
    let rig = sharing().await?;
    rig.upstream.script("openai", [Answer::json(200, &completion("pong")).after(SLOW)]);
    let first = begin(&rig, &ask("a")).await?;
    let leave = async {
        tokio::time::sleep(SLOW / 2).await;
        drop(first);
    };
    let request = ask("a");
    let (others, ()) = tokio::join!(all_at_once(&rig, &request, 5), leave);
    for other in others? {
        assert_eq!((other.status, other.json()?), (200, completion("pong")));
    }
    assert_eq!(called(&rig).len(), 2, "one of those who stayed asks again for all");
    Ok(())
}

#[tokio::test]
async fn when_all_have_left_the_call_ends() -> Result<()> {
    let rig = sharing().await?;
    let endless = Answer::sse(&[r#"{"a":1}"#]).without_end().ending(Ending::Stall);
    rig.upstream.script("openai", [endless, streamed("pong")]);
    let request = ask_stream("a");
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = begin(&rig, &request).await?;
        client.read_until("data: ").await?;
        clients.push(client);
    }
    assert_eq!(called(&rig).len(), 1);
    clients.pop();
    clients.pop();
    tokio::time::sleep(SLOW / 5).await;
    assert!(rig.upstream.calls()[0].left.is_none(), "one still listens");
    let left = Instant::now();
    drop(clients);
    let calls = rig.upstream.wait_for(|calls| calls[0].left.is_some()).await?;
    let noticed = calls[0].left.map(|at| at.saturating_duration_since(left)).unwrap_or_default();
    assert!(noticed < Duration::from_secs(1), "the provider noticed after {noticed:?}");
    for row in rows(&rig, 3).await? {
        assert_row(&row, &json!({"finish_reason": "client_disconnect", "status_code": 200}));
    }
    let next = rig.weir.send(&request).await?;
    assert!(next.complete && next.text().contains("pong"), "nothing is left behind");
    Ok(())
}
