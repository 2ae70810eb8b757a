//! The envelope of `ai/run` (spec: data-plane 1.6).

use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::credential::Source;
use crate::unified::run::RunForm;

/// Puts an answer into its envelope. Gives the status, too: a failure of the provider stays one.
pub(super) fn wrap(form: &RunForm, source: &Source, status: u16, body: &[u8]) -> (u16, Bytes) {
    if status >= 400 {
        return (status, failed(form, status, body).to_string().into());
    }
    let result = serde_json::from_slice::<&RawValue>(body).map(RawValue::get);
    let Ok(result) = result else {
        return (502, failed(form, 502, b"the provider's answer is not JSON").to_string().into());
    };
    let mut named = String::new();
    if let Some((provider, model)) = &form.preview {
        named = format!(r#","provider":{},"model":{}"#, json!(provider), json!(model));
    }
    let text = format!(
        r#"{{"state":"Completed","result":{result},"gatewayMetadata":{{"keySource":"{}"}}{named},"success":true,"errors":[],"messages":[]}}"#,
        source.word()
    );
    (status, text.into())
}

/// The provider's error stays readable inside.
fn failed(form: &RunForm, status: u16, body: &[u8]) -> Value {
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = parsed.pointer("/error/message").or_else(|| parsed.get("message"));
    let message = message.and_then(Value::as_str).map_or_else(
        || String::from_utf8_lossy(body).chars().take(500).collect(),
        ToOwned::to_owned,
    );
    let code = format!("provider_error_{status}");
    let mut failed = json!({
        "state": "Failed",
        "error": {"code": code, "message": message},
        "result": null,
        "success": false,
        "errors": [{"code": 7003, "message": message}],
        "messages": [],
    });
    if let (Some((provider, model)), Some(table)) = (&form.preview, failed.as_object_mut()) {
        table.insert("provider".to_owned(), json!(provider));
        table.insert("model".to_owned(), json!(model));
    }
    failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_is_not_written_anew() {
        let form = RunForm { preview: None, picture: false, sound: false };
        let (status, body) = wrap(&form, &Source::Platform, 200, br#"{"a": 1.0}"#);
        assert_eq!(status, 200);
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains(r#""result":{"a": 1.0},"gatewayMetadata":{"keySource":"Unified"}"#));
        assert!(serde_json::from_str::<Value>(&text).unwrap()["success"] == true);
    }

    #[test]
    fn the_preview_names_what_answered() {
        let form = RunForm {
            preview: Some(("openai".into(), "gpt".into())),
            picture: false,
            sound: false,
        };
        let (status, body) = wrap(&form, &Source::Request, 429, br#"{"error":{"message":"slow"}}"#);
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (status, &body["error"]["message"], &body["model"]),
            (429, &json!("slow"), &json!("gpt"))
        );
    }
}
