use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::client::{EMBEDDINGS, Simulator};

fn floats(item: &Value) -> Vec<f32> {
    serde_json::from_value(item["embedding"].clone()).unwrap()
}

#[tokio::test]
async fn vectors_are_unit_and_depend_on_the_text_alone() {
    let simulator = Simulator::start().await;
    let ask = async |input: Value, extra: Value| {
        let mut body = json!({"model": "e", "input": input});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        simulator.post(EMBEDDINGS, &body).await.json()
    };
    let two = ask(json!(["one text", "another"]), json!({})).await;
    assert_eq!(two["usage"], json!({"prompt_tokens": 4, "total_tokens": 4}));
    let vector = floats(&two["data"][1]);
    assert_eq!(vector.len(), 1536);
    let norm: f32 = vector.iter().map(|x| x * x).sum();
    assert!((norm - 1.0).abs() < 1e-4, "{norm}");
    assert_ne!(vector, floats(&two["data"][0]));
    assert_eq!(vector, floats(&ask(json!("another"), json!({})).await["data"][0]));

    let short = json!({"dimensions": 8, "encoding_format": "float"});
    let plain = floats(&ask(json!("another"), short).await["data"][0]);
    let packed = json!({"dimensions": 8, "encoding_format": "base64"});
    let packed = ask(json!("another"), packed).await;
    let bytes = STANDARD.decode(packed["data"][0]["embedding"].as_str().unwrap()).unwrap();
    let unpacked: Vec<f32> =
        bytes.chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
    assert_eq!(plain, unpacked);
    assert_eq!(plain.len(), 8);

    let ids = ask(json!([[1, 2, 3], [4]]), json!({})).await;
    assert_eq!(ids["usage"]["prompt_tokens"], 4);
}
