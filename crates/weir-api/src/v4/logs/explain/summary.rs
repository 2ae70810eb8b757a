//! An explanation in a few sentences, for whoever is woken by a call that went wrong.

mod money;

use weir_core::store::StoredLog;
use weir_core::trail::{CacheTrail, CredentialTrail, LimitTrail, PriceLine, RouteTrail};
use weir_core::{Cost, LogRecord};

use super::view::Ended;

/// What the sentences are made of.
pub(super) struct Told<'a> {
    /// The rows of the request, one at least.
    pub(super) rows: &'a [StoredLog],
    /// Those of them that are tries at what was asked for, one at least.
    pub(super) tries: &'a [StoredLog],
    pub(super) recorded: bool,
    pub(super) route: Option<&'a RouteTrail>,
    pub(super) cache: Option<&'a CacheTrail>,
    pub(super) limits: &'a [&'a LimitTrail],
    pub(super) cost: Option<Cost>,
}

/// Three to eight sentences, and where there is more to say of the money some more, in the order of what happened.
pub(super) fn sentences(told: &Told<'_>) -> Vec<String> {
    let last = told.tries.last().map(|row| &row.record);
    let unrecorded = "Decisions were not recorded: the row is of a version that kept none.";
    let parts = [
        (!told.recorded).then(|| unrecorded.to_owned()),
        told.route.map(route),
        told.cache.and_then(cache),
        limits(told.limits),
        attempts(told.tries),
        last.and_then(credential),
        last.map(timing),
        Some(cost(told)),
        last.and_then(money::passed_over),
        last.and_then(money::apart),
        told.tries.last().and_then(money::priced_anew),
    ];
    parts.into_iter().flatten().collect()
}

fn route(route: &RouteTrail) -> String {
    let visits: Vec<String> = route
        .path
        .iter()
        .map(|visit| match (&visit.output, visit.because.first()) {
            (Some(output), Some(because)) => format!("{} took '{output}' ({because})", visit.kind),
            (Some(output), None) if *visit.kind != *"start" => {
                format!("{} took '{output}'", visit.kind)
            }
            _ => visit.kind.to_string(),
        })
        .collect();
    format!("Route '{}' led here: {}.", route.name, visits.join(", then "))
}

fn cache(cache: &CacheTrail) -> Option<String> {
    Some(match (&*cache.outcome, cache.reason.as_deref()) {
        ("hit", _) => {
            let from = cache.from.as_deref().map(|id| format!(", from call {id}"));
            let saved = cache.saved.map(|saved| format!(", and saved ${saved}"));
            let (from, saved) = (from.unwrap_or_default(), saved.unwrap_or_default());
            let like = cache.similarity.map(|cosine| format!(" for a like question ({cosine:.3})"));
            let like = like.unwrap_or_default();
            format!("The answer came out of the cache{like}{from}{saved}.")
        }
        ("joined", _) => "An identical call was under way, and its answer was shared.".to_owned(),
        ("miss", Some("not_stored") | None) => "The cache had no entry for this key.".to_owned(),
        ("miss", Some("none_alike")) => match cache.similarity {
            Some(best) => {
                format!("The cache had no question that is alike enough; the best was {best:.3}.")
            }
            None => "The cache had no question to compare this one with.".to_owned(),
        },
        ("miss", Some("embedding_failed")) => {
            "The cache had no entry for this key, and like questions could not be looked for."
                .to_owned()
        }
        ("miss", Some("expired")) => "The cache's entry for this key had expired.".to_owned(),
        ("miss", Some("skipped")) => "The caller asked to pass over the cache.".to_owned(),
        ("miss", Some(reason)) => format!("The cache gave no answer ({reason})."),
        // Not worth a sentence where nobody expects a cache.
        ("off", None) => return None,
        (outcome, Some(reason)) => format!("The cache was {outcome} ({reason})."),
        (outcome, None) => format!("The cache was {outcome}."),
    })
}

fn limits(limits: &[&LimitTrail]) -> Option<String> {
    if let Some(full) = limits.iter().find(|limit| !limit.passed) {
        return Some(format!(
            "Limit '{}' stopped the call: {}.",
            full.name,
            level(full, full.before)
        ));
    }
    match limits {
        [] => None,
        [only] => Some(format!("Limit '{}' had room: {}.", only.name, level(only, only.after))),
        many => {
            let left = |limit: &&&LimitTrail| limit.limit.saturating_sub(limit.after);
            let tightest = many.iter().min_by_key(left)?;
            let used = level(tightest, tightest.after);
            Some(format!(
                "All {} limits had room; the tightest was '{}': {used}.",
                many.len(),
                tightest.name
            ))
        }
    }
}

fn level(limit: &LimitTrail, used: u64) -> String {
    let of = limit.of.as_deref().map(|of| format!(" for {of}")).unwrap_or_default();
    let window = limit.window.map(|window| format!(" in {window} s")).unwrap_or_default();
    let (used, most, unit) = match &*limit.unit {
        // Counted in units that nobody reads.
        "cost" => (dollars(used), dollars(limit.limit), "dollars"),
        "milliseconds" => (used.div_ceil(1000).to_string(), seconds(limit.limit), "seconds"),
        unit => (used.to_string(), limit.limit.to_string(), unit),
    };
    format!("{used} of {most} {unit} were used{of}{window}")
}

