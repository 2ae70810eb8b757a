//! Counts and sums over an account's calls: from the roll-ups wherever they know the answer, else
//! from the rows.

mod groups;
mod pieces;
mod rollups;
mod rows;

use weir_core::GatewayId;
use weir_core::analytics::{AnalyticsFilter, AnalyticsQuery, AnalyticsRow, Dimension};

use self::groups::Groups;
use super::reader::Reader;
use crate::sqlite::fault::Fault;

impl Reader {
    /// Answers a question, as of one moment.
    pub(super) fn analyse(&mut self, query: &AnalyticsQuery) -> Result<Vec<AnalyticsRow>, Fault> {
        let transaction = self.connection.transaction()?;
        let gateways: Vec<(i64, GatewayId)> = transaction
            .prepare_cached("SELECT ref, gateway FROM gateways WHERE account = ?")?
            .query_map([query.account.as_str()], |row| {
                Ok((row.get(0)?, GatewayId::from(row.get::<_, String>(1)?)))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut groups = Groups::new(query);
        for (number, gateway) in gateways {
            if needs_rows(query) {
                rows::add(&mut groups, &transaction, &mut self.words, number, &gateway)?;
            } else {
                rollups::add(&mut groups, &transaction, number, &gateway)?;
            }
        }
        Ok(groups.finish())
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
