use proptest::prelude::*;
use weir_core::{Cost, Units, Usage};

use super::super::{CustomCost, PriceTable, Terms};
use super::*;

fn shown(lines: &[PriceLine]) -> Vec<String> {
    lines.iter().map(|line| format!("{} {} {}", line.quantity, line.unit, line.cost)).collect()
}

#[test]
fn each_kind_of_token_has_a_line() {
    let usage = Usage { input: 100, cache_read: 40, output: 10, ..Usage::default() };
    let price = PriceTable::builtin().find("openai", "gpt-4o-mini").unwrap();
    let bill = price.bill(&usage, &Terms::default()).unwrap();
    assert_eq!(
        shown(&bill.lines()),
        ["40 cache_read 0.000003", "60 input 0.000009", "10 output 0.000006"]
    );
    let custom = CustomCost::parse(r#"{"per_token_in":0.5,"per_token_out":2}"#).unwrap();
    let bill = custom.bill(Some(&usage)).unwrap();
    assert_eq!(shown(&bill.lines()), ["40 cache_read 20", "60 input 30", "10 output 20"]);
}

#[test]
fn a_price_for_the_call_has_one_line() {
    let custom = CustomCost::parse(r#"{"total_cost":0.25}"#).unwrap();
    assert_eq!(shown(&custom.bill(None).unwrap().lines()), ["1 requests 0.25"]);
}

#[test]
fn halves_that_are_rounded_do_not_add_up_to_more() {
    let mut bill = Bill::new(2);
    for _ in 0..3 {
        bill.add("input", 1, 1);
    }
    let pico: Vec<i64> = bill.lines().iter().map(|line| line.cost.pico()).collect();
    assert_eq!((bill.total(), pico), (Some(Cost::from_pico(2)), vec![1, 0, 1]));
}

#[test]
fn what_cannot_be_counted_has_no_lines() {
    let mut bill = Bill::new(1);
    bill.add("input", 1, u128::MAX);
    bill.add("output", 1, u128::MAX);
    assert_eq!((bill.total(), bill.lines()), (None, Vec::new()));
}

prop_compose! {
    fn usages()(
        counts in prop::array::uniform11(0_u64..5_000_000),
        units in prop::array::uniform5(0_u64..100),
        tokens in any::<bool>(),
    ) -> Usage {
        let [input, output, reasoning, cache_read, cache_write, hour, rest @ ..] = counts;
        let [audio_in, audio_out, image_in, image_out, web_searches] = rest;
        let [images, audio_ms, characters, queries, pages] = units;
        let of_tokens = Usage {
            input, output, reasoning, cache_read, cache_write, cache_write_1h: hour,
            audio_in, audio_out, image_in, image_out, ..Usage::default()
        };
        Usage {
            web_searches,
            units: Units { images, audio_ms, characters, queries, pages },
            ..if tokens { of_tokens } else { Usage::default() }
        }
    }
}

proptest! {
    #[test]
    fn lines_add_up_to_the_charge(
        usage in usages(),
        model in prop::sample::select(&[
            ("openai", "gpt-4o-mini"), ("openai", "gpt-4o-audio-preview"), ("openai", "gpt-image-1"),
            ("openai", "whisper-1"), ("anthropic", "claude-sonnet-4-5"),
            ("google-ai-studio", "gemini-2.5-pro"), ("cohere", "rerank-v3.5"),
        ][..]),
    ) {
        let price = PriceTable::builtin().find(model.0, model.1).unwrap();
        let charge = price.charge(&usage, &Terms::default());
        if let Some(bill) = price.bill(&usage, &Terms::default()) {
            let lines = bill.lines();
            let sum: Cost = lines.iter().map(|line| line.cost).sum();
            prop_assert_eq!(charge, Some(sum));
            prop_assert!(lines.iter().all(|line| line.cost >= Cost::ZERO && line.quantity > 0));
        } else {
            prop_assert_eq!(charge, None);
        }
    }

    #[test]
    fn lines_of_a_callers_price_add_up(usage in usages(), rates in prop::array::uniform4(0_u32..)) {
        let [input, output, read, write] = rates;
        let header = format!(
            r#"{{"per_token_in":{input}e-17,"per_token_out":{output}e-17,
                "per_cache_read_token":{read}e-18,"per_cache_write_token":{write}e-19}}"#
        );
        let custom = CustomCost::parse(&header).unwrap();
        let sum: Cost =
            custom.bill(Some(&usage)).unwrap().lines().iter().map(|line| line.cost).sum();
        prop_assert_eq!(custom.cost(Some(&usage)), Some(sum));
    }
}
