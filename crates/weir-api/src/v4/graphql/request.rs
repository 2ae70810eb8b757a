//! From the body of a call to one operation with its variables.

use async_graphql_parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::fault::Fault;

/// Bytes of a query, and of the values of its variables: each of its fields may repeat them.
const MOST_BYTES: usize = 64 * 1024;
/// Brackets of any kind within each other.
const MOST_BRACKETS: usize = 40;

/// The body of a call.
#[derive(Debug, Deserialize)]
pub(super) struct Request {
    query: String,
    variables: Option<Map<String, Value>>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
}

/// An operation to answer.
#[derive(Debug)]
pub(super) struct Query {
    /// Everything that was sent, for its fragments.
    pub(super) document: ExecutableDocument,
    /// The operation.
    pub(super) operation: OperationDefinition,
    /// Variables that have a value.
    pub(super) variables: Map<String, Value>,
}

/// Takes a call apart.
pub(super) fn read(request: &Request) -> Result<Query, Fault> {
    if request.query.len() > MOST_BYTES {
        return Err(Fault::limit(format!("a query has {MOST_BYTES} bytes at most")));
    }
    check(&request.query)?;
    let document = async_graphql_parser::parse_query(&request.query)
        .map_err(|error| Fault::syntax(format!("the query cannot be read: {}", reason(&error))))?;
    let operation = chosen(&document, request.operation_name.as_deref())?.clone();
    if operation.ty != OperationType::Query {
        return Err(Fault::validation("there are queries only, no mutations or subscriptions"));
    }
    let variables = variables(&operation, request.variables.as_ref())?;
    Ok(Query { document, operation, variables })
}

/// Where and why, without the line of the query that the parser draws: it may be very long.
fn reason(error: &async_graphql_parser::Error) -> String {
    let text = error.to_string();
    let why = text.lines().last().unwrap_or_default().trim_start_matches([' ', '=']);
    match error.positions().next() {
        Some(place) => format!("line {}, column {}: {why}", place.line, place.column),
        None => why.to_owned(),
    }
}

fn chosen<'d>(
    document: &'d ExecutableDocument,
    name: Option<&str>,
) -> Result<&'d OperationDefinition, Fault> {
    let name = name.filter(|name| !name.is_empty());
    match (&document.operations, name) {
        (DocumentOperations::Single(one), None) => Ok(&one.node),
        (DocumentOperations::Single(_), Some(name)) => {
            Err(Fault::validation(format!("there is no operation '{name}'")))
        }
        (DocumentOperations::Multiple(many), Some(name)) => {
            let found = many.get(name).map(|operation| &operation.node);
            found.ok_or_else(|| Fault::validation(format!("there is no operation '{name}'")))
        }
        (DocumentOperations::Multiple(many), None) => {
            let mut each = many.values();
            match (each.next(), each.next()) {
                (Some(one), None) => Ok(&one.node),
                _ => Err(Fault::validation("there are several operations: send operationName")),
            }
        }
    }
}

/// The declared variables that have a value, their own or the default. Further ones are passed
/// over, as clients send one set of variables with many queries.
fn variables(
    operation: &OperationDefinition,
    given: Option<&Map<String, Value>>,
) -> Result<Map<String, Value>, Fault> {
    let mut found = Map::new();
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let name = definition.name.node.as_str();
        let nullable = definition.var_type.node.nullable;
        let value = match given.and_then(|given| given.get(name)) {
            Some(value) => Some(value.clone()),
            None => match &definition.default_value {
                Some(value) => value.node.clone().into_json().ok(),
                None => None,
            },
        };
        match value {
            Some(Value::Null) | None if !nullable => {
                return Err(Fault::validation(format!("the variable ${name} has no value")));
            }
            Some(value) => {
                found.insert(name.to_owned(), value);
            }
            None => {}
        }
    }
    let size: usize = found.values().map(|value| value.to_string().len()).sum();
    if size > MOST_BYTES {
        return Err(Fault::limit(format!("variables have {MOST_BYTES} bytes at most, as JSON")));
    }
    Ok(found)
}

