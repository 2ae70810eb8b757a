//! Making a segment of segments, or of a part of one.

use foldhash::HashMap;
use weir_core::Cost;
use weir_core::store::LogPatch;

use super::super::values::{Number, Text, from_float};
use super::build::Made;
use super::shelf::View;
use super::{pairs, texts};
use crate::sqlite::fault::Fault;

/// A segment to take rows from.
pub(super) struct Source<'view, 'connection> {
    pub(super) view: &'view View<'connection>,
    /// Which rows, if not all.
    pub(super) keep: Option<Vec<bool>>,
}

impl Source<'_, '_> {
    fn keeps(&self, row: usize) -> bool {
        self.keep.as_ref().is_none_or(|keep| keep.get(row).copied().unwrap_or(true))
    }
}

/// All rows of the sources, in order.
pub(super) fn merge(sources: &[Source<'_, '_>]) -> Result<Made, Fault> {
    let mut made = Made::empty();
    let mut values = Vec::new();
    for number in Number::ALL {
        values.clear();
        for source in sources {
            let found = source.view.numbers(number)?.values().into_iter().enumerate();
            values.extend(found.filter(|(row, _)| source.keeps(*row)).map(|(_, value)| value));
        }
        made.number(number, &values);
    }
    for text in Text::ALL {
        let mut making = texts::Making::default();
        let mut apart = pairs::Making::default();
        for source in sources {
            let found = source.view.texts(text)?;
            let pairs = match text {
                Text::Metadata => Some(source.view.pairs()?),
                _ => None,
            };
            making.extend(
                &found,
                |row| source.keeps(row),
                |new| {
                    if let Some(pairs) = &pairs {
                        apart.push_from(pairs, new);
                    }
                },
            );
        }
        made.text(text, &making, &apart);
    }
    Ok(made)
}

/// The column that other costs change, the others left empty; nothing where none of the rows is here.
pub(super) fn reprice(view: &View<'_>, costs: &HashMap<i128, Cost>) -> Result<Option<Made>, Fault> {
    let ids = view.numbers(Number::Id)?.values();
    let found = |id: &Option<i128>| id.and_then(|id| costs.get(&id));
    if !ids.iter().any(|id| found(id).is_some()) {
        return Ok(None);
    }
    let mut values = view.numbers(Number::Cost)?.values();
    for (value, id) in values.iter_mut().zip(&ids) {
        if let Some(cost) = found(id) {
            *value = Some(cost.pico().into());
        }
    }
    let mut made = Made::empty();
    made.number(Number::Cost, &values);
    Ok(Some(made))
}

/// The columns that a patch of one row changes; the others are left empty.
pub(super) fn patch(view: &View<'_>, row: usize, patch: &LogPatch) -> Result<Made, Fault> {
    let mut made = Made::empty();
    let figures = [(Number::Feedback, patch.feedback), (Number::Score, patch.score)];
    for (number, figure) in figures {
        if let Some(figure) = figure {
            let mut values = view.numbers(number)?.values();
            if let Some(value) = values.get_mut(row) {
                *value = figure.map(from_float);
            }
            made.number(number, &values);
        }
    }
    if let Some(metadata) = &patch.metadata {
        let old = view.texts(Text::Metadata)?;
        let (mut making, mut apart) = (texts::Making::default(), pairs::Making::default());
        for at in 0..view.rows() {
            let text = if at == row { metadata.as_deref() } else { old.get(at) };
            if let Some(new) = making.push(text) {
                apart.push(new);
            }
        }
        made.text(Text::Metadata, &making, &apart);
    }
    Ok(made)
}
