//! Parts of messages and of tool results.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::canonical::{Image, Media, Part, PartKind, Source};
use crate::fault::Fault;
use crate::json::TextOr;

/// A part of any kind, as sent.
#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    refusal: Option<String>,
    image_url: Option<String>,
    detail: Option<String>,
    file_id: Option<String>,
    file_data: Option<String>,
    file_url: Option<String>,
    filename: Option<String>,
    input_audio: Option<GivenAudio>,
    prompt_cache_breakpoint: Option<Breakpoint>,
}

#[derive(Deserialize)]
struct GivenAudio {
    data: String,
    format: String,
}

#[derive(Deserialize)]
struct Breakpoint {
    ttl: Option<String>,
}

/// Content as text or as a list of parts; `place` names it.
pub(super) fn read(content: TextOr<Given>, place: &str) -> Result<Vec<Part>, Fault> {
    match content {
        TextOr::Text(text) => Ok(vec![Part::text(text)]),
        TextOr::List(list) => list
            .into_iter()
            .enumerate()
            .map(|(index, given)| given.read(&|| format!("{place}[{index}]")))
            .collect(),
    }
}

/// The text of a list of parts that are texts, such as a summary of thoughts.
pub(super) fn joined(parts: &[Given]) -> String {
    parts.iter().filter_map(|part| part.text.as_deref()).collect::<Vec<_>>().join("\n")
}

impl Given {
    /// The name of a part is only made when something is wrong with it.
    fn read(self, place: &dyn Fn() -> String) -> Result<Part, Fault> {
        let missing = |name: &str| {
            let place = format!("{}.{name}", place());
            Fault::missing(&*place, format!("{place}: is missing"))
        };
        let cache = self.prompt_cache_breakpoint.as_ref().map(Breakpoint::read);
        let kind = match self.kind.as_deref() {
            Some("input_text" | "output_text" | "text") => {
                PartKind::Text(self.text.ok_or_else(|| missing("text"))?)
            }
            Some("refusal") => PartKind::Refusal(self.refusal.ok_or_else(|| missing("refusal"))?),
            Some("input_image") => {
                let source = match (self.image_url, self.file_id) {
                    (Some(url), _) => Source::from_url(&url),
                    (None, Some(id)) => Source::Id(id),
                    (None, None) => return Err(missing("image_url")),
                };
                PartKind::Image(Image { source, detail: self.detail })
            }
            Some("input_file") => {
                let source = match (self.file_data, self.file_url, self.file_id) {
                    (Some(data), ..) => file_source(&data),
                    (None, Some(url), _) => Source::Url(url),
                    (None, None, Some(id)) => Source::Id(id),
                    (None, None, None) => return Err(missing("file_data")),
                };
                PartKind::File(Media { source, name: self.filename })
            }
            Some("input_audio") => {
                let audio = self.input_audio.ok_or_else(|| missing("input_audio"))?;
                let media_type = format!("audio/{}", audio.format);
                let source = Source::Data { media_type, base64: audio.data };
                PartKind::Audio(Media { source, name: None })
            }
            Some(other) => {
                let place = format!("{}.type", place());
                let message = format!(
                    "{place}: {other:?} is not known; send input_text, input_image, input_file, \
                     output_text or refusal"
                );
                return Err(Fault::invalid(place, message));
            }
            None => return Err(missing("type")),
        };
        Ok(Part { kind, cache })
    }
}

/// SDKs send a data URL; bare base64 is taken for the kind of file that it nearly always is.
fn file_source(data: &str) -> Source {
    match Source::from_url(data) {
        Source::Url(base64) if !base64.contains(':') => {
            Source::Data { media_type: "application/pdf".to_owned(), base64 }
        }
        source => source,
    }
}

impl Breakpoint {
    /// Where a prompt cache ends has a form of its own in the canonical request.
    fn read(&self) -> Value {
        match self.ttl.as_deref() {
            Some("12h") => json!({"type": "ephemeral", "ttl": "1h"}),
            _ => json!({"type": "ephemeral"}),
        }
    }
}
