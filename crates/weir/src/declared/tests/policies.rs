use weir_core::policy::{Policy, PolicyBody};

use super::*;

const FILE: &str = "\
    [gateways.g.policies.team]\n\
    actor = 'team'\n\
    resource = '*'\n\
    action = { type = 'no-limit' }\n";

/// An account with one policy in force and a draft behind it.
async fn with_draft() -> Installation {
    let mut made = Installation::applied(FILE).await;
    let mut policy = Policy::clone(made.configuration.policies.iter().next().unwrap());
    let draft = PolicyBody { actor: "draft".to_owned(), ..policy.committed.clone().unwrap() };
    policy.draft = Some(draft);
    made.configuration.put(&weir_core::config::Resource::into_object(policy));
    made
}

#[tokio::test]
async fn a_policy_is_in_force_as_soon_as_it_is_applied() {
    let mut made = Installation::applied(FILE).await;
    let policy = made.configuration.policies.iter().next().unwrap();
    assert_eq!(policy.committed.as_ref().unwrap().actor, "team");
    assert!(policy.draft.is_none());
    let conditional = format!("{FILE}condition = \"metadata.a == 'b'\"\n");
    let outcome = made.apply(&conditional, false).await.unwrap();
    assert!(outcome.plan.contains("condition: \"true\" -> "), "{}", outcome.plan);
    let outcome = made.apply(FILE, false).await.unwrap();
    assert!(outcome.plan.contains(" -> \"true\""), "{}", outcome.plan);
    assert!(made.apply(&format!("{FILE}condition = {{ null = true }}"), true).await.unwrap().empty);
}

#[tokio::test]
async fn a_draft_is_left_alone_until_its_policy_changes() {
    let mut made = with_draft().await;
    assert!(!made.export().await.contains("draft'"));
    assert!(made.apply(FILE, true).await.unwrap().empty);
    let outcome = made.apply(&FILE.replace("'team'", "'crew'"), false).await.unwrap();
    assert!(outcome.plan.contains("- the draft of policy team of gateway g"), "{}", outcome.plan);
    let policy = made.configuration.policies.iter().next().unwrap();
    assert_eq!(policy.committed.as_ref().unwrap().actor, "crew");
}

#[tokio::test]
async fn what_a_policy_says_is_checked() {
    let mut made = Installation::empty();
    let wrong = format!("{}condition = 'metadata.a =='\n", FILE.replace("no-limit", "maybe"));
    let problems = made.apply(&wrong, false).await.err().unwrap();
    for part in ["gateways.g.policies.team.condition", "gateways.g.policies.team.action"] {
        assert!(problems.iter().any(|problem| problem.starts_with(part)), "{part} {problems:#?}");
    }
}

/// Names need not be unique: a file may call its tables as it likes.
#[tokio::test]
async fn policies_of_one_name_are_told_apart_by_what_they_say() {
    let table = |key: &str, actor: &str| {
        FILE.replace("policies.team", &format!("policies.{key}"))
            .replace("actor = 'team'", &format!("name = 'same'\nactor = '{actor}'"))
    };
    let mut made = Installation::applied(&[table("a", "x"), table("b", "y")].concat()).await;
    assert_eq!(made.configuration.policies.iter().count(), 2);
    let swapped = [table("a", "y"), table("b", "x")].concat();
    assert!(made.apply(&swapped, true).await.unwrap().empty);
    let exported = made.export().await;
    for part in ["policies.same]", "policies.\"same (2)\"]", "name = \"same\""] {
        assert!(exported.contains(part), "{part} is missing in\n{exported}");
    }
    let outcome = made.apply(&table("a", "x"), true).await.unwrap();
    assert!(outcome.plan.contains("0 to create, 0 to change, 1 to delete"), "{}", outcome.plan);
}