fn dollars(pico: u64) -> String {
    Cost::from_pico(i64::try_from(pico).unwrap_or(i64::MAX)).to_string()
}

fn seconds(millis: u64) -> String {
    (millis / 1000).to_string()
}

/// One sentence on all attempts: the first, how many came in between, the last.
fn attempts(rows: &[StoredLog]) -> Option<String> {
    let (first, rest) = rows.split_first()?;
    let first = &first.record;
    if rest.is_empty() && matches!(Ended::of(first), Ended::Cached | Ended::Refused) {
        return Some(match Ended::of(first) {
            Ended::Cached => "No provider was called.".to_owned(),
            _ => format!("No provider was called: the gateway refused with {}.", failure(first)),
        });
    }
    let at = |record: &LogRecord| match &*record.model {
        "" => record.provider.as_str().to_owned(),
        model => format!("{}/{model}", record.provider.as_str()),
    };
    let Some((last, between)) = rest.split_last() else {
        return Some(format!("The only try, at {}, {}.", at(first), ending(first)));
    };
    let last = &last.record;
    let waited = last.trail.as_ref().and_then(|trail| trail.attempt.as_ref()?.waited_ms);
    let waited = waited.map(|ms| format!(" {} later", span(ms))).unwrap_or_default();
    let place = if at(first) == at(last) { String::new() } else { format!(" at {}", at(last)) };
    let start = format!("The first try at {} {}", at(first), ending(first));
    Some(match between.len() {
        0 => format!("{start}; a second try{waited}{place} {}.", ending(last)),
        1 => format!(
            "{start}; a second one {}; a third{waited}{place} {}.",
            ending(&between[0].record),
            ending(last)
        ),
        more => format!(
            "{start}; {more} more did not help; the last of {}{waited}{place} {}.",
            rows.len(),
            ending(last)
        ),
    })
}

fn ending(record: &LogRecord) -> String {
    let after = span(record.duration_ms.into());
    match Ended::of(record) {
        Ended::Answered => format!("succeeded after {after}"),
        Ended::Cached => "was answered out of the cache".to_owned(),
        Ended::ClientLeft => format!("was given up by the client after {after}"),
        Ended::Refused => format!("was refused by the gateway with {}", failure(record)),
        Ended::Failed => format!("failed with {} after {after}", failure(record)),
    }
}

/// Status and error, as far as there are any. A status that stands for an error inside a stream says
/// nothing.
fn failure(record: &LogRecord) -> String {
    let status = record.upstream_status_code.or(record.status_code).filter(|status| *status >= 400);
    match (status, &record.error) {
        (Some(status), Some(error)) => format!("{status} ({})", error.code),
        (Some(status), None) => status.to_string(),
        (None, Some(error)) => format!("'{}'", error.code),
        (None, None) => "no answer".to_owned(),
    }
}

fn credential(record: &LogRecord) -> Option<String> {
    let trail: &CredentialTrail = record.trail.as_ref()?.credential.as_ref()?;
    Some(match (&*trail.source, &trail.alias) {
        ("request", _) => "The caller's own key for the provider was used.".to_owned(),
        ("stored", Some(alias)) => format!("The stored key '{alias}' was used."),
        ("stored", None) => "A stored key was used that is there no more.".to_owned(),
        ("platform", _) => "The operator's key was used, paid with credits.".to_owned(),
        _ => "No key for the provider was sent.".to_owned(),
    })
}

/// Where the time of the last attempt went; how much it was, where that is not known.
fn timing(record: &LogRecord) -> String {
    let phases = record.trail.as_ref().and_then(|trail| trail.phases);
    let known = phases.and_then(|phases| Some((phases.sent_us?, phases.head_us?)));
    let Some((sent, head)) = known else {
        return format!("It was over after {}.", span(record.duration_ms.into()));
    };
    let own = decimal(u64::from(record.overhead_us));
    let waited = span(head.saturating_sub(sent) / 1000);
    format!("Weir itself took {own} ms; the provider began its answer {waited} after it was asked.")
}

fn cost(told: &Told<'_>) -> String {
    let Some(total) = told.cost else {
        return "Its cost is not known: there is no price or no usage to charge by.".to_owned();
    };
    if total == Cost::ZERO {
        return "It cost nothing.".to_owned();
    }
    let prices = told.rows.iter().filter_map(|row| row.record.trail.as_ref()?.price.as_ref());
    let lines: Vec<&PriceLine> = prices.flat_map(|price| &price.lines).collect();
    let shown = |line: &&PriceLine| format!("{} {} for ${}", line.quantity, line.unit, line.cost);
    match lines.len() {
        0 => format!("It cost ${total}."),
        1..=4 => {
            let shown: Vec<String> = lines.iter().map(shown).collect();
            format!("It cost ${total}: {}.", shown.join(", "))
        }
        more => format!("It cost ${total}, on {more} lines."),
    }
}

fn span(ms: u64) -> String {
    match ms {
        0 => "less than 1 ms".to_owned(),
        1..1000 => format!("{ms} ms"),
        _ => format!("{} s", decimal(ms)),
    }
}

/// Thousandths as a figure with one decimal.
fn decimal(thousandths: u64) -> String {
    let tenths = thousandths.saturating_add(50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests;
