//! The model catalogue.

use serde_json::{Value, json};
use weir_core::Permission;
use weir_llm::pricing::PriceTable;

use super::TestApi;

const AI: &str = "/client/v4/accounts/acc1/ai";

fn names(answer: &Value) -> Vec<&str> {
    let rows = answer["result"].as_array().unwrap();
    rows.iter().map(|row| row["name"].as_str().unwrap()).collect()
}

async fn search(test: &TestApi, query: &str) -> Value {
    test.get(&format!("{AI}/models/search?{query}")).await.ok()
}

/// The row of `openai/gpt-4o-mini` among those found.
async fn one(test: &TestApi, query: &str) -> Value {
    let answer = search(test, query).await;
    let rows = answer["result"].as_array().unwrap();
    rows.iter().find(|row| row["id"] == "openai/gpt-4o-mini").unwrap().clone()
}

#[tokio::test]
async fn every_priced_model_is_found_page_by_page() {
    let test = TestApi::new();
    let mut all = Vec::new();
    for page in 1.. {
        let answer =
            search(&test, &format!("include_deprecated=true&per_page=100&page={page}")).await;
        let rows = names(&answer).len();
        all.extend(names(&answer).iter().map(ToString::to_string));
        if rows == 0 {
            break;
        }
    }
    assert_eq!(all.len(), PriceTable::builtin().len());
    assert!(all.is_sorted());
    assert!(all.contains(&"openai/gpt-4o-mini".to_owned()), "{all:?}");
    assert!(all.iter().any(|name| name.starts_with("@cf/")), "{all:?}");
}

#[tokio::test]
async fn a_model_is_shown_with_its_task_and_price() {
    let test = TestApi::new();
    let answer = one(&test, "search=openai/GPT-4o-mini&per_page=100").await;
    let expected = json!({
        "id": "openai/gpt-4o-mini", "name": "openai/gpt-4o-mini",
        "description": "Text Generation at OpenAI", "source": 2,
        "task": {"id": "text-generation", "name": "Text Generation",
                 "description": "Answers messages with text."},
        "tags": [],
        "properties": [{"property_id": "price", "value": [
            {"unit": "per M input tokens", "price": 0.15, "currency": "USD"},
            {"unit": "per M output tokens", "price": 0.6, "currency": "USD"},
            {"unit": "per M cached input tokens", "price": 0.075, "currency": "USD"}
        ]}]
    });
    assert_eq!(answer, expected);
    let answer = one(&test, "search=openai/gpt-4o-mini&per_page=100&format=openrouter").await;
    let expected = json!({
        "id": "openai/gpt-4o-mini", "name": "openai/gpt-4o-mini",
        "description": "Text Generation at OpenAI",
        "input_modalities": ["text"], "output_modalities": ["text"],
        "pricing": {"prompt": "0.00000015", "completion": "0.0000006",
                    "input_cache_read": "0.000000075"}
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn filters_leave_out_what_was_not_meant() {
    let test = TestApi::new();
    let total =
        async |query: &str| search(&test, query).await["result_info"]["total_count"].as_u64();
    for query in ["task=Text%20Embeddings", "task=text-embeddings"] {
        let answer = search(&test, query).await;
        assert!(!names(&answer).is_empty());
        let rows = answer["result"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["task"]["id"] == "text-embeddings"), "{answer}");
    }
    let meta = search(&test, "author=META").await;
    assert!(!names(&meta).is_empty());
    assert!(names(&meta).iter().all(|name| name.starts_with("@cf/meta/")));
    let here = search(&test, "source=1").await;
    assert!(names(&here).iter().all(|name| name.starts_with("@cf/")));
    assert!(!names(&search(&test, "source=2").await).iter().any(|name| name.starts_with('@')));
    assert_eq!(total("source=3").await, Some(0));
    assert_eq!(total("author=nobody").await, Some(0));
    assert_eq!(total("task=nothing").await, Some(0));
    let previews = search(&test, "search=-pro-preview&author=google-ai-studio").await;
    assert_eq!(previews["result"][0]["tags"], json!(["experimental"]));
    assert_eq!(total("search=-pro-preview&hide_experimental=true").await, Some(0));
    for bad in ["source=one", "hide_experimental=1", "format=csv", "per_page=101", "page=0"] {
        test.get(&format!("{AI}/models/search?{bad}")).await.error(400, 7001);
    }
}

#[tokio::test]
async fn what_a_model_takes_is_told_for_its_task() {
    let test = TestApi::new();
    let schema = async |model: &str| test.get(&format!("{AI}/models/schema?model={model}")).await;
    let chat = schema("@cf/meta/llama-3.3-70b-instruct-fp8-fast").await.ok();
    assert_eq!(chat["result"]["input"]["required"], json!(["messages"]));
    let all = search(&test, "include_deprecated=true&per_page=100").await;
    for name in names(&all) {
        let answer = schema(name).await.ok();
        for side in ["input", "output"] {
            let schema = &answer["result"][side];
            assert!(schema["type"].is_string() && schema["description"].is_string(), "{name}");
            assert_eq!(schema["additionalProperties"], true, "{name}");
        }
    }
    schema("openai/nothing").await.error(404, 7002);
    schema("").await.error(400, 7001);
    test.get(&format!("{AI}/models/schema")).await.error(400, 7001);
}

#[tokio::test]
async fn authors_and_tasks_are_those_of_the_models() {
    let test = TestApi::new();
    let authors = test.get(&format!("{AI}/authors/search")).await.ok();
    assert!(
        authors["result"].as_array().unwrap().contains(&json!({"id": "openai", "name": "OpenAI"}))
    );
    for row in authors["result"].as_array().unwrap() {
        let query = format!("include_deprecated=true&author={}", row["id"].as_str().unwrap());
        assert!(!names(&search(&test, &query).await).is_empty(), "{row}");
    }
    let tasks = test.get(&format!("{AI}/tasks/search")).await.ok();
    assert!(tasks["result"].as_array().unwrap().len() > 3);
    for row in tasks["result"].as_array().unwrap() {
        let query = format!("include_deprecated=true&task={}", row["id"].as_str().unwrap());
        assert!(!names(&search(&test, &query).await).is_empty(), "{row}");
    }
}

#[tokio::test]
async fn the_catalogue_has_a_permission_of_its_own() {
    let test = TestApi::new();
    let uri = format!("{AI}/models/search");
    test.get_as(Permission::WorkersAiRead, &uri).await.ok();
    for permission in [Permission::Read, Permission::Write] {
        test.get_as(permission, &uri).await.error(403, 10000);
    }
}
