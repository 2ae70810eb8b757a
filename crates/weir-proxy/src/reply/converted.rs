//! An answer that is put into the client's dialect on its way.

use bytes::Bytes;
use http::header::{self, HeaderMap};
use http::{HeaderValue, Response};
use tokio::time::timeout;
use weir_core::{Error, Kind};
use weir_llm::answer::Framing;
use weir_llm::translate::StreamTranslator;

use super::source::BodySource;
use super::tap::{Change, TapBody};
use super::{Answer, Identity, ReplyBody, finish_head, hint, watch};
use crate::convert::{self, AnswerForm, Conversion, Head};
use crate::exchange::{Exchange, Facts};

/// Passes a provider's answer on through `conversion`: a stream event by event, anything else whole.
pub(crate) async fn relay(
    mut answer: Answer,
    conversion: Conversion,
    mut exchange: Exchange,
    identity: &Identity,
) -> Result<Response<ReplyBody>, Error> {
    let streams = is_stream(answer.response.headers()) && answer.response.status().is_success();
    match conversion.answer {
        // An envelope holds no stream.
        AnswerForm::Same if streams => Ok(super::relay(answer, exchange, identity)),
        AnswerForm::Chat { wire, decoding, context, .. } if streams => {
            let content_type = if context.sse { "text/event-stream" } else { "application/json" };
            let translator = StreamTranslator::new(wire, decoding, conversion.dialect, context);
            let hint = hint(&answer, &exchange);
            watch(&mut exchange, answer.response.headers(), None);
            let (mut head, body) = answer.response.into_parts();
            rename(&mut head.headers, &mut exchange, content_type);
            finish_head(&mut head, &mut exchange, identity, hint);
            let change = Change::Translate(Box::new(translator));
            let tap = TapBody::new(BodySource::Upstream(body), answer.first, change, exchange);
            Ok(Response::from_parts(head, ReplyBody::Tapped(Box::new(tap))))
        }
        _ => {
            let first = answer.first.take();
            whole(answer, first, &conversion, exchange, identity).await
        }
    }
}

async fn whole(
    answer: Answer,
    first: Option<Bytes>,
    conversion: &Conversion,
    mut exchange: Exchange,
    identity: &Identity,
) -> Result<Response<ReplyBody>, Error> {
    let hint = hint(&answer, &exchange);
    watch(&mut exchange, answer.response.headers(), None);
    let idle = exchange.silence();
    let (mut head, body) = answer.response.into_parts();
    let of = Head { status: head.status, headers: &head.headers, source: &answer.source, idle };
    // Parts that keep coming must not outlast the call's time.
    let left = exchange.facts().and_then(Facts::time_left);
    let converting = convert::convert(conversion, &of, first, body);
    let converted = match left {
        Some(left) => timeout(left, converting).await.unwrap_or_else(|_| {
            let hint = "the call took longer than it may";
            Err(Error::new(Kind::Timeout, "Request timed out").with_hint(hint))
        }),
        None => converting.await,
    };
    let whole = match converted {
        Ok(whole) => whole,
        Err(error) => {
            exchange.refuse(&error);
            return Err(error);
        }
    };
    if let Some(facts) = exchange.facts_mut()
        && let Some(answer) = &mut facts.trace.answer
    {
        answer.reader.push(&whole.original);
    }
    head.status = whole.status;
    rename(&mut head.headers, &mut exchange, whole.content_type);
    finish_head(&mut head, &mut exchange, identity, hint);
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.body.len()));
    let tap = TapBody::new(BodySource::Nothing, Some(whole.body), Change::Done, exchange);
    Ok(Response::from_parts(head, ReplyBody::Tapped(Box::new(tap))))
}

/// Makes the headers say what the body has become.
fn rename(headers: &mut HeaderMap, exchange: &mut Exchange, content_type: &'static str) {
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::CONTENT_ENCODING);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(facts) = exchange.facts_mut()
        && let Some(answer) = &mut facts.trace.answer
    {
        answer.content_type = Some(content_type.into());
    }
}

fn is_stream(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Framing::of(content_type).is_stream()
}
