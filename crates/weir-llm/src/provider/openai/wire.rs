//! Answers and chunks as they come, borrowed where they can be. Unknown members are passed over; a
//! member that is `null` counts as absent.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::usage::Counts;

/// An answer, a chunk of a stream, or what Workers AI puts in their place.
#[derive(Deserialize)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) model: Option<Text<'a>>,
    pub(super) created: Option<serde_json::Number>,
    #[serde(borrow)]
    pub(super) service_tier: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) choices: Option<Vec<Choice<'a>>>,
    pub(super) usage: Option<Counts>,
    /// Groq's place for the usage of a stream.
    pub(super) x_groq: Option<Groq>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
    /// Perplexity's sources: addresses, and addresses with titles.
    #[serde(borrow)]
    pub(super) citations: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) search_results: Option<&'a RawValue>,
    /// Workers AI: the envelope.
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
    pub(super) success: Option<bool>,
    /// Workers AI: the answer itself.
    #[serde(borrow)]
    pub(super) response: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<Vec<Call<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct Groq {
    pub(super) usage: Option<Counts>,
    pub(super) error: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(default)]
    pub(super) index: u32,
    #[serde(borrow)]
    pub(super) message: Option<Message<'a>>,
    /// In a stream. Perplexity repeats the whole `message` beside it.
    #[serde(borrow)]
    pub(super) delta: Option<Message<'a>>,
    #[serde(borrow)]
    pub(super) finish_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) logprobs: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// A message, or a piece of one.
#[derive(Default, Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    #[serde(borrow)]
    pub(super) refusal: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) reasoning_content: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) reasoning: Option<Text<'a>>,
    pub(super) thinking_blocks: Option<Vec<Block>>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<Vec<Call<'a>>>,
    #[serde(borrow)]
    pub(super) function_call: Option<Function<'a>>,
    pub(super) annotations: Option<Vec<Value>>,
    pub(super) images: Option<Vec<Picture>>,
    pub(super) extra_content: Option<Extra>,
}

#[derive(Deserialize)]
pub(super) struct Block {
    pub(super) thinking: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) data: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Picture {
    pub(super) image_url: Option<PictureUrl>,
}

#[derive(Deserialize)]
pub(super) struct PictureUrl {
    pub(super) url: String,
}

/// A tool call, or a piece of one. Workers AI has name and arguments right here.
#[derive(Deserialize)]
pub(super) struct Call<'a> {
    pub(super) index: Option<u32>,
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) function: Option<Function<'a>>,
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
    pub(super) extra_content: Option<Extra>,
}

#[derive(Deserialize)]
pub(super) struct Function<'a> {
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    /// A text by OpenAI's rules, an object at some.
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
}

/// Google's additions.
#[derive(Deserialize)]
pub(super) struct Extra {
    google: Option<Google>,
}

#[derive(Deserialize)]
struct Google {
    thought_signature: Option<String>,
    thought: Option<bool>,
}

impl Extra {
    pub(super) fn signature(self) -> Option<String> {
        self.google?.thought_signature
    }

    /// The content beside it is a thought.
    pub(super) fn is_thought(&self) -> bool {
        self.google.as_ref().is_some_and(|google| google.thought == Some(true))
    }
}

impl<'a> Message<'a> {
    /// The plain text of the thoughts, from the first name that has any.
    pub(super) fn thoughts(&mut self) -> Option<Cow<'a, str>> {
        let named = [self.reasoning_content.take(), self.reasoning.take()];
        named.into_iter().flatten().map(|text| text.0).find(|text| !text.is_empty())
    }
}

impl<'a> Call<'a> {
    /// Name and arguments, wherever they stand.
    pub(super) fn take_function(&mut self) -> (Option<Cow<'a, str>>, Option<Cow<'a, str>>) {
        let inner = self.function.take();
        let inner = inner.unwrap_or(Function { name: None, arguments: None });
        let name = inner.name.or(self.name.take()).map(|text| text.0);
        (name, inner.arguments.or(self.arguments).map(arguments))
    }
}

/// The JSON text of arguments: the inside of a string, or an object as it stands.
pub(super) fn arguments(raw: &RawValue) -> Cow<'_, str> {
    match raw.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str::<Text<'_>>(raw.get()).map(|text| text.0),
        _ => Ok(Cow::Borrowed(raw.get())),
    }
    .unwrap_or_default()
}

/// A text, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Content: a text, or parts.
pub(super) enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<Piece<'a>>),
}

/// A part of content.
#[derive(Deserialize)]
pub(super) struct Piece<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    /// Mistral's thoughts: a list of parts; a text at others.
    #[serde(borrow)]
    pub(super) thinking: Option<Content<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Content<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of parts")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Content<'de>, E> {
                Ok(Content::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Content<'de>, E> {
                Ok(Content::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Content<'de>, A::Error> {
                let mut parts = Vec::new();
                while let Some(part) = seq.next_element()? {
                    parts.push(part);
                }
                Ok(Content::Parts(parts))
            }
        }
        from.deserialize_any(Either)
    }
}

impl<'a> Content<'a> {
    /// Its pieces in order: whether it is a thought, and the text.
    pub(super) fn each(self, mut take: impl FnMut(bool, Cow<'a, str>)) {
        self.visit(false, &mut take);
    }

    fn visit(self, thought: bool, take: &mut impl FnMut(bool, Cow<'a, str>)) {
        match self {
            Self::Text(text) => take(thought, text),
            Self::Parts(parts) => {
                for part in parts {
                    if let Some(thinking) = part.thinking {
                        thinking.visit(true, take);
                    }
                    if let Some(text) = part.text {
                        take(thought, text.0);
                    }
                }
            }
        }
    }
}
