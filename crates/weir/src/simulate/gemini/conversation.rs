//! The order of turns, and the signatures that calls of functions must bring back.

use super::is_signed;
use super::request::{FunctionCall, Part, Turn};
use super::validate::refused;
use crate::simulate::fault::Fault;
use crate::simulate::signature;

/// Documented values for calls that another model has made.
const SKIP: [&str; 2] =
    ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"];

/// Checks roles, the pairing of calls and responses, and signatures.
///
/// # Errors
/// 400 in Google's words where they are known.
pub(super) fn check(contents: &[Turn], model: &str) -> Result<(), Fault> {
    let mut before: Option<&Turn> = None;
    for turn in contents {
        if !matches!(turn.role.as_deref(), None | Some("user" | "model" | "function")) {
            return Err(refused("Please use a valid role: user, model."));
        }
        pairing(before, turn)?;
        before = Some(turn);
    }
    if before.is_some_and(is_model) {
        return Err(refused("Please ensure that multiturn requests end with a user role."));
    }
    if is_signed(model) { signatures(contents) } else { Ok(()) }
}

fn is_model(turn: &Turn) -> bool {
    turn.role.as_deref() == Some("model")
}

fn calls(turn: &Turn) -> Vec<&FunctionCall> {
    turn.parts.iter().filter_map(|part| part.function_call.as_ref()).collect()
}

fn has_response(turn: &Turn) -> bool {
    turn.parts.iter().any(|part: &Part| part.function_response.is_some())
}

/// Calls come after the user, and the next turn answers each of them.
fn pairing(before: Option<&Turn>, turn: &Turn) -> Result<(), Fault> {
    let made = calls(turn);
    if !made.is_empty() && (!is_model(turn) || before.is_none_or(is_model)) {
        return Err(refused(
            "Please ensure that function call turn comes immediately after a user turn or after a \
             function response turn.",
        ));
    }
    let open = before.map(calls).unwrap_or_default();
    if open.is_empty() && has_response(turn) {
        return Err(refused(
            "Please ensure that function response turn comes immediately after a function call \
             turn.",
        ));
    }
    let responses = turn.parts.iter().filter_map(|part| part.function_response.as_ref());
    let names: Vec<&str> = responses.map(|response| response.name.as_str()).collect();
    if names.len() != open.len() {
        return Err(refused(
            "Please ensure that the number of function response parts is equal to the number of \
             function call parts of the function call turn.",
        ));
    }
    match names.iter().find(|name| !open.iter().any(|call| call.name == **name)) {
        Some(name) => Err(refused(format!("The function response `{name}` answers no call."))),
        None => Ok(()),
    }
}

/// In the current turn, which begins with the user's last own words, the first call of each step
/// must have the signature that came with it.
fn signatures(contents: &[Turn]) -> Result<(), Fault> {
    let begin = contents
        .iter()
        .rposition(|turn| !is_model(turn) && !has_response(turn))
        .unwrap_or_default();
    for (index, turn) in contents.iter().enumerate().skip(begin) {
        let first = turn.parts.iter().find_map(|part| Some((part.function_call.as_ref()?, part)));
        let Some((call, part)) = first else { continue };
        match part.thought_signature.as_deref() {
            None | Some("") => {
                return Err(refused(format!(
                    "Function call `{}` in the `{index}.` content block is missing a \
                     `thought_signature`.",
                    call.name
                )));
            }
            Some(sent) if SKIP.contains(&sent) || sent == signature::of(&call.name) => {}
            Some(_) => return Err(refused("Corrupted thought signature.")),
        }
    }
    Ok(())
}