/// Refuses what the parser is not made for: it keeps a place on the stack for each bracket within
/// others, and panics at half of a surrogate pair.
fn check(query: &str) -> Result<(), Fault> {
    let mut rest = query.as_bytes();
    let (mut depth, mut most) = (0_usize, 0);
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'{' | b'(' | b'[' => {
                depth += 1;
                most = most.max(depth);
            }
            b'}' | b')' | b']' => depth = depth.saturating_sub(1),
            b'#' => rest = after(rest, |text| text.starts_with(b"\n") || text.starts_with(b"\r")),
            b'"' if rest.starts_with(b"\"\"") => rest = after_block(&rest[2..]),
            b'"' => {
                let string = rest;
                rest = after_string(rest);
                if has_surrogate(&string[..string.len() - rest.len()]) {
                    let message = "write characters beyond U+FFFF as they are, not as two escapes";
                    return Err(Fault::syntax(message));
                }
            }
            _ => {}
        }
    }
    if most > MOST_BRACKETS {
        return Err(Fault::limit(format!("a query nests {MOST_BRACKETS} brackets at most")));
    }
    Ok(())
}

/// Whether the text of a string holds an escape from `\ud800` to `\udfff`.
fn has_surrogate(mut text: &[u8]) -> bool {
    loop {
        match text {
            [] => return false,
            [b'\\', b'u', b'd' | b'D', digit, ..] if !digit.is_ascii_digit() || *digit > b'7' => {
                return true;
            }
            [b'\\', _, rest @ ..] | [_, rest @ ..] => text = rest,
        }
    }
}

fn after(mut text: &[u8], end: impl Fn(&[u8]) -> bool) -> &[u8] {
    while !text.is_empty() && !end(text) {
        text = &text[1..];
    }
    text
}

fn after_string(mut text: &[u8]) -> &[u8] {
    loop {
        match text {
            [] | [b'"' | b'\n' | b'\r', ..] => return text.get(1..).unwrap_or_default(),
            [b'\\', _, rest @ ..] | [_, rest @ ..] => text = rest,
        }
    }
}

fn after_block(mut text: &[u8]) -> &[u8] {
    loop {
        match text {
            [] => return text,
            [b'"', b'"', b'"', rest @ ..] => return rest,
            [b'\\', b'"', b'"', b'"', rest @ ..] | [_, rest @ ..] => text = rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_outside_of_strings_and_comments_only() {
        let (open, close) = ("{".repeat(40), "}".repeat(40));
        for (query, fits) in [
            (open.clone(), true),
            (format!("{open}("), false),
            (format!("{open}{close}[{open}"), false),
            (format!("{open}\"[[[\\\"[[[\""), true),
            (format!("{open}\"}}}}}}\"["), false),
            (format!("{open}\"\"["), false),
            (format!("{open}#}}}}}}\n["), false),
            (format!("{open}# [[["), true),
            (format!("{open}\"\"\"[\" \\\"\"\" [\"\"\""), true),
            (format!("{open}\"\"\"}}}}\"\"\"["), false),
            ("\"".to_owned(), true),
            ("\"\"\"".to_owned(), true),
        ] {
            assert_eq!(check(&query).is_ok(), fits, "{query}");
        }
    }

    #[test]
    fn halves_of_characters_do_not_reach_the_parser() {
        for (text, fits) in [
            (r"\ud83d\ude00", false),
            (r"\uDFFF", false),
            (r"\\ud800", true),
            (r"\uD7FF", true),
            (r"\ue000", true),
        ] {
            let query = format!("{{ __type(name: \"{text}\") {{ name }} }}");
            assert_eq!(check(&query).is_ok(), fits, "{text}");
            let request = Request { query, variables: None, operation_name: None };
            assert_eq!(read(&request).is_ok(), fits, "{text}");
        }
    }
}
