//! A walk over all rows that match, oldest first, page by page and with everything of each row. It goes
//! by time, not by number of the page: rows that are deleted meanwhile move the numbers.

use std::sync::Arc;

use weir_core::log_filter::{Condition, FilterValue, LogField, Operator};
use weir_core::store::{LogQuery, StoreError, StoredLog};
use weir_core::{LogId, Timestamp};

use crate::Api;

/// A walk under way.
pub(super) struct Walk {
    api: Arc<Api>,
    query: LogQuery,
    /// The moment of the last row, and the rows of that moment that were met.
    last: Option<(Timestamp, Vec<LogId>)>,
    done: bool,
}

/// Rows that were created up to a moment.
pub(super) fn until(moment: Timestamp) -> Condition {
    created(Operator::Lte, moment)
}

/// Rows that were created from a moment on.
pub(super) fn since(moment: Timestamp) -> Condition {
    created(Operator::Gte, moment)
}

fn created(operator: Operator, moment: Timestamp) -> Condition {
    let values = vec![FilterValue::Time(moment)];
    Condition { field: LogField::CreatedAt, operator, values }
}

impl Walk {
    /// Over the rows of `query`, which is in the order of time, oldest first; its limit is that of a
    /// page.
    pub(super) fn new(api: Arc<Api>, query: LogQuery) -> Self {
        Self { api, query, last: None, done: false }
    }

    /// Whether there is no further page.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// The next page, and how many rows there are from its first one on.
    pub(super) async fn page(&mut self) -> Result<(Vec<StoredLog>, u64), StoreError> {
        let mut query = self.query.clone();
        if let Some((at, met)) = &self.last {
            let values = met.iter().map(|id| FilterValue::Text(id.to_string())).collect();
            let others = Condition { field: LogField::Id, operator: Operator::Neq, values };
            query.filter.conditions.extend([since(*at), others]);
        }
        let page = self.api.logs.list_whole(&query).await?;
        self.done = page.total <= u64::from(query.limit) || page.rows.is_empty();
        for row in &page.rows {
            let at = row.record.created_at;
            match &mut self.last {
                Some((moment, met)) if *moment == at => met.push(row.record.id),
                last => *last = Some((at, vec![row.record.id])),
            }
        }
        Ok((page.rows, page.total))
    }
}
