use proptest::prelude::*;

use crate::canonical::{Event, EventSink};
use crate::dialect::{Dialect, ReplyContext};
use crate::provider::{DecodeContext, Wire};
use crate::translate::StreamTranslator;

struct Nowhere;

impl EventSink for Nowhere {
    fn event(&mut self, _event: Event<'_>) {}
}

const STREAM: &str = concat!(
    ": hello\r\n\r\n",
    "data: {\"id\":\"x\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":\"h\u{fc}\"}}]}\r\n\r\n",
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"w\u{20ac}rd\"}}]}\n\n",
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}]}}]}\n\n",
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n",
    "data: {\"id\":\"x\",\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n",
    "data: [DONE]\n\n",
);

fn translated<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> String {
    let context = ReplyContext { include_usage: true, ..ReplyContext::default() };
    let decoding = DecodeContext { provider: "openai".into(), ..DecodeContext::default() };
    let mut translator =
        StreamTranslator::new(Wire::OpenAi, decoding, Dialect::OpenAiChat, context);
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(translator.push(piece));
    }
    out.extend(translator.finish());
    String::from_utf8(out).unwrap()
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut decoder = Wire::OpenAi.decoder(DecodeContext::default());
        decoder.push(&bytes, &mut Nowhere);
        let mut event = b"data: ".to_vec();
        event.extend(&bytes);
        event.extend(b"\n\n");
        decoder.push(&event, &mut Nowhere);
        decoder.finish(&mut Nowhere);
        let _ = Wire::OpenAi.decode(&bytes, &DecodeContext::default());
        let _ = Wire::OpenAi.failure(500, &bytes);
        let _ = Dialect::OpenAiChat.read(&bytes, &crate::dialect::Asked::default());
    }

    #[test]
    fn no_json_makes_it_panic(text in r#"\{("(id|choices|error|delta|message|tool_calls|usage|result|response|content|messages|role)":(null|1|-1.5|"a"|\[\]|\{\}|\[\{\}\]|true),?){0,6}\}"#) {
        let _ = Wire::OpenAi.decode(text.as_bytes(), &DecodeContext::default());
        let _ = Wire::OpenAi.failure(500, text.as_bytes());
        let _ = Dialect::OpenAiChat.read(text.as_bytes(), &crate::dialect::Asked::default());
    }

    #[test]
    fn splits_change_nothing(cuts in prop::collection::vec(0..STREAM.len(), 0..12)) {
        let mut cuts = cuts;
        cuts.push(STREAM.len());
        cuts.sort_unstable();
        let mut from = 0;
        let pieces = cuts.into_iter().map(|to| {
            &STREAM.as_bytes()[std::mem::replace(&mut from, to)..to]
        });
        let whole = translated(std::iter::once(STREAM.as_bytes()));
        prop_assert!(whole.ends_with("data: [DONE]\n\n"));
        prop_assert_eq!(translated(pieces), whole);
    }
}
