//! What each family of models takes of Converse, as data.
//!
//! From AWS's table of models and features of Converse, and from what its API answers. A model that
//! no row knows (imported models, application profiles, new families) is taken to do everything: its
//! own refusal is clearer than a wrong one of ours. What is known of the very model
//! ([`Capabilities`]) counts more than its row.

use crate::capability::Capabilities;

/// What a family takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    /// A part of the model's id, without the prefix of an inference profile.
    mark: &'static str,
    pub(super) system: bool,
    pub(super) tools: Tools,
    pub(super) choice: Forced,
    pub(super) images: bool,
    pub(super) documents: bool,
    pub(super) top_k: TopK,
    pub(super) stop: bool,
    pub(super) thinking: Thinking,
    /// Holds answers, and the arguments of tools, to a schema.
    pub(super) schema: bool,
    pub(super) cache: Cache,
    /// Knows that a tool failed.
    pub(super) status: bool,
    /// Continues an assistant message.
    pub(super) prefill: bool,
    /// Takes `temperature` and `topP` together.
    pub(super) both_samplings: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tools {
    None,
    /// Not in a stream.
    Whole,
    Streamed,
}

/// Which call can be demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Forced {
    /// None, and there is no word for a free choice either.
    Never,
    /// Some call.
    Any,
    /// The call of one tool.
    Named,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TopK {
    None,
    /// A member of `additionalModelRequestFields`.
    Field(&'static str),
    /// In an `inferenceConfig` inside of it.
    Nova,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// Does not think, or cannot be told how much.
    None,
    /// Thinks always, as it likes.
    Always,
    Claude,
    Nova,
    /// `reasoning_effort` in `additionalModelRequestFields`.
    Effort,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cache {
    None,
    /// Not behind tools.
    Messages,
    /// Everywhere, and with a lifetime.
    Everywhere,
}

const OPEN: Family = Family {
    mark: "",
    system: true,
    tools: Tools::Streamed,
    choice: Forced::Named,
    images: true,
    documents: true,
    top_k: TopK::None,
    stop: true,
    thinking: Thinking::None,
    schema: true,
    cache: Cache::None,
    status: true,
    prefill: true,
    both_samplings: true,
};

/// Text only.
const PLAIN: Family = Family {
    tools: Tools::None,
    choice: Forced::Never,
    images: false,
    schema: false,
    status: false,
    prefill: false,
    ..OPEN
};

const CLAUDE_3: Family = Family {
    mark: "anthropic.claude-3",
    top_k: TopK::Field("top_k"),
    schema: false,
    cache: Cache::Everywhere,
    ..OPEN
};

/// Thinks, with a budget.
const CLAUDE_4: Family = Family { thinking: Thinking::Claude, both_samplings: false, ..CLAUDE_3 };

const NOVA: Family = Family {
    mark: "amazon.nova",
    top_k: TopK::Nova,
    schema: false,
    cache: Cache::Messages,
    ..OPEN
};

const LLAMA: Family = Family { mark: "meta.llama", stop: false, ..PLAIN };
const LLAMA_TOOLS: Family = Family { tools: Tools::Whole, ..LLAMA };
const LLAMA_VISION: Family = Family { images: true, ..LLAMA_TOOLS };

const MISTRAL: Family =
    Family { tools: Tools::Whole, choice: Forced::Any, top_k: TopK::Field("top_k"), ..PLAIN };

const COMMAND_R: Family =
    Family { mark: "cohere.command-r", tools: Tools::Streamed, top_k: TopK::Field("k"), ..PLAIN };

/// The first row whose mark is in the id counts.
const FAMILIES: [Family; 34] = [
    Family { mark: "anthropic.claude-v2", top_k: TopK::Field("top_k"), prefill: true, ..PLAIN },
    Family {
        mark: "anthropic.claude-instant",
        top_k: TopK::Field("top_k"),
        prefill: true,
        ..PLAIN
    },
    Family { mark: "anthropic.claude-3-5-haiku", images: false, ..CLAUDE_3 },
    Family { mark: "anthropic.claude-3-7", thinking: Thinking::Claude, ..CLAUDE_3 },
    CLAUDE_3,
    Family { mark: "anthropic.claude-sonnet-4-20", ..CLAUDE_4 },
    Family { mark: "anthropic.claude-opus-4-20", ..CLAUDE_4 },
    Family { mark: "anthropic.claude-opus-4-1", ..CLAUDE_4 },
    Family { mark: "anthropic.claude", schema: true, ..CLAUDE_4 },
    Family { mark: "amazon.nova-micro", images: false, documents: false, ..NOVA },
    Family { mark: "amazon.nova-2", thinking: Thinking::Nova, ..NOVA },
    NOVA,
    Family { mark: "amazon.titan", system: false, ..PLAIN },
    Family { mark: "meta.llama3-1", ..LLAMA_TOOLS },
    Family { mark: "meta.llama3-3", ..LLAMA_TOOLS },
    Family { mark: "meta.llama3-2-11b", ..LLAMA_VISION },
    Family { mark: "meta.llama3-2-90b", ..LLAMA_VISION },
    Family { mark: "meta.llama4", ..LLAMA_VISION },
    LLAMA,
    Family { mark: "mistral.mistral-7b", tools: Tools::None, system: false, ..MISTRAL },
    Family { mark: "mistral.mixtral", tools: Tools::None, system: false, ..MISTRAL },
    Family { mark: "mistral.mistral-large-24", ..MISTRAL },
    Family { mark: "mistral.mistral-small-24", ..MISTRAL },
    Family { mark: "mistral.pixtral-large", images: true, ..MISTRAL },
    COMMAND_R,
    Family { mark: "cohere.command", system: false, top_k: TopK::Field("k"), ..PLAIN },
    Family { mark: "ai21.jamba-instruct", documents: false, ..PLAIN },
    Family { mark: "ai21.jamba", tools: Tools::Streamed, ..PLAIN },
    Family { mark: "deepseek.r1", thinking: Thinking::Always, ..PLAIN },
    Family { mark: "deepseek.", images: false, choice: Forced::Any, prefill: false, ..OPEN },
    Family { mark: "openai.gpt-oss", stop: false, thinking: Thinking::Effort, ..GPT_OSS },
    Family { mark: "qwen.qwen3-vl", ..OPEN },
    Family { mark: "qwen.", images: false, ..OPEN },
    Family { mark: "writer.palmyra", images: false, schema: false, choice: Forced::Never, ..OPEN },
];

const GPT_OSS: Family = Family { images: false, prefill: false, ..OPEN };

impl Family {
    /// The family of a model: an id, one with the prefix of an inference profile, or an ARN.
    pub(super) fn of(model: &str, can: &Capabilities) -> Self {
        let model = model.to_ascii_lowercase();
        let row = FAMILIES.iter().find(|row| model.contains(row.mark));
        let mut family = row.copied().unwrap_or(OPEN);
        family.learn(can);
        family
    }

    /// Whether it takes Anthropic's own parameters.
    pub(super) fn is_claude(&self) -> bool {
        self.mark.starts_with("anthropic.")
    }

    fn learn(&mut self, can: &Capabilities) {
        match can.tools {
            Some(false) => self.tools = Tools::None,
            Some(true) if self.tools == Tools::None => self.tools = Tools::Streamed,
            _ => {}
        }
        match can.forced_tool_choice {
            Some(false) => self.choice = Forced::Never,
            Some(true) => self.choice = Forced::Named,
            None => {}
        }
        if can.reasoning == Some(false) {
            self.thinking = Thinking::None;
        }
        // Of other families than Claude, price lists also call it that when a schema is acted out
        // with a tool: there a yes says nothing.
        match can.native_json_schema {
            Some(false) => self.schema = false,
            Some(true) if self.is_claude() => self.schema = true,
            Some(true) | None => {}
        }
        let facts = [
            (&mut self.images, can.vision),
            (&mut self.documents, can.pdf_input),
            (&mut self.prefill, can.assistant_prefill),
        ];
        for (trait_of_row, known) in facts {
            *trait_of_row = known.unwrap_or(*trait_of_row);
        }
    }
}
