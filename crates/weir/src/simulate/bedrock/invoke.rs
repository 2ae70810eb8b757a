//! `invoke`: the body is the vendor's own, told by the model's id.

use super::embed;
use crate::simulate::anthropic;
use crate::simulate::dispatch::boxed;
use crate::simulate::fault::Fault;
use crate::simulate::reply::Operation;

/// Parses the body for the vendor of `model`. An id may begin with a region, such as `us.`.
///
/// # Errors
/// 400 when the body is not what the vendor takes, or the vendor is not simulated.
pub(in crate::simulate) fn parse(
    model: String,
    stream: bool,
    body: &[u8],
) -> Result<Box<dyn Operation>, Fault> {
    let is = |vendor: &str| model.starts_with(vendor) || model.contains(&format!(".{vendor}"));
    if is("anthropic.") {
        return boxed(anthropic::Ask::of_bedrock(model, stream, body));
    }
    if is("amazon.titan-embed") && !stream {
        return boxed(embed::Titan::parse(model, body));
    }
    if is("cohere.embed") && !stream {
        return boxed(embed::Cohere::parse(model, body));
    }
    Err(Fault::bad_request(
        "The simulator invokes anthropic.*, amazon.titan-embed-* and cohere.embed-* alone. Use \
         converse for other models.",
    ))
}
