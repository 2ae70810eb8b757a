//! OpenAI's embeddings, as a client speaks them.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::dialect::Asked;
use crate::embeddings::vector::{push_base64, push_list};
use crate::embeddings::{Embeddings, EmbeddingsRequest, Task};
use crate::fault::Fault;
use crate::json::{self, Object, TextOr};

pub(super) fn read(body: &[u8], asked: &Asked<'_>) -> Result<EmbeddingsRequest, Fault> {
    let mut object = Object::read(body)?;
    object.take_raw("model");
    let inputs = inputs(&mut object)?;
    let base64 = match object.take::<String>("encoding_format")?.as_deref() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(other) => {
            let message = format!("encoding_format: {other:?} is neither float nor base64");
            return Err(Fault::invalid("encoding_format", message));
        }
    };
    let dimensions = object.take::<u64>("dimensions")?;
    if dimensions == Some(0) {
        return Err(Fault::invalid("dimensions", "dimensions: has to be at least 1"));
    }
    let user = object.take("user")?;
    // Not OpenAI's, but what clients send for models that ask for it. A word that is not known stays
    // where a provider with OpenAI's dialect gets it as it is.
    let known = object.get::<Value>("input_type")?;
    let task = known.as_ref().and_then(Value::as_str).and_then(Task::from_cohere);
    if task.is_some() {
        object.take_raw("input_type");
    }
    let mut own = Map::new();
    for (name, value) in object.rest() {
        own.insert(name.to_owned(), json::read(value, name)?);
    }
    Ok(EmbeddingsRequest {
        model: asked.model.to_owned(),
        inputs,
        titles: Vec::new(),
        dimensions,
        base64,
        user,
        task,
        own,
    })
}

fn inputs(object: &mut Object<'_>) -> Result<Vec<String>, Fault> {
    let raw = object.take_raw("input").ok_or_else(|| {
        Fault::missing("input", "input: the text to embed is missing; send a string or a list")
    })?;
    let list = match json::read::<TextOr<Input>>(raw, "input")? {
        TextOr::Text(text) => return Ok(vec![text]),
        TextOr::List(list) => list,
    };
    if list.is_empty() {
        return Err(Fault::invalid("input", "input: the list is empty; send at least one text"));
    }
    let mut texts = Vec::with_capacity(list.len());
    for input in list {
        match input {
            Input::Text(text) => texts.push(text),
            // The numbers mean something to one tokenizer only.
            Input::Tokens => {
                let message =
                    "input: token arrays can only be sent to OpenAI; send the text itself";
                return Err(Fault::unsupported("input", message));
            }
        }
    }
    Ok(texts)
}

/// An element of the list.
enum Input {
    Text(String),
    /// A token, or a list of them.
    Tokens,
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Element;
        impl<'de> Visitor<'de> for Element {
            type Value = Input;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Input, E> {
                Ok(Input::Text(text.to_owned()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Input, E> {
                Ok(Input::Text(text))
            }

            fn visit_u64<E: de::Error>(self, _token: u64) -> Result<Input, E> {
                Ok(Input::Tokens)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Input, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Input::Tokens)
            }
        }
        from.deserialize_any(Element)
    }
}

pub(super) fn write(answer: &Embeddings, base64: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(b"{\"object\":\"list\",\"data\":[");
    for (n, vector) in answer.vectors.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        let head = format!("{{\"object\":\"embedding\",\"index\":{n},\"embedding\":");
        out.extend_from_slice(head.as_bytes());
        if base64 {
            push_base64(&mut out, vector);
        } else {
            push_list(&mut out, vector);
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"],\"model\":");
    json::push_string(&mut out, &answer.model);
    let tokens = answer.tokens;
    let usage = format!(",\"usage\":{{\"prompt_tokens\":{tokens},\"total_tokens\":{tokens}}}}}");
    out.extend_from_slice(usage.as_bytes());
    out
}
