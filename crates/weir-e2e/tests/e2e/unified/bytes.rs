//! Client and provider of one dialect: bytes pass, but for the model's name.

use anyhow::Result;
use weir_e2e::http::Request;
use weir_e2e::upstream::Answer;

use crate::rig::Rig;

/// A path after `/compat/`, the provider, the path there, and the unified and own name of a model.
const SAME: [(&str, &str, &str, &str, &str); 8] = [
    ("chat/completions", "openai", "/v1/chat/completions", "openai/gpt-4o-mini", "gpt-4o-mini"),
    (
        "v1/chat/completions",
        "groq",
        "/openai/v1/chat/completions",
        "groq/openai/gpt-oss-20b",
        "openai/gpt-oss-20b",
    ),
    ("responses", "openai", "/v1/responses", "openai/gpt-4o-mini", "gpt-4o-mini"),
    ("v1/messages", "anthropic", "/v1/messages", "anthropic/claude-haiku-4-5", "claude-haiku-4-5"),
    ("v1/messages?beta=true", "anthropic", "/v1/messages", "claude-haiku-4-5", "claude-haiku-4-5"),
    (
        "embeddings",
        "openai",
        "/v1/embeddings",
        "openai/text-embedding-3-small",
        "text-embedding-3-small",
    ),
    (
        "completions",
        "openai",
        "/v1/completions",
        "openai/gpt-3.5-turbo-instruct",
        "gpt-3.5-turbo-instruct",
    ),
    ("audio/speech", "openai", "/v1/audio/speech", "openai/tts-1", "tts-1"),
];

/// White space, escapes, numbers and members as nobody would write them.
fn odd(model: &str) -> String {
    format!(
        "\r\n {{ \"x_new\" :{{\"a\":[1.0,1e2,0.10, -0]}},\t\"model\" : \"{model}\",\n\
         \"messages\":[{{\"role\":\"user\",\"content\":\"h\\u00e9\\u4f60 \\/ \\ud83d\\ude00 \u{e9}\"}}],\
         \"input\":\"\\u0041\",\"prompt\":\"p\",\"limit\":5 ,\"z\":null}}  \n"
    )
}

fn post(path: &str, body: String) -> Request {
    Request::post(&format!("/v1/acc1/gw1/compat/{path}"))
        .with_keys()
        .header("content-type", "application/json")
        .body(body)
}

