use weir_core::access::{CustomDomain, DomainStatus, Issuer};
use weir_core::budget::Budget;

use super::*;

const FILE: &str = "\
    [gateways.g.custom_domains.'ai.example.com']\n\
    status = 'active'\n\
    issuer_name = 'Team'\n\
    [issuers.Team]\n\
    issuer = 'https://team.example'\n\
    audiences = ['a']\n\
    [budgets.all]\n\
    by = 'account'\n\
    unit = 'requests'\n\
    limit = 5\n\
    period = 'daily'\n\
    gateway_id = 'g'\n";

fn domain(made: &Installation) -> Option<CustomDomain> {
    made.configuration.of::<CustomDomain>(&ACCOUNT.into()).next().map(|it| (**it).clone())
}

#[tokio::test]
async fn a_domain_asks_for_its_issuer_by_name() {
    let made = Installation::applied(FILE).await;
    let found = domain(&made).unwrap();
    assert_eq!((found.gateway_id.as_str(), found.status), ("g", DomainStatus::Active));
    let issuer = made.configuration.get::<Issuer>(&ACCOUNT.into(), &found.issuer_id.unwrap());
    assert_eq!(issuer.unwrap().name, "Team");
    let exported = made.export().await;
    assert!(exported.contains("issuer_name = \"Team\""), "{exported}");
}

#[tokio::test]
async fn changes_go_to_what_is_there() {
    let mut made = Installation::applied(FILE).await;
    let before = domain(&made).unwrap();
    let text = FILE.replace("    issuer_name = 'Team'\n", "").replace("issuer_name = 'Team'\n", "");
    let plan = made.apply(&text.replace("limit = 5", "limit = 6"), false).await.unwrap().plan;
    assert!(plan.contains("issuer_name: \"Team\" -> none"), "{plan}");
    assert!(plan.contains("limit: 5.0 -> 6.0"), "{plan}");
    let after = domain(&made).unwrap();
    assert_eq!((&after.id, &after.issuer_id), (&before.id, &None));
    let budgets: Vec<_> = made.configuration.of::<Budget>(&ACCOUNT.into()).collect();
    assert!((budgets.len() == 1) && (budgets[0].terms.limit - 6.0).abs() < 1e-9);
}

#[tokio::test]
async fn what_is_not_named_goes_in_an_order_that_works() {
    let mut made = Installation::applied(FILE).await;
    let plan = made.apply("", true).await.unwrap().plan;
    for gone in ["- gateways.g", "- issuers.Team", "- budgets.all", "custom_domains"] {
        assert!(plan.contains(gone), "{gone} {plan}");
    }
    assert!(made.apply("", true).await.unwrap().empty);
    assert_eq!(domain(&made), None);
}

#[tokio::test]
async fn refusals_name_their_place_in_the_file() {
    let mut empty = Installation::empty();
    for (from, to, place) in [
        (
            "issuer_name = 'Team'",
            "issuer_name = 'Nobody'",
            "gateways.g.custom_domains.\"ai.example.com\".issuer_name",
        ),
        ("limit = 5", "limit = 0", "budgets.all.limit"),
        ("limit = 5", "limit = 5\nlimmit = 6", "budgets.all.limmit"),
        ("audiences = ['a']", "audiences = []", "issuers.Team.audiences"),
        ("gateway_id = 'g'", "gateway_id = 'h'", "budgets.all.gateway_id"),
        (
            "'ai.example.com'",
            "'AI.example.com'",
            "gateways.g.custom_domains.\"AI.example.com\".hostname",
        ),
    ] {
        let problems = empty.apply(&FILE.replace(from, to), false).await.err().unwrap();
        assert!(
            problems.iter().any(|it| it.starts_with(&format!("{place}: "))),
            "{to} {problems:?}"
        );
    }
}
