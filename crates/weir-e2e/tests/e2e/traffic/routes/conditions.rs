//! Conditions on metadata, body and headers, in both spellings.

use anyhow::Result;
use serde_json::{Value, json};

use super::rig::{call_with, chat, deploy, element, end, model, start, told, world};

fn either(word: &str, condition: &Value) -> Vec<Value> {
    let ways = [("true", "yes"), ("false", "no")];
    vec![
        start("c"),
        element("c", "conditional", &json!({word: condition}), &ways),
        model("yes", "groq/yes", "end", None),
        model("no", "openai/no", "end", None),
        end(),
    ]
}

#[tokio::test]
async fn conditions_choose_the_way() -> Result<()> {
    let rig = world(&json!({})).await?;
    let metadata = r#"{"plan":"free","seats":5,"age":"30","beta":true}"#;
    for (number, (condition, holds)) in [
        (json!({"metadata.plan": {"$eq": "free"}}), true),
        (json!({"metadata.plan": "free"}), true),
        (json!({"metadata.plan": {"$eq": "Free"}}), false),
        (json!({"metadata.plan": {"$ne": "paid"}}), true),
        (json!({"metadata.plan": {"$in": ["paid", "free"]}}), true),
        (json!({"metadata.plan": {"$nin": ["paid", "free"]}}), false),
        (json!({"metadata.plan": {"$regex": "^fr"}}), true),
        (json!({"metadata.plan": {"$contains": "re"}}), true),
        (json!({"metadata.seats": {"$gt": 4, "$lte": 5}}), true),
        (json!({"metadata.seats": {"$lt": 5}}), false),
        (json!({"metadata.age": {"$eq": 30}}), true),
        (json!({"metadata.age": {"$gte": 31}}), false),
        (json!({"metadata.beta": true}), true),
        (json!({"metadata.beta": "true"}), false),
        (json!({"metadata.nothing": {"$eq": "free"}}), false),
        (json!({"metadata.nothing": {"$ne": "free"}}), true),
        (json!({"metadata.nothing": {"$exists": false}}), true),
        (json!({"metadata.plan": {"$exists": true}, "metadata.seats": 5}), true),
        (json!({"metadata.plan": "free", "metadata.seats": 6}), false),
        (json!({"body.temperature": {"$lt": 0.5}}), true),
        (json!({"body.messages.0.role": "user"}), true),
        (json!({"body.messages.1.role": {"$exists": true}}), false),
        (json!({"headers.X-Tier": "gold"}), true),
        (json!({"headers.x-tier": "silver"}), false),
        (json!({"$or": [{"metadata.plan": "paid"}, {"headers.x-tier": "gold"}]}), true),
        (json!({"$and": [{"metadata.plan": "free"}, {"body.temperature": 1}]}), false),
        (json!({"$nor": [{"metadata.plan": "paid"}, {"metadata.seats": 1}]}), true),
        (json!({"metadata.plan": {"$not": {"$eq": "paid"}}}), true),
    ]
    .into_iter()
    .enumerate()
    {
        let word = if number % 2 == 0 { "condition" } else { "conditions" };
        let name = format!("route{number}");
        deploy(&rig.weir, &name, &either(word, &condition)).await?;
        let request = call_with(&chat(&name)).header("x-tier", "gold");
        let told = told(&rig, &request.header("cf-aig-metadata", metadata)).await?;
        let way = if holds { "groq/yes" } else { "openai/no" };
        assert_eq!(told, (200, way.to_owned()), "{condition}");
    }
    Ok(())
}

/// Metadata that is lost as a whole is missing as a whole.
#[tokio::test]
async fn without_metadata_nothing_of_it_holds() -> Result<()> {
    let rig = world(&json!({})).await?;
    deploy(&rig.weir, "r", &either("conditions", &json!({"metadata.plan": "free"}))).await?;
    let bare = call_with(&chat("r"));
    for request in [
        bare.clone(),
        bare.clone().header("cf-aig-metadata", "not json"),
        bare.clone().header("cf-aig-metadata", r#"{"plan":"free","bad":null}"#),
    ] {
        assert_eq!(told(&rig, &request).await?, (200, "openai/no".to_owned()));
    }
    let good = bare.header("cf-aig-metadata", r#"{"plan":"free"}"#);
    assert_eq!(told(&rig, &good).await?, (200, "groq/yes".to_owned()));
    Ok(())
}
