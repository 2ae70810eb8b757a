//! What the name of a model tells about it.

use crate::capability::Capabilities;

/// How a model's thinking is steered (spec: providers 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// The model does not think, or cannot be told how much.
    Fixed,
    /// By a count of tokens, `thinkingBudget`.
    Budget {
        /// Smallest count; 0 where thinking can be turned off with no smaller step.
        least: u64,
        /// Largest count.
        most: u64,
        /// A count of 0 turns thinking off.
        off: bool,
    },
    /// By a word, `thinkingLevel`.
    Level {
        /// The model has `minimal`.
        minimal: bool,
        /// The model has `medium`.
        medium: bool,
    },
}

/// A model, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Model {
    /// `None` for models that are not called Gemini.
    version: Option<(u32, u32)>,
    pub(super) thinking: Thinking,
}

impl Model {
    pub(super) fn of(name: &str, capabilities: &Capabilities) -> Self {
        let version = version(name);
        Self { version, thinking: thinking(name, version, capabilities) }
    }

    /// Gemini 3 and later: checks thought signatures, takes tools and a schema together, and
    /// pictures inside of a tool's result.
    pub(super) fn is_third(&self) -> bool {
        self.version >= Some((3, 0))
    }
}

/// Major and minor number. A name without one, such as `gemini-flash-latest`, is an alias that
/// moves along with the newest.
fn version(name: &str) -> Option<(u32, u32)> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let rest = name.strip_prefix("gemini-")?;
    let number = rest.split('-').next().unwrap_or_default();
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    Some(match (major.parse(), minor.parse()) {
        (Ok(major), Ok(minor)) => (major, minor),
        _ => (u32::MAX, 0),
    })
}

fn thinking(name: &str, version: Option<(u32, u32)>, capabilities: &Capabilities) -> Thinking {
    let is_pro = name.contains("-pro");
    let level = Thinking::Level {
        minimal: capabilities.effort_minimal.unwrap_or(!is_pro),
        medium: !is_pro || version > Some((3, 0)),
    };
    match version {
        _ if capabilities.reasoning == Some(false) => Thinking::Fixed,
        _ if capabilities.thinking_adaptive == Some(true) => level,
        _ if name.contains("-tts") => Thinking::Fixed,
        Some((2, 5)) if name.contains("-image") => Thinking::Fixed,
        Some((2, 5)) if is_pro => Thinking::Budget { least: 128, most: 32_768, off: false },
        Some((2, 5)) if name.contains("-lite") => {
            Thinking::Budget { least: 512, most: 24_576, off: true }
        }
        Some((2, 5)) => Thinking::Budget { least: 0, most: 24_576, off: true },
        Some((3.., _)) => level,
        _ => Thinking::Fixed,
    }
}
