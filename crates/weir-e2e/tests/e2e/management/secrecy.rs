//! What is stored secretly stays secret: in answers, in the audit trail, and on the disk.

use anyhow::{Context as _, Result};
use serde_json::json;

use super::effect::gateway;
use crate::rig::Rig;

/// No other text of the tests holds it.
const CANARY: &str = "canary-7f3a9c-secret";

/// The spellings in which it might lie about.
fn spellings() -> Vec<Vec<u8>> {
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    // The three alignments of base64, without the letters at the edges that depend on neighbours.
    let encode = |text: &str| base64(text.as_bytes());
    let aligned = (0..3).map(|shift| {
        let padded = format!("{}{CANARY}", "x".repeat(shift));
        let encoded = encode(&padded);
        encoded[4..encoded.len() - 4].to_owned()
    });
    [CANARY.to_owned(), hex].into_iter().chain(aligned).map(String::into_bytes).collect()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut word = [0_u8; 3];
        word[..group.len()].copy_from_slice(group);
        let word = u32::from_be_bytes([0, word[0], word[1], word[2]]);
        for place in 0..4 {
            let index = usize::try_from(word >> (18 - 6 * place) & 63).unwrap_or_default();
            text.push(char::from(LETTERS[index]));
        }
    }
    text
}

#[tokio::test]
async fn a_stored_key_is_nowhere_in_clear() -> Result<()> {
    let mut rig = Rig::start().await?;
    let weir = &rig.weir;
    let mut shop = gateway("shop");
    shop["otel"] =
        json!([{"url": "https://o.example", "headers": {"k": CANARY}, "authorization": CANARY}]);
    shop["stripe"] = json!({"authorization": CANARY, "usage_events": []});
    let mut answers = vec![weir.manage("POST", "/gateways", Some(&shop)).await?];
    let key =
        json!({"alias": "a", "default_config": true, "provider_slug": "openai", "secret": CANARY});
    answers.push(weir.manage("POST", "/gateways/shop/provider_configs", Some(&key)).await?);
    let provider = json!({
        "name": "p", "slug": "p", "base_url": "https://p.example",
        "headers": json!({"x-key": CANARY}).to_string()
    });
    answers.push(weir.manage("POST", "/custom-providers", Some(&provider)).await?);
    let id = answers[1].json()?["result"]["id"].as_str().context("id")?.to_owned();
    let rotation = json!({"secret": format!("{CANARY}-2")});
    let path = format!("/gateways/shop/provider_configs/{id}");
    answers.push(weir.manage("PUT", &path, Some(&rotation)).await?);
    for path in [
        "/gateways/shop",
        "/gateways/shop/provider_configs",
        "/custom-providers",
        "/audit?per_page=100",
    ] {
        answers.push(weir.manage("GET", path, None).await?);
    }
    for response in &answers {
        assert_eq!(response.status, 200, "{}", response.text());
        assert!(!response.text().contains(CANARY), "{}", response.text());
    }
    rig.weir.stop().await?;
    let output = rig.weir.output();
    assert!(!output.contains(CANARY), "{output}");
    let spellings = spellings();
    let files = rig.weir.files()?;
    assert!(files.len() >= 3, "{} files in the data folder", files.len());
    for (name, bytes) in files {
        for spelling in &spellings {
            let found = bytes.windows(spelling.len()).any(|window| window == spelling.as_slice());
            assert!(!found, "{name} holds {:?}", String::from_utf8_lossy(spelling));
        }
    }
    Ok(())
}
