//! Choosing a way by chance, or by a fact that always chooses the same (spec: data-plane 8.3).

use super::facts::CallFacts;
use super::graph::{ElementId, Share};
use super::plan::SharePlan;
use crate::counters::CounterKey;

/// A way out of a percentage element.
pub(super) struct Way<'a> {
    /// Name of the output.
    pub(super) output: &'a str,
    /// Where it leads.
    pub(super) next: &'a ElementId,
}

/// The way that a number below [`Share::WHOLE`] falls on.
pub(super) fn way<'a>(
    shares: &'a [Share],
    otherwise: Option<&'a ElementId>,
    number: u32,
) -> Option<Way<'a>> {
    let mut upto = 0;
    let share = shares.iter().find(|share| {
        upto += share.parts;
        number < upto
    });
    let otherwise = otherwise.map(|next| Way { output: "else", next });
    share.map(|share| Way { output: &share.output, next: &share.next }).or(otherwise)
}

/// The number of a call, below [`Share::WHOLE`], and how it came about.
pub(super) fn number(
    id: &str,
    plan: &SharePlan,
    call: &dyn CallFacts,
    draw: &mut dyn FnMut(u32) -> u32,
) -> (u32, Box<str>) {
    if let Some(path) = &plan.sticky {
        if let Some(value) = path.of(call) {
            let number = of_value(id, &path.key_of(call));
            let shown = path.show(&value);
            let because = format!("{path} = {shown} always draws {}", percent(number));
            return (number, because.into());
        }
        let number = drawn(draw);
        let because = format!("{path} is missing: drew {}", percent(number));
        return (number, because.into());
    }
    let number = drawn(draw);
    (number, format!("drew {}", percent(number)).into())
}

fn drawn(draw: &mut dyn FnMut(u32) -> u32) -> u32 {
    draw(Share::WHOLE).min(Share::WHOLE - 1)
}

/// The same for ever, in every process. Elements draw independently of each other.
fn of_value(id: &str, value: &str) -> u32 {
    let CounterKey(hash) = CounterKey::of(&[b"route share", id.as_bytes(), value.as_bytes()]);
    let [a, b, c, d, e, f, g, h, ..] = hash;
    let number = u64::from_le_bytes([a, b, c, d, e, f, g, h]) % u64::from(Share::WHOLE);
    u32::try_from(number).unwrap_or_default()
}

/// A share or a number in per cent, with no superfluous zeros.
fn percent(parts: u32) -> String {
    let text = format!("{}.{:04}", parts / 10_000, parts % 10_000);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_in_per_cent() {
        assert_eq!(percent(423_517), "42.3517%");
        assert_eq!(percent(100_000), "10%");
        assert_eq!(percent(0), "0%");
        assert_eq!(percent(1), "0.0001%");
    }

    #[test]
    fn the_number_of_a_value_never_changes() {
        // Pinned: another number would send every caller another way.
        assert_eq!(of_value("p", "user-1"), 914_508);
        assert_ne!(of_value("p", "user-1"), of_value("q", "user-1"));
    }
}
