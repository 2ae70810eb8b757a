//! Counts and sums over an account's calls: from the roll-ups wherever they know the answer, else
//! from the rows, by way of their segments.

mod groups;
mod pieces;
mod rollups;
mod rows;
mod segments;

use weir_core::analytics::{AnalyticsFilter, AnalyticsQuery, AnalyticsRow, Dimension};

use self::groups::Groups;
use super::gateways;
use super::reader::Reader;
use super::scan::Rows;
use crate::sqlite::fault::Fault;

impl Reader {
    /// Answers a question, as of one moment.
    pub(super) fn analyse(&mut self, query: &AnalyticsQuery) -> Result<Vec<AnalyticsRow>, Fault> {
        let Self { connection, words, damage } = self;
        let transaction = connection.transaction()?;
        let mut groups = Groups::new(query);
        for (gateway, stored) in gateways::of_account(&transaction, &query.account)? {
            if !needs_rows(query) {
                rollups::add(&mut groups, &transaction, stored.number, &gateway)?;
                continue;
            }
            let mut rows = Rows {
                connection: &transaction,
                words: &mut *words,
                account: &query.account,
                gateway: &gateway,
                number: stored.number,
            };
            // Apart from the others, for it may be given up halfway.
            let found = damage.or_rows(
                stored,
                &mut rows,
                |connection, number| {
                    let mut found = Groups::new(query);
                    segments::add(&mut found, connection, number, &gateway)?;
                    Ok(found)
                },
                |rows| {
                    let mut found = Groups::new(query);
                    rows::add(&mut found, rows)?;
                    Ok(found)
                },
            )?;
            groups.absorb(found);
            groups.check()?;
        }
        groups.finish()
    }
}

/// Whether the question names what only rows know.
fn needs_rows(query: &AnalyticsQuery) -> bool {
    fn named(filter: &AnalyticsFilter) -> bool {
        match filter {
            AnalyticsFilter::All(parts) | AnalyticsFilter::Any(parts) => parts.iter().any(named),
            AnalyticsFilter::Is { dimension, .. } | AnalyticsFilter::Contains { dimension, .. } => {
                of_rows(*dimension)
            }
        }
    }
    query.group_by.iter().copied().any(of_rows) || named(&query.filter)
}

const fn of_rows(dimension: Dimension) -> bool {
    matches!(dimension, Dimension::UserAgent | Dimension::Metadata)
}
