//! Weir connects to public addresses over TLS, and elsewhere only when that is listed.

use anyhow::Result;
use serde_json::json;

use crate::rig::{Rig, chat};

#[tokio::test]
async fn a_private_address_that_is_not_listed_is_refused() -> Result<()> {
    let rig = Rig::start_with(|config| config.set(&["egress", "allow"], json!([]))).await?;
    let response = rig.chat().await?;
    assert_eq!((response.status, response.code()), (502, Some(2005)), "{}", response.text());
    assert!(response.text().contains("egress.allow"), "{}", response.text());
    assert_eq!(rig.upstream.calls().len(), 0);
    let row = rig.weir.only_row().await?;
    assert_eq!((&row["status_code"], &row["success"]), (&json!(502), &json!(false)));
    assert_eq!(row["error"]["code"], "egress_refused", "{row:#}");
    Ok(())
}

#[tokio::test]
async fn another_port_or_another_name_for_it_is_refused_too() -> Result<()> {
    let allow = json!(["127.0.0.1:9"]);
    let rig = Rig::start_with(|config| config.set(&["egress", "allow"], allow)).await?;
    assert_eq!(rig.chat().await?.status, 502);
    let port = rig.upstream.address().port();
    for host in ["localhost", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let origin = format!("http://{host}:{port}/openai");
        let rig = Rig::start_with(|config| {
            config.origin("openai", &origin).set(&["egress", "allow"], json!(["192.0.2.1"]))
        });
        // A name that is not even valid may be refused when the binary starts.
        if let Ok(rig) = rig.await {
            assert_eq!(rig.weir.send(&chat()).await?.status, 502, "{host}");
        }
    }
    assert_eq!(rig.upstream.calls().len(), 0);
    Ok(())
}
