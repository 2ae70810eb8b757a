//! What models do.

use serde::Serialize;

/// A task, by the name under which the original's catalogue lists it.
#[derive(Debug, Serialize)]
pub(super) struct Task {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// The word of the price table.
    #[serde(skip)]
    kind: &'static str,
}

/// Every task.
pub(super) const TASKS: &[Task] = &[
    Task {
        id: "automatic-speech-recognition",
        name: "Automatic Speech Recognition",
        description: "Writes down what is said in a recording.",
        kind: "transcription",
    },
    Task {
        id: "realtime",
        name: "Realtime",
        description: "Talks over one connection, by voice or text.",
        kind: "realtime",
    },
    Task {
        id: "text-classification",
        name: "Text Classification",
        description: "Sorts texts, or orders documents by how well they answer a query.",
        kind: "rerank",
    },
    Task {
        id: "text-embeddings",
        name: "Text Embeddings",
        description: "Turns texts into vectors that lie close when their meanings do.",
        kind: "embedding",
    },
    Task {
        id: "text-generation",
        name: "Text Generation",
        description: "Answers messages with text.",
        kind: "chat",
    },
    Task {
        id: "text-to-image",
        name: "Text-to-Image",
        description: "Makes an image of a description.",
        kind: "image",
    },
    Task {
        id: "text-to-speech",
        name: "Text-to-Speech",
        description: "Reads a text aloud.",
        kind: "speech",
    },
];

/// Stands in for a kind that a newer price table may bring.
const OTHER: Task =
    Task { id: "other", name: "Other", description: "Does something else.", kind: "" };

/// The task of a word of the price table.
pub(super) fn of_kind(kind: &str) -> &'static Task {
    TASKS.iter().find(|task| task.kind == kind).unwrap_or(&OTHER)
}
