//! OpenAI Audio: speech from text, and text from a file.

mod multipart;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::json;

use self::multipart::Form;
use super::fault::Fault;
use super::handler::Asked;
use super::reply::{Call, Operation, Reply};

/// Samples of a second, one byte each.
const RATE: u32 = 8000;
/// Bytes before the samples of a WAV file.
const WAV_HEAD: u32 = 44;

/// A request for speech.
#[derive(Deserialize)]
pub(super) struct Speech {
    model: String,
    input: String,
    voice: Option<serde_json::Value>,
}

/// A form with a file to be written down.
pub(super) struct Transcription {
    model: String,
    format: String,
    size: usize,
}

impl Operation for Speech {
    fn model(&self) -> &str {
        &self.model
    }

    /// A tenth of a second of silence, as WAV whatever was asked for, or as many bytes of it as
    /// the script orders.
    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        if self.voice.is_none() {
            return Err(Fault::bad_request("`voice` is required.").with_param("voice"));
        }
        if self.input.is_empty() || self.input.chars().count() > 4096 {
            let fault = Fault::bad_request("`input` must have from 1 to 4096 characters.");
            return Err(fault.with_param("input"));
        }
        let ordered = call.script.bytes.and_then(|size| u32::try_from(size).ok());
        let samples = ordered.map_or(RATE / 10, |size| size.saturating_sub(WAV_HEAD));
        Ok(Reply::bytes("audio/wav", wav(samples)))
    }
}

/// A WAV file of silence: PCM, one channel, 8 bits.
fn wav(samples: u32) -> Vec<u8> {
    let mut file = Vec::with_capacity((WAV_HEAD + samples) as usize);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(WAV_HEAD - 8 + samples).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16_u32.to_le_bytes());
    // PCM, and one channel.
    file.extend_from_slice(&1_u16.to_le_bytes());
    file.extend_from_slice(&1_u16.to_le_bytes());
    file.extend_from_slice(&RATE.to_le_bytes());
    file.extend_from_slice(&RATE.to_le_bytes());
    file.extend_from_slice(&1_u16.to_le_bytes());
    file.extend_from_slice(&8_u16.to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&samples.to_le_bytes());
    // The middle of the range is silence.
    file.resize(file.len() + samples as usize, 128);
    file
}

impl Transcription {
    pub(super) fn parse(asked: &Asked<'_>) -> Result<Self, Fault> {
        let form = Form::read(asked.headers, asked.body)?;
        let model = form.text("model").ok_or_else(|| {
            Fault::bad_request("The form has no field `model`.").with_param("model")
        })?;
        let file = form
            .file("file")
            .ok_or_else(|| Fault::bad_request("The form has no file `file`.").with_param("file"))?;
        let format = form.text("response_format").unwrap_or("json");
        Ok(Self { model: model.to_owned(), format: format.to_owned(), size: file.len() })
    }
}

impl Operation for Transcription {
    fn model(&self) -> &str {
        &self.model
    }

    fn reply(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let text = format!("This is a simulated transcript of {} bytes.", self.size);
        // At least a second, whatever the file is.
        let seconds = (self.size / RATE as usize).max(1);
        let usage = match (call.script.usage.input, call.script.usage.output) {
            (None, None) => json!({ "type": "duration", "seconds": seconds }),
            (input, output) => {
                let (input, output) = (input.unwrap_or(0), output.unwrap_or(0));
                json!({
                    "type": "tokens",
                    "input_tokens": input,
                    "output_tokens": output,
                    "total_tokens": input + output,
                })
            }
        };
        Ok(match self.format.as_str() {
            "json" => Reply::document(&json!({ "text": text, "usage": usage })),
            "verbose_json" => Reply::document(&json!({
                "task": "transcribe",
                "language": "english",
                "duration": seconds,
                "text": text,
                "segments": [],
                "usage": usage,
            })),
            "text" => Reply::bytes("text/plain; charset=utf-8", format!("{text}\n").into_bytes()),
            _ => {
                let fault = Fault::bad_request("The simulator has json, verbose_json and text.");
                return Err(fault.with_param("response_format"));
            }
        })
    }
}
