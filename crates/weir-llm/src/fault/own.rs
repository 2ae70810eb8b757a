//! Parameters of the client's dialect without a canonical place ([`Request::own`]): which may be left
//! out, and which may not (spec: providers 4.1, 4.5).
//!
//! [`Request::own`]: crate::canonical::Request::own

use serde_json::{Map, Value};

use super::{Fault, Losses, Param};
use crate::dialect::Dialect;

impl Losses {
    /// Leaves out all that is left of the client's own parameters. A target that knows some of them
    /// takes them out first.
    ///
    /// # Errors
    /// When one changes the meaning of the answer; any, in strict mode.
    pub fn drop_own(&mut self, own: &Map<String, Value>) -> Result<(), Fault> {
        for name in own.keys() {
            let param = Param::Own(name.as_str().into());
            match meaning(self.dialect, name) {
                Some(why) => return Err(self.refuse(&param, why)),
                None => self.drop(&param)?,
            }
        }
        Ok(())
    }
}

/// Why a parameter cannot be left out: what the target fails to do. `None` when it only tunes.
fn meaning(dialect: Dialect, name: &str) -> Option<&'static str> {
    Some(match (dialect, name) {
        (Dialect::OpenAiChat, "modalities" | "audio") => "answers with text only; leave it out",
        (Dialect::OpenAiChat, "web_search_options" | "search_parameters" | "plugins") => {
            "does not search the web on this path; leave it out or use a model that does"
        }
        (Dialect::OpenAiChat, name) if name.starts_with("guided_") => {
            "cannot be held to a grammar; use response_format"
        }
        (Dialect::OpenAiResponses, "previous_response_id" | "conversation" | "prompt") => {
            "keeps no conversations; send the whole input"
        }
        (Dialect::OpenAiResponses, "background") => "answers at once only; leave it out",
        (Dialect::Anthropic, "mcp_servers" | "container") => {
            "runs no tools itself; leave it out or use an Anthropic model"
        }
        (Dialect::Anthropic, "thread") => "keeps no conversations; send all messages",
        (Dialect::Gemini, "cachedContent") => "has no cached contents; send the whole contents",
        _ => return None,
    })
}
