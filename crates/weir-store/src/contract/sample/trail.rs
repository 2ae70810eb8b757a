//! Trails to try a log store with.

use weir_core::trail::{
    AttemptTrail, BudgetTrail, CacheTrail, CredentialTrail, LimitTrail, Phases, PriceLine,
    PriceTerms, PriceTrail, RouteTrail, Trail, Visit,
};
use weir_core::{Cost, Usage};

/// What nearly every call has: a key of its own, times, and two lines of a bill.
pub fn ordinary_trail() -> Trail {
    let line = |unit: &'static str, quantity, pico| PriceLine {
        unit: unit.into(),
        quantity,
        cost: Cost::from_pico(pico),
    };
    Trail {
        credential: Some(CredentialTrail { source: "request".into(), ..Default::default() }),
        phases: Some(Phases {
            body_us: 31,
            sent_us: Some(142),
            head_us: Some(312_345),
            first_byte_us: Some(312_402),
            ended_us: 1_234_567,
        }),
        price: Some(PriceTrail {
            by: "list".into(),
            id: Some("openai/gpt-4o-mini@2026-11-20".into()),
            lines: vec![line("input", 250, 37_500_000), line("output", 240, 144_000_000)],
            ..PriceTrail::default()
        }),
        ..Trail::default()
    }
}

/// A trail with every field set, and no two numbers alike. `seed` sets trails apart.
pub fn full_trail(seed: u32) -> Trail {
    let wide = u64::from(seed) * 100;
    let visit = |kind: &str, output: Option<&str>| Visit {
        element: format!("node-{seed}").into(),
        kind: kind.into(),
        output: output.map(Into::into),
        because: vec!["metadata.team is \"s\u{e4}rch\"".into(), "drew 0.25 of 1".into()],
    };
    Trail {
        route: Some(RouteTrail {
            id: "route-1".into(),
            name: "best".into(),
            version_id: "version-2".into(),
            path: vec![visit("conditional", Some("true")), visit("model", None)],
        }),
        cache: Some(CacheTrail {
            outcome: "hit".into(),
            reason: Some("similar".into()),
            ttl: Some(wide + 1),
            key: Some("ab".repeat(32).into()),
            parts: vec![("provider".into(), "openai".into()), ("body".into(), "1f2e".into())],
            from: Some("0199aaaa-0000-7000-8000-000000000001".into()),
            similarity: Some(0.875),
            saved: Some(0.001_815),
        }),
        limits: vec![
            LimitTrail {
                name: "gateway".into(),
                unit: "requests".into(),
                of: Some("u-1".into()),
                limit: wide + 2,
                window: Some(wide + 3),
                before: wide + 4,
                after: wide + 5,
                passed: true,
            },
            LimitTrail { name: "rule".into(), unit: "cost".into(), ..LimitTrail::default() },
        ],
        budgets: vec![BudgetTrail {
            name: "Team A".into(),
            used: 0.875,
            limit: f64::from(seed),
            unit: "dollars".into(),
        }],
        credential: Some(CredentialTrail {
            source: "stored".into(),
            id: Some("key-1".into()),
            alias: Some("default".into()),
            because: vec!["it has a share of 1 in 3".into()],
        }),
        attempt: Some(AttemptTrail {
            index: seed + 6,
            of: seed + 7,
            kind: "retry".into(),
            after: Some("503".into()),
            waited_ms: Some(wide + 8),
            because: vec!["the cheapest of 3".into()],
        }),
        phases: Some(Phases {
            body_us: wide + 9,
            sent_us: None,
            head_us: Some(wide + 1_000),
            first_byte_us: Some(wide + 2_000),
            ended_us: u64::MAX - wide,
        }),
        price: Some(PriceTrail {
            by: "account".into(),
            id: Some("own/price".into()),
            lines: vec![PriceLine {
                unit: "cache_write_1h".into(),
                quantity: u64::MAX,
                cost: Cost::from_pico(i64::MAX),
            }],
            computed: Some(Cost::from_pico(i64::MIN)),
            terms: Some(Box::new(PriceTerms {
                model: Some("another name".into()),
                service_tier: Some("flex".into()),
                search_size: Some("high".into()),
                billed: Some(Usage { input: wide + 10, output: wide + 11, ..Usage::default() }),
            })),
            ignored: Some("because".into()),
        }),
        estimated: true,
    }
}
