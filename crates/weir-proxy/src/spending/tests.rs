mod spelling;

use std::sync::Arc;

use weir_core::budget::{BudgetPeriod, BudgetTerms, BudgetUnit};
use weir_core::counters::{CounterKey, Window};
use weir_core::ledger::{Claim, Ledger, Measure, Settlement, Span, Standing};
use weir_core::route::Technique;
use weir_core::{Cost, Error, Kind, Timestamp};
use weir_store::MemoryLedger;

use super::target::Work;
use super::{Claims, Demand, Exceeded, Of, Target, Unit};

fn target() -> Target {
    Target { provider: "openai".into(), model: "gpt-4o".into() }
}

fn claim(key: u8, limit: u64, amount: u64) -> Claim {
    let span = Span::Window(Window { seconds: 60, technique: Technique::Sliding });
    Claim { key: CounterKey([key; 16]), span, measure: Measure::Sum, limit, amount }
}

fn rule() -> Of {
    Of::Rule { id: "r1".into(), limit: 0.5, window: 60, technique: Technique::Sliding }
}

fn budget() -> Of {
    let terms = BudgetTerms {
        unit: BudgetUnit::Tokens,
        limit: 100.0,
        period: Some(BudgetPeriod::Monthly),
        window: None,
        technique: Technique::Fixed,
        soft: None,
        hard: true,
    };
    Of::Budget { name: "Team A".into(), terms }
}

fn demand(of: Of) -> Demand {
    Demand { claim: claim(1, 100, 7), unit: Unit::Cost, of, value: Some("alice".into()) }
}

fn refusal(of: Of) -> Error {
    let resets_at = Some(Timestamp::from_millis(60_000));
    let standing = Standing { spent: 3 * 10_u64.pow(12), reserved: 1, resets_at };
    demand(of).refusal(&standing, &target())
}

#[test]
fn a_refusal_names_the_limit_and_nobody() {
    let rule = refusal(rule());
    assert_eq!((rule.kind(), rule.hint()), (Kind::SpendLimited, None));
    assert_eq!(
        rule.public(),
        "Spend limit exceeded: rule 'r1' (cost limit 0.5 per 60s, sliding) for openai gpt-4o"
    );
    let budget = refusal(budget());
    assert_eq!(
        budget.public(),
        "Spend limit exceeded: budget 'Team A' (100 tokens monthly) for openai gpt-4o"
    );
    assert_eq!(budget.hint(), Some("there may be more from 1970-01-01T00:01:00.000Z"));
    for error in [&rule, &budget] {
        assert!(!error.description().contains("alice"), "{error}");
    }
    assert_eq!(refusal(Of::Credits).code().number, 2021);
}

#[test]
fn a_policy_tells_its_figures() {
    use std::error::Error as _;
    let limit = Cost::from_pico(2 * Cost::SCALE);
    let error = refusal(Of::Policy { bucket: "all|*".into(), limit });
    let told: &Exceeded = error.source().and_then(|it| it.downcast_ref()).unwrap();
    assert_eq!((&*told.bucket, told.spent.dollars(), told.limit), ("all|*", 3.0, limit));
    assert_eq!((error.kind(), error.code().http), (Kind::PolicySpent, 429));
}

#[test]
fn a_trail_tells_what_was_there_and_what_is_now() {
    let standing = Standing { spent: 3, reserved: 2, resets_at: None };
    let passed = demand(rule()).trail(&standing, true);
    assert_eq!((&*passed.name, passed.before, passed.after, passed.limit), ("r1", 5, 12, 100));
    assert_eq!((passed.window, passed.of.as_deref()), (Some(60), Some("alice")));
    let refused = demand(budget()).trail(&standing, false);
    assert_eq!((&*refused.name, refused.after, refused.passed), ("budget Team A", 5, false));
}

#[tokio::test]
async fn claims_are_granted_together_or_not_at_all() {
    let ledger: Arc<dyn Ledger> = Arc::new(MemoryLedger::default());
    let now = Timestamp::from_millis(1000);
    let of = |key, limit| Demand { claim: claim(key, limit, 7), ..demand(rule()) };
    let both = Claims::new(vec![of(1, 100), of(2, 10)], target());
    let held = both.reserve(&*ledger, now).await.unwrap();
    let refused = both.reserve(&*ledger, now).await.err().unwrap();
    assert_eq!((refused.claim, refused.standing.taken()), (1, 7));
    assert_eq!(both.refusal(&refused).kind(), Kind::SpendLimited);
    assert_eq!(ledger.standing(&claim(1, 100, 0), now).await.taken(), 7);
    ledger.settle(held, Settlement { spent: vec![1, 2], credit: None }, now);
    assert_eq!(ledger.standing(&claim(2, 10, 0), now).await.taken(), 2);
}

#[test]
fn kinds_of_work_are_told_by_path() {
    use weir_llm::dialect::Dialect;
    let of = |method: &http::Method, slug, rest| Work::of_path(method, slug, rest);
    let post = http::Method::POST;
    let text = |dialect, newer_word| Work::Text { dialect, newer_word };
    assert_eq!(of(&post, "openai", "chat/completions?x=1"), text(Dialect::OpenAiChat, true));
    assert_eq!(of(&post, "mistral", "v1/chat/completions"), text(Dialect::OpenAiChat, false));
    assert_eq!(of(&post, "anthropic", "v1/messages"), text(Dialect::Anthropic, false));
    let gemini = "v1beta/models/gemini-3:streamGenerateContent?alt=sse";
    assert_eq!(of(&post, "google-ai-studio", gemini), text(Dialect::Gemini, false));
    assert_eq!(of(&post, "openai", "embeddings"), Work::Vectors);
    assert_eq!(of(&post, "openai", "images/generations"), Work::Other);
    assert_eq!(of(&post, "anthropic", "v1/messages/count_tokens"), Work::Nothing);
    assert_eq!(of(&http::Method::GET, "openai", "models"), Work::Nothing);
}
