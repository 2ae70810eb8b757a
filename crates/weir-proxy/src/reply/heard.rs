//! Answers that nobody waits for any more.

use std::time::Duration;

use http::Response;
use http_body_util::BodyExt;

use super::ReplyBody;
use crate::plane::Shared;

/// What a failed answer may still say; longer ones are cut off.
const MOST: usize = 1024 * 1024;
/// How long it may take for that.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether an answer is a failure that another target or another try may mend.
pub(crate) fn is_failure(response: &Response<ReplyBody>) -> bool {
    response.status().as_u16() >= 400
}

/// Marks an answer for which its target was not asked: a stored one, or another call's.
#[derive(Clone, Copy)]
pub(super) struct GivenAgain;

/// Whether an answer says nothing of its target, good or bad.
pub(crate) fn is_given_again(response: &Response<ReplyBody>) -> bool {
    response.extensions().get::<GivenAgain>().is_some()
}

/// Reads an answer to its end beside the call, so that its row tells what it said.
pub(crate) fn hear_out(shared: &Shared, response: Option<Response<ReplyBody>>) {
    let Some(response) = response else { return };
    let reading = async move {
        let mut body = response.into_body();
        let mut heard = 0;
        while let Some(Ok(frame)) = body.frame().await {
            heard += frame.data_ref().map_or(0, bytes::Bytes::len);
            if heard > MOST {
                break;
            }
        }
    };
    // Bounded in time and bytes, and by the calls that end in it.
    shared.beside.spawn(async {
        let _ = tokio::time::timeout(PATIENCE, reading).await;
    });
}
