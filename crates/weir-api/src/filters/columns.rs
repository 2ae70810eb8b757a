//! The columnar form does not say which value belongs to which filter. Values stand in the order of
//! their filters, and each is of its filter's type; often that leaves one way only to share them
//! out. Where it does not, nobody guesses: a wrong guess would show, or delete, the wrong rows.

use serde_json::Value;
use weir_core::log_filter::LogField;

use super::typed;

/// Filters and values among which a way is looked for.
const MOST: usize = 200;

/// The values of each key: one each where the numbers agree, otherwise the one way to cut `values`
/// into as many runs as there are keys so that each value is of the type of its key. `None` when
/// there is no such way, or more than one.
pub(super) fn share_out<'a, 'v>(
    keys: &[&str],
    values: &'a [&'v str],
) -> Option<Vec<&'a [&'v str]>> {
    if keys.len() == values.len() {
        return Some(values.chunks(1).collect());
    }
    if keys.len() > values.len() || values.len() > MOST {
        return None;
    }
    let fields: Vec<Option<LogField>> = keys.iter().map(|key| LogField::parse(key)).collect();
    let fits = |key: usize, value: usize| match &fields[key] {
        // A key that nobody knows is refused later, by name.
        None => true,
        Some(field) => typed::read(&Value::from(values[value]), field).is_some(),
    };
    // ways[k][v]: in how many ways the keys from k on take the values from v on; 2 stands for more.
    let (n, m) = (keys.len(), values.len());
    let mut ways = vec![vec![0_u8; m + 1]; n + 1];
    ways[n][m] = 1;
    for key in (0..n).rev() {
        for value in (0..m).rev() {
            if fits(key, value) {
                // The value is the last one of this key, or the key takes the next one, too.
                let more = ways[key + 1][value + 1] + ways[key][value + 1];
                ways[key][value] = more.min(2);
            }
        }
    }
    if ways[0][0] != 1 {
        return None;
    }
    let mut shares = Vec::with_capacity(n);
    let mut start = 0;
    for key in 0..n {
        let mut end = start + 1;
        while ways[key + 1][end] == 0 {
            end += 1;
        }
        shares.push(&values[start..end]);
        start = end;
    }
    Some(shares)
}
