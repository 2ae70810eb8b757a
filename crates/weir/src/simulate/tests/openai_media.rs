use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::client::{Simulator, join, post};

#[tokio::test]
async fn legacy_completions_are_text() {
    let simulator = Simulator::start().await;
    let mut body = json!({"model": "m", "prompt": ["Hello", "You"], "max_tokens": 100});
    let plain = simulator.post("/v1/completions", &body).await.json();
    let second = plain["choices"][1]["text"].as_str().unwrap();
    assert!(second.ends_with("You said: You"), "{second}");
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    let chunks = simulator.post("/v1/completions", &body).await.chunks();
    let of_second: Vec<_> =
        chunks.iter().filter(|it| it["choices"][0]["index"] == 1).cloned().collect();
    assert_eq!(join(&of_second, "/choices/0/text"), second);
    assert_eq!(chunks.last().unwrap()["usage"], plain["usage"]);
}

#[tokio::test]
async fn speech_is_a_sound_file() {
    let simulator = Simulator::start().await;
    let body = json!({"model": "tts-1", "input": "Hello", "voice": "alloy"});
    let answer = simulator.post("/v1/audio/speech", &body).await;
    assert_eq!(answer.header("content-type"), "audio/wav");
    assert_eq!((&answer.body[..4], &answer.body[8..12]), (&b"RIFF"[..], &b"WAVE"[..]));
    let body = json!({"model": "tts-1;bytes=100000", "input": "Hello", "voice": "alloy"});
    assert_eq!(simulator.post("/v1/audio/speech", &body).await.body.len(), 100_000);
    let body = json!({"model": "tts-1", "input": "Hello"});
    assert_eq!(simulator.post("/v1/audio/speech", &body).await.status, 400);
}

#[tokio::test]
async fn a_file_is_written_down() {
    let simulator = Simulator::start().await;
    let form = "--xx\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--xx\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--xx--\r\n";
    for path in ["/v1/audio/transcriptions", "/v1/audio/translations"] {
        let mut request = post(path, form.to_owned());
        let kind = "multipart/form-data; boundary=xx".parse().unwrap();
        request.headers_mut().insert("content-type", kind);
        let answer = simulator.send(request).await.unwrap().json();
        assert!(answer["text"].as_str().unwrap().contains("4 bytes"));
        assert_eq!(answer["usage"], json!({"type": "duration", "seconds": 1}));
    }
    let none = simulator.send(post("/v1/audio/transcriptions", "{}".to_owned())).await.unwrap();
    assert_eq!(none.status, 400);
}

#[tokio::test]
async fn pictures_and_judgements() {
    let simulator = Simulator::start().await;
    let body = json!({"model": "gpt-image-1", "prompt": "a weir", "n": 2});
    let answer = simulator.post("/v1/images/generations", &body).await.json();
    let image = STANDARD.decode(answer["data"][1]["b64_json"].as_str().unwrap()).unwrap();
    assert!(image.starts_with(b"\x89PNG") && image.ends_with(b"IEND\xae\x42\x60\x82"));
    let body = json!({"input": ["peace", "violence"]});
    let answer = simulator.post("/v1/moderations", &body).await.json();
    assert_eq!(
        (&answer["results"][0]["flagged"], &answer["results"][1]["flagged"]),
        (&json!(false), &json!(true))
    );
}
