use serde_json::Value;
use weir_core::route::Route;

use super::*;

/// A route to one model; `{}` stands for its retries.
const FILE: &str = "[gateways.g.routes.r]\n\
    elements = [\n\
    { id = 's', type = 'start', outputs = { next = { elementId = 'm' } } },\n\
    { id = 'm', type = 'model', properties = { provider = 'openai', model = 'x', \
        timeout = 1000, retries = {} }, \
        outputs = { success = { elementId = 'e' }, fallback = { elementId = 'e' } } },\n\
    { id = 'e', type = 'end', outputs = {} },\n\
    ]\n";

fn with_retries(retries: &str) -> String {
    FILE.replacen("retries = {}", &format!("retries = {retries}"), 1)
}

fn route(made: &Installation) -> &Route {
    made.configuration.routes.iter().next().unwrap()
}

#[tokio::test]
async fn a_changed_route_is_a_new_version_in_force() {
    let mut made = Installation::applied(&with_retries("1")).await;
    let id = route(&made).id.clone();
    assert_eq!(route(&made).versions.len(), 1);
    let outcome = made.apply(&with_retries("2"), false).await.unwrap();
    let line = "~ gateways.g.routes.r\n    elements[1].properties.retries: 1 -> 2\n";
    assert!(outcome.plan.starts_with(line), "{}", outcome.plan);
    let changed = route(&made);
    assert_eq!((changed.id.clone(), changed.versions.len()), (id, 2));
    let elements: &Value = &changed.deployed().unwrap().elements;
    assert_eq!(elements[1]["properties"]["retries"], 2);

    let commented = with_retries("2").replace("elements", "comment = 'why'\nelements");
    let outcome = made.apply(&commented, false).await.unwrap();
    assert!(outcome.plan.contains("comment: none -> \"why\""), "{}", outcome.plan);
    assert!(made.apply(&commented, true).await.unwrap().empty);
}

/// What is in force is what is exported, be it not the newest.
#[tokio::test]
async fn a_route_that_was_rolled_back_is_exported_as_it_is_in_force() {
    let mut made = Installation::applied(&with_retries("1")).await;
    made.apply(&with_retries("2"), false).await.unwrap();
    let mut rolled_back = Route::clone(route(&made));
    let first = rolled_back.deployments[0].clone();
    rolled_back.deployments.push(first);
    made.configuration.put(&weir_core::config::Resource::into_object(rolled_back));
    let exported = made.export().await;
    assert!(exported.contains("retries = 1"), "{exported}");
}

/// The documentation's spelling of the same graph is no difference.
#[tokio::test]
async fn another_spelling_of_a_route_is_not_another_version() {
    let file = "[gateways.g.routes.r]\n\
        elements = [\n\
        { id = 's', type = 'start', outputs = { next = { elementId = 'c' } } },\n\
        { id = 'c', type = 'conditional', properties = { conditions = { 'metadata.a' = { '$eq' = 'b' } } }, \
            outputs = { true = { elementId = 'e' }, false = { elementId = 'e' } } },\n\
        { id = 'e', type = 'end', outputs = {} },\n\
        ]\n";
    let mut made = Installation::applied(file).await;
    let outcome = made.apply(&file.replace("conditions", "condition"), true).await.unwrap();
    assert!(outcome.empty, "{}", outcome.plan);
    assert_eq!(route(&made).versions.len(), 1);
}

#[tokio::test]
async fn a_graph_that_cannot_run_is_refused_at_its_place() {
    let mut made = Installation::empty();
    let file = with_retries("1").replace("elementId = 'e'", "elementId = 'nowhere'");
    let problems = made.apply(&file, false).await.err().unwrap();
    assert!(problems[0].starts_with("gateways.g.routes.r.elements[1].outputs."), "{problems:#?}");
}
