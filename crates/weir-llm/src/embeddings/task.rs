//! What vectors are for: models place a question elsewhere than the text that answers it.

/// The use of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// A question to search with.
    Query,
    /// A text to be found.
    Document,
    /// Comparing texts.
    Similarity,
    /// Sorting texts into classes.
    Classification,
    /// Finding groups of texts.
    Clustering,
    /// A question to be answered.
    QuestionAnswering,
    /// A claim to be checked.
    FactVerification,
    /// A question to search code with.
    CodeQuery,
}

const GEMINI: &[(&str, Task)] = &[
    ("RETRIEVAL_QUERY", Task::Query),
    ("RETRIEVAL_DOCUMENT", Task::Document),
    ("SEMANTIC_SIMILARITY", Task::Similarity),
    ("CLASSIFICATION", Task::Classification),
    ("CLUSTERING", Task::Clustering),
    ("QUESTION_ANSWERING", Task::QuestionAnswering),
    ("FACT_VERIFICATION", Task::FactVerification),
    ("CODE_RETRIEVAL_QUERY", Task::CodeQuery),
];

impl Task {
    /// The task of Gemini's word.
    pub fn from_gemini(word: &str) -> Option<Self> {
        GEMINI.iter().find(|(known, _)| *known == word).map(|(_, task)| *task)
    }

    /// Gemini's word.
    pub fn gemini(self) -> &'static str {
        GEMINI.iter().find(|(_, task)| *task == self).map_or("TASK_TYPE_UNSPECIFIED", |(w, _)| w)
    }

    /// The task of Cohere's word, which other providers and SDKs took over.
    pub fn from_cohere(word: &str) -> Option<Self> {
        Some(match word {
            "search_query" => Self::Query,
            "search_document" => Self::Document,
            "classification" => Self::Classification,
            "clustering" => Self::Clustering,
            _ => return None,
        })
    }

    /// Cohere's word. Everything that is asked with is a query there; it has none for comparing.
    pub const fn cohere(self) -> Option<&'static str> {
        Some(match self {
            Self::Query | Self::QuestionAnswering | Self::FactVerification | Self::CodeQuery => {
                "search_query"
            }
            Self::Document => "search_document",
            Self::Classification => "classification",
            Self::Clustering => "clustering",
            Self::Similarity => return None,
        })
    }
}
