//! What was used of the credits, out of the roll-ups.

use weir_core::analytics::{AnalyticsQuery, AnalyticsRow, Bucket, Dimension};
use weir_core::{AccountId, Timestamp};

use crate::Api;
use crate::error::ApiError;

/// Which use is asked for.
#[derive(Default)]
pub(super) struct Use {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
    pub(super) bucket: Option<Bucket>,
    pub(super) group_by: Vec<Dimension>,
}

/// Sums over the account's calls that platform-managed keys paid for.
pub(super) async fn used(
    api: &Api,
    account: &AccountId,
    wanted: Use,
) -> Result<Vec<AnalyticsRow>, ApiError> {
    let query = AnalyticsQuery {
        from: wanted.from,
        to: wanted.to,
        bucket: wanted.bucket,
        group_by: wanted.group_by,
        ..AnalyticsQuery::wholesale(account.clone())
    };
    Ok(api.logs.analyse(&query).await?)
}
