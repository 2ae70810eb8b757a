//! What the Responses API refuses.

use super::{Input, Request};
use crate::simulate::fault::Fault;

/// Every output of a function answers a call before it, and every call has its output.
///
/// # Errors
/// 400 that names the parameter.
pub(super) fn check(request: &Request) -> Result<(), Fault> {
    let Input::Items(items) = &request.input else { return Ok(()) };
    if items.is_empty() {
        return Err(refused("`input` must not be empty.".to_owned()));
    }
    // What came before is not remembered, so it cannot be held against the request.
    if request.previous_response_id.is_some() {
        return Ok(());
    }
    let ids = |wanted: &'static str| {
        items
            .iter()
            .filter(move |item| item.kind.as_deref() == Some(wanted))
            .map(|item| item.call_id.as_deref().unwrap_or_default())
    };
    let stray = ids("function_call_output").find(|id| !ids("function_call").any(|it| it == *id));
    if let Some(id) = stray {
        return Err(refused(format!("No tool call found for function call output `{id}`.")));
    }
    let open = ids("function_call").find(|id| !ids("function_call_output").any(|it| it == *id));
    if let Some(id) = open {
        return Err(refused(format!("No tool output found for function call `{id}`.")));
    }
    Ok(())
}

fn refused(message: String) -> Fault {
    Fault::bad_request(message).with_param("input")
}
