//! What nearly every test starts from: all providers scripted, one gateway, one binary.

use anyhow::Result;
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};
use weir_e2e::upstream::Upstream;
use weir_e2e::weir::{Config, Weir};

/// A running gateway and the providers behind it.
pub(crate) struct Rig {
    pub(crate) weir: Weir,
    pub(crate) upstream: Upstream,
}

impl Rig {
    /// Starts with gateway `gw1` and every provider at the mock.
    pub(crate) async fn start() -> Result<Self> {
        Self::start_with(|config| config).await
    }

    /// The same, with changes of the configuration.
    pub(crate) async fn start_with(change: impl FnOnce(Config) -> Config) -> Result<Self> {
        let upstream = Upstream::start().await?;
        let weir = Weir::start(&change(Config::new(&upstream))).await?;
        Ok(Self { weir, upstream })
    }

    /// Sends a chat request to the scripted OpenAI.
    pub(crate) async fn chat(&self) -> Result<Response> {
        self.weir.send(&chat()).await
    }

    /// Fails unless the gateway still answers.
    pub(crate) async fn assert_alive(&self) -> Result<()> {
        let response = self.weir.send(&Request::get("/readyz")).await?;
        assert_eq!(response.status, 200, "readyz after the test: {}", response.text());
        Ok(())
    }
}

/// The body of a small chat request.
pub(crate) fn chat_body() -> Value {
    json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]})
}

/// A small chat request to the scripted OpenAI.
pub(crate) fn chat() -> Request {
    Request::call("openai/chat/completions", &chat_body())
}

/// The same, asking for a stream.
pub(crate) fn chat_stream() -> Request {
    let mut body = chat_body();
    body["stream"] = json!(true);
    Request::call("openai/chat/completions", &body)
}