#[tokio::test]
async fn a_request_and_its_answer_pass_byte_for_byte() -> Result<()> {
    let rig = Rig::start().await?;
    let answer = " {\"odd\" :1.50e0, \"id\":\"x\\u00e9\",\n\t\"choices\":[ ] } \n";
    for (path, provider, target, unified, own) in SAME {
        rig.upstream.script(
            provider,
            [Answer::bytes(200, "application/json", answer).header("x-own", "kept")],
        );
        let response = rig.weir.send(&post(path, odd(unified))).await?;
        assert_eq!((response.status, response.text().as_str()), (200, answer), "{path}");
        assert_eq!(response.header("x-own"), Some("kept"), "{path}");
        let calls = rig.upstream.calls();
        let call = calls.last().unwrap();
        assert_eq!((call.provider.as_str(), call.target.as_str()), (provider, target), "{path}");
        assert_eq!(String::from_utf8_lossy(&call.body), odd(own), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn gemini_is_called_with_the_very_body() -> Result<()> {
    let rig = Rig::start().await?;
    let body = "{ \"contents\" : [{\"parts\":[{\"text\":\"\\u00e9\"}]}] , \"new\": 1.0 }\n";
    for (path, target) in [
        ("google-ai-studio/gemini-2.5-flash:generateContent", "gemini-2.5-flash:generateContent"),
        ("gemini-2.5-flash:generateContent", "gemini-2.5-flash:generateContent"),
        ("google-ai-studio%2Fgemini-2.5-flash:countTokens", "gemini-2.5-flash:countTokens"),
        (
            "google-ai-studio/gemini-2.5-flash:streamGenerateContent?alt=sse&x=1",
            "gemini-2.5-flash:streamGenerateContent?alt=sse&x=1",
        ),
        ("google-ai-studio/gemini-embedding-001:embedContent", "gemini-embedding-001:embedContent"),
    ] {
        let answer = Answer::bytes(200, "application/json", "[ {\"a\":1.0} ]");
        rig.upstream.script("google-ai-studio", [answer]);
        let response = rig.weir.send(&post(&format!("v1beta/models/{path}"), body.into())).await?;
        assert_eq!((response.status, response.text().as_str()), (200, "[ {\"a\":1.0} ]"), "{path}");
        let calls = rig.upstream.calls();
        let call = calls.last().unwrap();
        assert_eq!(call.target, format!("/v1beta/models/{target}"));
        assert_eq!(String::from_utf8_lossy(&call.body), body, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_stream_passes_byte_for_byte() -> Result<()> {
    let rig = Rig::start().await?;
    let pieces = [
        ": hello\r\n\r\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"\\u00e9\"}, \"odd\":1.0}]}\r\n\r\n",
        "event: x\ndata: {\"a\":\ndata: 1}\n\n",
        "data: [DONE]\n\n",
    ];
    for (path, provider, _, unified, _) in SAME.iter().filter(|row| !row.0.starts_with("audio")) {
        let chunks = pieces.map(|piece| piece.into());
        rig.upstream.script(provider, [Answer::chunked("text/event-stream", chunks)]);
        let body = format!(
            "{{\"stream\" : true, \"stream_options\":{{\"include_usage\":true}}, \"model\":\"{unified}\"}}"
        );
        let response = rig.weir.send(&post(path, body)).await?;
        assert_eq!(response.text(), pieces.concat(), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn errors_of_the_same_dialect_pass_byte_for_byte() -> Result<()> {
    let rig = Rig::start().await?;
    let body = "{\"error\" : {\"message\":\"n\\u00f6\", \"type\":\"odd\", \"x\":1.0}}";
    for (path, provider, _, unified, _) in SAME {
        for status in [400, 401, 418, 429, 500, 529] {
            let answer = Answer::bytes(status, "application/json", body).header("x-own", "kept");
            rig.upstream.script(provider, [answer]);
            let response = rig.weir.send(&post(path, odd(unified))).await?;
            assert_eq!((response.status, response.text().as_str()), (status, body), "{path}");
            assert_eq!(response.header("x-own"), Some("kept"), "{path}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_form_keeps_its_files_and_its_boundary() -> Result<()> {
    let rig = Rig::start().await?;
    let form = |model: &str| {
        let mut bytes = b"--B0und\r\nContent-Disposition: form-data; name=\"file\"; \
            filename=\"\xc3\xa9.wav\"\r\nContent-Type: audio/wav\r\n\r\nRI\x00\xff\r\n--B0un\r\n"
            .to_vec();
        bytes.extend(format!("\r\n--B0und\r\ncontent-disposition: form-data; name=model\r\n\r\n{model}\r\n--B0und--\r\n").bytes());
        bytes
    };
    for (path, target) in [
        ("audio/transcriptions", "/v1/audio/transcriptions"),
        ("audio/translations", "/v1/audio/translations"),
    ] {
        let request = Request::post(&format!("/v1/acc1/gw1/compat/{path}"))
            .with_keys()
            .header("content-type", "multipart/form-data; boundary=B0und")
            .body(form("openai/whisper-1"));
        let response = rig.weir.send(&request).await?;
        assert_eq!(response.status, 200, "{}", response.text());
        let calls = rig.upstream.calls();
        let call = calls.last().unwrap();
        assert_eq!(call.target, target);
        assert_eq!(call.header("content-type"), Some("multipart/form-data; boundary=B0und"));
        assert_eq!(call.body, form("whisper-1"), "{:?}", String::from_utf8_lossy(&call.body));
    }
    Ok(())
}
