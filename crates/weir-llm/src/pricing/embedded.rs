//! The table that comes with the build: unpacked at once, read provider by provider when asked for.
//!
//! Unpacking 650 kB takes a few milliseconds; reading all of it would take several times that, and
//! most installations call two or three providers.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::LazyLock;

use super::PriceTable;
use super::models::Section;

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pricing.json.zz"));

/// The text of the table.
pub(super) static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    // That it unpacks is proved by a test; a broken one would price nothing.
    match flate2::read::ZlibDecoder::new(PACKED).read_to_string(&mut text) {
        Ok(_) => text,
        Err(_) => String::new(),
    }
});

/// The table, whose rows stand one a line and by provider.
pub(super) fn table(text: &'static str) -> PriceTable {
    let mut providers: BTreeMap<Box<str>, Section> = BTreeMap::new();
    let mut as_of = "";
    let mut open: Option<(&str, usize)> = None;
    let mut at = 0;
    let mut close = |open: Option<(&'static str, usize)>, end: usize| {
        if let Some((provider, start)) = open {
            let section = Section::unread(text.get(start..end).unwrap_or_default());
            providers.insert(provider.into(), section);
        }
    };
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("{\"provider\":\"").and_then(|rest| rest.split('"').next()) {
            Some(provider) if open.is_some_and(|(present, _)| present == provider) => {}
            Some(provider) => {
                close(open, at);
                open = Some((provider, at));
            }
            None => {
                close(open.take(), at);
                let value = line.strip_prefix("\"as_of\": \"");
                as_of = value.and_then(|rest| rest.split('"').next()).unwrap_or(as_of);
            }
        }
        at += line.len();
    }
    close(open, at);
    PriceTable { as_of: as_of.into(), providers }
}
