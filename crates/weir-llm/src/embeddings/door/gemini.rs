//! Gemini's `embedContent` and `batchEmbedContents`, as a client speaks them.

use serde_json::{Map, Value};

use crate::dialect::Asked;
use crate::embeddings::vector::push_list;
use crate::embeddings::{Embeddings, EmbeddingsRequest, Task};
use crate::fault::Fault;
use crate::json::{self, Object, Raw};

/// A text and what is said of it.
struct Item {
    text: String,
    task: Option<Task>,
    title: Option<String>,
    dimensions: Option<u64>,
    own: Map<String, Value>,
}

pub(super) fn read(body: &[u8], asked: &Asked<'_>) -> Result<EmbeddingsRequest, Fault> {
    let item = Item::read(Object::read(body)?, "")?;
    Ok(request(asked, vec![item]))
}

pub(super) fn read_batch(body: &[u8], asked: &Asked<'_>) -> Result<EmbeddingsRequest, Fault> {
    let mut object = Object::read(body)?;
    let missing = || Fault::missing("requests", "requests: has to hold at least one request");
    let raw = object.take_raw("requests").ok_or_else(missing)?;
    let raws: Vec<Raw<'_>> = json::read(raw, "requests")?;
    let mut items = Vec::with_capacity(raws.len());
    for (n, raw) in raws.into_iter().enumerate() {
        let place = format!("requests[{n}].");
        let item = Item::read(json::read(raw, place.trim_end_matches('.'))?, &place)?;
        item.agree(items.first(), &place)?;
        items.push(item);
    }
    if items.is_empty() {
        return Err(missing());
    }
    let mut request = request(asked, items);
    own(&object, "", &mut request.own)?;
    Ok(request)
}

fn request(asked: &Asked<'_>, items: Vec<Item>) -> EmbeddingsRequest {
    let mut request =
        EmbeddingsRequest { model: asked.model.to_owned(), ..EmbeddingsRequest::default() };
    let titled = items.iter().any(|item| item.title.is_some());
    for item in items {
        request.inputs.push(item.text);
        if titled {
            request.titles.push(item.title);
        }
        request.task = item.task;
        request.dimensions = item.dimensions;
        request.own.extend(item.own);
    }
    request
}

impl Item {
    /// `place` is what comes before the names of its members.
    fn read(mut object: Object<'_>, place: &str) -> Result<Self, Fault> {
        // The path has it already.
        object.take_raw("model");
        let at = format!("{place}content");
        let content = object
            .take_raw("content")
            .ok_or_else(|| Fault::missing(&*at, format!("{at}: the text to embed is missing")))?;
        let text = text(json::read(content, &at)?, &at)?;
        let mut item = Self { text, task: None, title: None, dimensions: None, own: Map::new() };
        item.settings(&mut object, place)?;
        // Newer clients group the settings.
        let group = ["embedContentConfig", "embed_content_config"];
        if let Some(config) = group.iter().find_map(|name| object.take_raw(name)) {
            let at = format!("{place}embedContentConfig");
            let mut config: Object<'_> = json::read(config, &at)?;
            let place = format!("{at}.");
            item.settings(&mut config, &place)?;
            own(&config, &place, &mut item.own)?;
        }
        own(&object, place, &mut item.own)?;
        Ok(item)
    }

    fn settings(&mut self, object: &mut Object<'_>, place: &str) -> Result<(), Fault> {
        if let Some(word) = member::<String>(object, place, "taskType", "task_type")? {
            self.task = task(&word, &format!("{place}taskType"))?;
        }
        if let Some(title) = member(object, place, "title", "title")? {
            self.title = Some(title);
        }
        let (name, snake) = ("outputDimensionality", "output_dimensionality");
        if let Some(dimensions) = member(object, place, name, snake)? {
            if dimensions == 0 {
                let at = format!("{place}{name}");
                return Err(Fault::invalid(&*at, format!("{at}: has to be at least 1")));
            }
            self.dimensions = Some(dimensions);
        }
        Ok(())
    }

