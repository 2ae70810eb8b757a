//! Many writers at once, and a store that is whole afterwards.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::effect::{gateway, settings};
use crate::rig::Rig;

/// Write number `n` of a mix: half of them on objects of their own, half on shared ones.
fn write(n: usize) -> (&'static str, String, Option<Value>) {
    let dataset = json!({"name": format!("d-{n}"), "enable": true, "filters": []});
    let mut change = settings();
    change["cache_ttl"] = json!(n);
    match n % 5 {
        0 => ("POST", "/gateways".to_owned(), Some(gateway(&format!("made-{n}")))),
        1 => ("POST", "/gateways/gw1/datasets".to_owned(), Some(dataset)),
        2 => ("PUT", "/gateways/gw1".to_owned(), Some(change)),
        // One name for all: exactly one of them may win.
        3 => ("POST", "/gateways".to_owned(), Some(gateway("contended"))),
        _ => {
            let provider =
                json!({"name": "p", "slug": format!("p-{n}"), "base_url": "https://p.example"});
            ("POST", "/custom-providers".to_owned(), Some(provider))
        }
    }
}

async fn state(rig: &Rig) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for list in ["/gateways", "/gateways/gw1/datasets", "/custom-providers"] {
        for page in 1..10 {
            let path = format!("{list}?per_page=50&page={page}");
            let rows = rig.weir.result("GET", &path, None).await?;
            found.extend(rows.as_array().into_iter().flatten().map(Value::to_string));
        }
    }
    Ok(found)
}

#[tokio::test]
async fn two_hundred_parallel_writes_leave_a_whole_store() -> Result<()> {
    let rig = Arc::new(Rig::start().await?);
    let calls = (0..200).map(|n| {
        let rig = Arc::clone(&rig);
        async move {
            let (method, path, body) = write(n);
            let response = rig.weir.manage(method, &path, body.as_ref()).await?;
            Ok::<_, anyhow::Error>((n, response))
        }
    });
    let mut contended = 0;
    for answered in join_all(calls).await {
        let (n, response) = answered?;
        if n % 5 == 3 {
            contended += usize::from(response.status == 200);
            assert!([200, 400].contains(&response.status), "{n}: {}", response.text());
        } else {
            assert_eq!(response.status, 200, "{n}: {}", response.text());
        }
    }
    assert_eq!(contended, 1);
    let before = state(&rig).await?;
    // gw1, 40 made, one contended; 40 datasets; 40 custom providers.
    assert_eq!(before.len(), 42 + 40 + 40);

    let audit = rig.weir.manage("GET", "/audit?per_page=1&actor_id=&action=create", None).await?;
    let creations = audit.json()?["result_info"]["total_count"].as_u64().unwrap_or_default();
    assert!(creations >= 121, "{creations} creations on record");

    let mut rig = Arc::into_inner(rig).ok_or_else(|| anyhow::anyhow!("still shared"))?;
    rig.weir.kill().await?;
    rig.weir.restart().await?;
    assert_eq!(state(&rig).await?, before);
    Ok(())
}
