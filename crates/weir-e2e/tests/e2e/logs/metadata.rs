//! The caller's labels (spec: data-plane 12.2).

use anyhow::Result;
use serde_json::{Value, json};

use crate::rig::{Rig, chat};

#[tokio::test]
async fn labels_are_kept_dropped_or_lost_by_rule() -> Result<()> {
    let rig = Rig::start().await?;
    let long = format!(r#"{{"long":"{}"}}"#, "x".repeat(600));
    let cases = [
        (r#"{"user":"u","n":1.5,"b":true}"#, json!({"user": "u", "n": 1.5, "b": true})),
        (
            r#"{"z":1,"y":2,"x":3,"w":4,"v":5,"u":6}"#,
            json!({"z": 1, "y": 2, "x": 3, "w": 4, "v": 5}),
        ),
        (r#"{"user":"u","nothing":null}"#, Value::Null),
        (r#"{"user":"u","inner":{"a":1}}"#, Value::Null),
        (r#"{"user":"u","list":[1]}"#, Value::Null),
        (r#"{"cf.user_id":"forged","user":"u"}"#, json!({"user": "u"})),
        (
            r#"{"cf.a":1,"a":1,"b":2,"c":3,"d":4,"e":5}"#,
            json!({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}),
        ),
        ("not json", Value::Null),
        ("[1,2]", Value::Null),
        (&long, json!({"long": "x".repeat(600)})),
        (r#"{"name":"Zoë"}"#, json!({"name": "Zoë"})),
    ];
    for (header, _) in &cases {
        let response = rig.weir.send(&chat().header("cf-aig-metadata", header)).await?;
        assert_eq!(response.status, 200, "{header}");
    }
    let rows = rig.weir.wait_for_rows(cases.len()).await?;
    for ((header, expected), row) in cases.iter().zip(rows) {
        // The API gives it as JSON text.
        let text = row["metadata"].as_str();
        let got: Value = text.map(serde_json::from_str).transpose()?.unwrap_or_default();
        assert_eq!(&got, expected, "{header}");
    }
    Ok(())
}

#[tokio::test]
async fn labels_keep_the_order_in_which_they_were_written() -> Result<()> {
    let rig = Rig::start().await?;
    rig.weir.send(&chat().header("cf-aig-metadata", r#"{"z": 1, "a": 2, "m": 3}"#)).await?;
    assert_eq!(rig.weir.only_row().await?["metadata"], r#"{"z":1,"a":2,"m":3}"#);
    Ok(())
}
