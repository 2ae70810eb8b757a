//! OpenAI Images: a picture of one pixel.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::Fault;
use super::reply::{Call, Operation, Reply};
use super::{seed, tokens};

/// A PNG of one black pixel, in base64.
const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";
/// Tokens of one picture.
const PER_IMAGE: u64 = 272;
/// Most pictures of one request.
const MAX_IMAGES: u64 = 10;

#[derive(Deserialize)]
pub(super) struct Request {
    model: String,
    prompt: String,
    n: Option<u64>,
    response_format: Option<String>,
}

impl Operation for Request {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let count = self.n.unwrap_or(1);
        if !(1..=MAX_IMAGES).contains(&count) {
            return Err(Fault::bad_request("`n` must be from 1 to 10.").with_param("n"));
        }
        if self.prompt.is_empty() {
            let fault = Fault::bad_request("`prompt` must not be empty.");
            return Err(fault.with_param("prompt"));
        }
        let image = if self.response_format.as_deref() == Some("url") {
            json!({ "url": "https://example.com/image.png" })
        } else {
            json!({ "b64_json": PIXEL })
        };
        let images: Vec<Value> = (0..count).map(|_| image.clone()).collect();
        let input = call.script.usage.input.unwrap_or_else(|| tokens::of_text(&self.prompt));
        let output = call.script.usage.output.unwrap_or(count * PER_IMAGE);
        Ok(Reply::document(&json!({
            "created": seed::CREATED,
            "data": images,
            "usage": {
                "input_tokens": input,
                "input_tokens_details": { "text_tokens": input, "image_tokens": 0 },
                "output_tokens": output,
                "total_tokens": input + output,
            },
        })))
    }
}
