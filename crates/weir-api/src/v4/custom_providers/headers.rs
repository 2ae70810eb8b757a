//! The headers of a custom provider: a JSON object inside a string (spec: management-api 7).

use std::collections::BTreeMap;

use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, FORWARDED, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderName, HeaderValue};
use serde_json::Value;
use weir_core::gateway::Hidden;
use weir_core::mask::MASKED;

use crate::body::parse_strictly;
use crate::error::ApiError;

/// Reads the string. A masked value stands for the one that `present` has under that name.
pub(super) fn read(
    text: &str,
    present: &BTreeMap<String, Hidden>,
) -> Result<BTreeMap<String, Hidden>, ApiError> {
    let refuse = |message: String| ApiError::body("headers", message);
    if text.trim().is_empty() {
        return Ok(BTreeMap::new());
    }
    let fields = match parse_strictly(text.as_bytes()) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return Err(refuse("headers must hold a JSON object".to_owned())),
        Err(error) => return Err(refuse(format!("headers is not valid JSON: {error}"))),
    };
    let mut headers = BTreeMap::new();
    for (name, value) in fields {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| refuse(format!("headers: {name:?} is not the name of a header")))?;
        if is_ours(&header) {
            return Err(refuse(format!("headers: {header} belongs to the connection")));
        }
        let value = match value {
            Value::String(value) if value == MASKED => {
                let named = |(name, _): &(&String, _)| header.as_str().eq_ignore_ascii_case(name);
                let former = present.iter().find(named).map(|(_, value)| value);
                let missing = || refuse(format!("headers: {header} is masked, but is not known"));
                former.ok_or_else(missing)?.0.clone()
            }
            Value::String(value) => value,
            _ => return Err(refuse(format!("headers: {header} must be a string"))),
        };
        if HeaderValue::from_str(&value).is_err() {
            return Err(refuse(format!("headers: the value of {header} cannot be sent")));
        }
        if headers.insert(header.as_str().to_owned(), Hidden(value)).is_some() {
            return Err(refuse(format!("headers: {header} is given twice")));
        }
    }
    Ok(headers)
}

/// The string to show: every name, no value.
pub(super) fn show(headers: &BTreeMap<String, Hidden>) -> Option<String> {
    let masked: serde_json::Map<String, Value> =
        headers.keys().map(|name| (name.clone(), MASKED.into())).collect();
    (!masked.is_empty()).then(|| Value::Object(masked).to_string())
}

/// Whether some value of the string is the mask.
pub(super) fn holds_mask(text: &str) -> bool {
    let parsed = parse_strictly(text.as_bytes()).unwrap_or_default();
    parsed.as_object().is_some_and(|fields| fields.values().any(|value| value == MASKED))
}

/// Headers that the data plane writes itself, or that end at each hop.
fn is_ours(name: &HeaderName) -> bool {
    const OURS: [HeaderName; 11] = [
        CONNECTION,
        CONTENT_LENGTH,
        EXPECT,
        FORWARDED,
        HOST,
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ];
    OURS.contains(name) || matches!(name.as_str(), "keep-alive" | "proxy-connection")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_shown_reads_back_as_what_it_was(
            headers in proptest::collection::btree_map("[a-z][a-z0-9-]{0,8}x", "[ -~]{0,12}", 0..6)
        ) {
            prop_assume!(headers.values().all(|value| value != MASKED));
            let object = serde_json::to_string(&headers).unwrap();
            let known = read(&object, &BTreeMap::new()).unwrap();
            prop_assert_eq!(known.len(), headers.len());
            prop_assert!(known.iter().all(|(name, value)| headers[name] == value.0));
            let shown = show(&known).unwrap_or_default();
            prop_assert_eq!(holds_mask(&shown), !known.is_empty());
            prop_assert_eq!(read(&shown, &known).unwrap(), known);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = read(&text, &BTreeMap::new());
            let _ = holds_mask(&text);
        }
    }

    #[test]
    fn names_are_compared_in_any_case() {
        let known = BTreeMap::from([("X-Key".to_owned(), Hidden("k".to_owned()))]);
        let read = read(&show(&known).unwrap(), &known).unwrap();
        assert_eq!(read["x-key"].0, "k");
    }
}
