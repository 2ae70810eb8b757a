//! Cells of CSV files (RFC 4180).

/// A cell. Text that a spreadsheet would run as a formula gets an apostrophe in front: clients
/// write metadata and user agents, and operators open the file.
pub(crate) fn cell(word: &str, text: &mut Vec<u8>) {
    let formula = word.starts_with(['=', '+', '@', '\t', '\r'])
        || (word.starts_with('-') && word.parse::<f64>().is_err());
    let quoted = formula || word.contains(['"', ',', '\n', '\r']);
    if !quoted {
        text.extend_from_slice(word.as_bytes());
        return;
    }
    text.push(b'"');
    if formula {
        text.push(b'\'');
    }
    text.extend_from_slice(word.replace('"', "\"\"").as_bytes());
    text.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(word: &str) -> String {
        let mut text = Vec::new();
        cell(word, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(written("plain"), "plain");
        assert_eq!(written(r#"a "b", c"#), r#""a ""b"", c""#);
        assert_eq!(written("two\nlines"), "\"two\nlines\"");
        assert_eq!(written("=1+1"), "\"'=1+1\"");
        assert_eq!(written("-1.5"), "-1.5");
        assert_eq!(written("-1+cmd"), "\"'-1+cmd\"");
    }
}