    /// Other providers have one setting for all texts of a call.
    fn agree(&self, first: Option<&Self>, place: &str) -> Result<(), Fault> {
        let Some(first) = first else { return Ok(()) };
        let name = if self.task != first.task {
            "taskType"
        } else if self.dimensions != first.dimensions {
            "outputDimensionality"
        } else {
            return Ok(());
        };
        let at = format!("{place}{name}");
        let why = "differs from the first request's; send such requests in batches of their own";
        Err(Fault::unsupported(&*at, format!("{at}: {why}")))
    }
}

/// A member in one of the two spellings that Google accepts.
fn member<T: serde::de::DeserializeOwned>(
    object: &mut Object<'_>,
    place: &str,
    name: &str,
    snake: &str,
) -> Result<Option<T>, Fault> {
    let raw = object.take_raw(name).or_else(|| object.take_raw(snake));
    raw.map(|raw| json::read(raw, &format!("{place}{name}"))).transpose()
}

fn task(word: &str, at: &str) -> Result<Option<Task>, Fault> {
    if word == "TASK_TYPE_UNSPECIFIED" {
        return Ok(None);
    }
    let task = Task::from_gemini(word).ok_or_else(|| {
        let known = "RETRIEVAL_QUERY, RETRIEVAL_DOCUMENT, SEMANTIC_SIMILARITY, CLASSIFICATION, \
                     CLUSTERING, QUESTION_ANSWERING, FACT_VERIFICATION, CODE_RETRIEVAL_QUERY";
        Fault::invalid(at, format!("{at}: {word:?} is no task; there are {known}"))
    })?;
    Ok(Some(task))
}

/// The text of a content: its parts, one line each.
fn text(mut content: Object<'_>, at: &str) -> Result<String, Fault> {
    let at = format!("{at}.parts");
    let missing = || Fault::missing(&*at, format!("{at}: the text to embed is missing"));
    let raw = content.take_raw("parts").ok_or_else(missing)?;
    let mut texts = Vec::new();
    for (n, mut part) in json::read::<Vec<Object<'_>>>(raw, &at)?.into_iter().enumerate() {
        let at = format!("{at}[{n}]");
        if let Some(text) = part.take_raw("text") {
            texts.push(json::read::<String>(text, &format!("{at}.text"))?);
        }
        if let Some((name, _)) = part.rest().next() {
            let at = format!("{at}.{name}");
            let message = format!("{at}: only texts can be embedded here; leave it out");
            return Err(Fault::unsupported(&*at, message));
        }
    }
    if texts.is_empty() {
        return Err(missing());
    }
    Ok(texts.join("\n"))
}

fn own(object: &Object<'_>, place: &str, own: &mut Map<String, Value>) -> Result<(), Fault> {
    for (name, value) in object.rest() {
        own.insert(name.to_owned(), json::read(value, &format!("{place}{name}"))?);
    }
    Ok(())
}

pub(super) fn write(answer: &Embeddings) -> Vec<u8> {
    let mut out = b"{\"embedding\":".to_vec();
    values(&mut out, answer.vectors.first().map_or(&[], Vec::as_slice));
    usage(&mut out, answer);
    out
}

pub(super) fn write_batch(answer: &Embeddings) -> Vec<u8> {
    let mut out = b"{\"embeddings\":[".to_vec();
    for (n, vector) in answer.vectors.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        values(&mut out, vector);
    }
    out.push(b']');
    usage(&mut out, answer);
    out
}

fn values(out: &mut Vec<u8>, vector: &[f32]) {
    out.extend_from_slice(b"{\"values\":");
    push_list(out, vector);
    out.push(b'}');
}

/// The dialect can leave the count out, so a guess does not pose as one.
fn usage(out: &mut Vec<u8>, answer: &Embeddings) {
    if !answer.estimated {
        let usage = format!(",\"usageMetadata\":{{\"promptTokenCount\":{}}}", answer.tokens);
        out.extend_from_slice(usage.as_bytes());
    }
    out.push(b'}');
}
