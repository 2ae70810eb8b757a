//! Spend limits of a gateway: which hold for a call, and by which buckets (spec: data-plane 11.2).

use std::borrow::Cow;

use weir_core::controls::Controls;
use weir_core::ledger::{Claim, Measure};
use weir_core::spend::{MissingDimension, Mode, SpendRule};
use weir_core::{Error, Kind};

use super::demand::{Demand, Of, Unit};
use super::target::Target;
use crate::diagnose;
use crate::exchange::Facts;

/// Adds what the rules of a gateway ask of a call that may cost `amount`.
///
/// # Errors
/// `Kind::BadRequest` for a call that lacks what a rule tells calls apart by, where the gateway
/// blocks such calls.
pub(super) fn demands(
    facts: &Facts,
    controls: &Controls,
    target: &Target,
    amount: u64,
    into: &mut Vec<Demand>,
) -> Result<(), Error> {
    for rule in &controls.spend {
        let Some(values) = values(facts, controls.missing, rule, target)? else { continue };
        let parts: Vec<&str> = values.iter().map(Cow::as_ref).collect();
        let claim = Claim {
            key: rule.key(&facts.gateway, &parts),
            span: rule.span(),
            measure: Measure::Sum,
            limit: rule.most(),
            amount,
        };
        let SpendRule { id, limit, window, technique, .. } = rule;
        let of = Of::Rule { id: id.clone(), limit: *limit, window: *window, technique: *technique };
        let value = (!parts.is_empty()).then(|| parts.join(", ").into());
        into.push(Demand { claim, unit: Unit::Cost, of, value });
    }
    Ok(())
}

/// The call's values of a rule's partitions; none where the rule does not hold for it.
fn values<'a>(
    facts: &'a Facts,
    missing: MissingDimension,
    rule: &SpendRule,
    target: &'a Target,
) -> Result<Option<Vec<Cow<'a, str>>>, Error> {
    let mut values = Vec::new();
    match &rule.model {
        Some(Mode::Filter(models)) if !models.iter().any(|it| target.named().fits(it)) => {
            return Ok(None);
        }
        Some(Mode::Partition) => values.push(Cow::Borrowed(&*target.model)),
        _ => {}
    }
    match &rule.provider {
        Some(Mode::Filter(slugs)) if !slugs.iter().any(|it| **it == *target.provider.as_str()) => {
            return Ok(None);
        }
        Some(Mode::Partition) => values.push(Cow::Borrowed(target.provider.as_str())),
        _ => {}
    }
    for (name, mode) in &rule.metadata {
        let label = facts.options.metadata.as_ref().and_then(|labels| labels.text(name));
        match (mode, label) {
            (Mode::Filter(wanted), Some(label)) if wanted.iter().any(|it| **it == *label) => {}
            (Mode::Filter(_), _) => return Ok(None),
            (Mode::Partition, Some(label)) => values.push(label),
            (Mode::Partition, None) => match missing {
                MissingDimension::Skip => return Ok(None),
                MissingDimension::Shared => values.push(Cow::Borrowed("")),
                MissingDimension::Block => return Err(lacking(rule, name)),
            },
        }
    }
    Ok(Some(values))
}

fn lacking(rule: &SpendRule, name: &str) -> Error {
    let hint = format!(
        "the spend limit '{}' tells calls apart by the label '{name}': name it in cf-aig-metadata",
        rule.id
    );
    Error::new(Kind::BadRequest, "A label is missing").with_hint(diagnose::ascii(&hint))
}
