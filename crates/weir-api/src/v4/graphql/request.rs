//! From the body of a call to one operation with its variables.

use async_graphql_parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::fault::Fault;

/// Bytes of a query.
const MOST_BYTES: usize = 64 * 1024;
/// Brackets of any kind within each other. The parser keeps a place on the stack for each.
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
    if deepest(&request.query) > MOST_BRACKETS {
        return Err(Fault::limit(format!("a query nests {MOST_BRACKETS} brackets at most")));
    }
    let document = async_graphql_parser::parse_query(&request.query)
        .map_err(|error| Fault::syntax(format!("the query cannot be read: {error}")))?;
    let operation = chosen(&document, request.operation_name.as_deref())?.clone();
    if operation.ty != OperationType::Query {
        return Err(Fault::validation("there are queries only, no mutations or subscriptions"));
    }
    let variables = variables(&operation, request.variables.as_ref())?;
    Ok(Query { document, operation, variables })
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
    Ok(found)
}

/// How deep brackets stand within each other, outside of strings and comments.
fn deepest(query: &str) -> usize {
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
            b'"' => rest = after_string(rest),
            _ => {}
        }
    }
    most
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
        for (query, depth) in [
            ("{a{b(c:[{d:1}])}}", 5),
            (r#"{a(b:"}}}}\"}}{{{{")}"#, 2),
            ("{a #}}}{{{{{\n{b}}", 2),
            (r#"{a(b:"""}} " \""" {{""")}"#, 2),
            (r#"{a(b:"")}"#, 2),
            ("}}}{", 1),
            ("\"", 0),
        ] {
            assert_eq!(deepest(query), depth, "{query}");
        }
    }
}
