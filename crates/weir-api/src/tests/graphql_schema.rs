//! What the schema tells about itself.

use serde_json::{Value, json};

use super::graphql::{ask, test_api};

#[tokio::test]
async fn the_probe_of_existing_dashboards_is_answered() {
    // A client asks so which figures there are.
    let query = r#"{ __type(name: "AccountAiGatewayRequestsAdaptiveGroupsSum") { name kind
                     fields { name type { name kind ofType { name kind } } } } }"#;
    let answer = ask(&test_api(), query, Value::Null).await;
    let found = &answer["data"]["__type"];
    assert_eq!(found["kind"], "OBJECT");
    let fields = found["fields"].as_array().unwrap();
    let names: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
    for name in [
        "cost",
        "cachedRequests",
        "erroredRequests",
        "cachedTokensIn",
        "cachedTokensOut",
        "uncachedTokensIn",
        "uncachedTokensOut",
        "tokensIn",
        "tokensOut",
        "cacheReadTokens",
        "cacheWriteTokens",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    let kind = json!({"name": null, "kind": "NON_NULL",
                      "ofType": {"name": "float64", "kind": "SCALAR"}});
    assert_eq!(fields[0]["type"], kind);
    let none = ask(&test_api(), "{ __type(name: \"Nope\") { name } }", Value::Null).await;
    assert_eq!(none, json!({"data": {"__type": null}, "errors": null}));
}

#[tokio::test]
async fn filters_and_orders_are_listed() {
    let query = r#"query($name: String!) { __type(name: $name) {
                     kind inputFields { name type { name kind ofType { ofType { name } } } }
                     enumValues(includeDeprecated: true) { name isDeprecated } } }"#;
    let test = test_api();
    let prefix = "AccountAiGatewayRequestsAdaptiveGroups";
    let name = format!("{prefix}Filter_InputObject");
    let answer = ask(&test, query, json!({"name": name})).await;
    let found = &answer["data"]["__type"];
    assert_eq!((&found["kind"], &found["enumValues"]), (&json!("INPUT_OBJECT"), &Value::Null));
    let field = |name: &str| {
        let fields = found["inputFields"].as_array().unwrap();
        fields.iter().find(|field| field["name"] == name).unwrap()["type"].clone()
    };
    assert_eq!(field("datetime_geq")["name"], "Time");
    assert_eq!(field("gateway")["name"], "string");
    assert_eq!(field("provider_in")["kind"], "LIST");
    assert_eq!(field("AND")["ofType"]["ofType"]["name"], name);
    let answer = ask(&test, query, json!({"name": format!("{prefix}OrderBy")})).await;
    let words = answer["data"]["__type"]["enumValues"].as_array().unwrap();
    for word in ["datetimeHour_ASC", "count_DESC", "sum_cost_DESC"] {
        assert!(words.contains(&json!({"name": word, "isDeprecated": false})), "{word}");
    }
}

#[tokio::test]
async fn the_query_of_every_tool_is_answered_whole() {
    // The standard introspection query, as graphql-js writes it.
    let query = r"
        query IntrospectionQuery { __schema {
          description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
          types { ...FullType }
          directives { name description isRepeatable locations
                       args(includeDeprecated: true) { ...InputValue } } } }
        fragment FullType on __Type {
          kind name description specifiedByURL isOneOf
          fields(includeDeprecated: true) {
            name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef }
            isDeprecated deprecationReason }
          inputFields(includeDeprecated: true) { ...InputValue }
          interfaces { ...TypeRef }
          enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
          possibleTypes { ...TypeRef } }
        fragment InputValue on __InputValue {
          name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
        fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name
          ofType { kind name ofType { kind name ofType { kind name ofType { kind name
          ofType { kind name ofType { kind name } } } } } } } } } }";
    let answer = ask(&test_api(), query, Value::Null).await;
    assert_eq!(answer["errors"], Value::Null);
    let schema = &answer["data"]["__schema"];
    assert_eq!(schema["queryType"], json!({"name": "Query", "kind": "OBJECT"}));
    let types = schema["types"].as_array().unwrap();
    let find = |name: &str| types.iter().find(|one| one["name"] == name).unwrap();
    for scalar in ["Time", "string", "uint64", "float64"] {
        assert_eq!(find(scalar)["kind"], "SCALAR");
    }
    let account = find("account")["fields"].as_array().unwrap();
    for name in [
        "aiGatewayRequestsAdaptiveGroups",
        "aiGatewayErrorsAdaptiveGroups",
        "aiGatewayCacheAdaptiveGroups",
        "aiGatewaySizeAdaptiveGroups",
        "settings",
    ] {
        assert!(account.iter().any(|field| field["name"] == name), "{name}");
    }
    assert_eq!(schema["directives"][0]["args"][0]["type"]["ofType"]["name"], "Boolean");
}

#[tokio::test]
async fn going_round_in_the_schema_comes_to_an_end() {
    let round = "fields { type { ofType { ofType { ";
    let query =
        format!("{{ __schema {{ types {{ {}name{} }} }} }}", round.repeat(6), "} } } }".repeat(6));
    let answer = ask(&test_api(), &query, Value::Null).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "limit");
    let inputs = "inputFields { type { ofType { ofType { ";
    let query = format!(
        "{{ __type(name: \"AccountAiGatewayRequestsAdaptiveGroupsFilter_InputObject\") {{ \
         {}{} }} }}",
        inputs.repeat(4) + "inputFields { name type { kind name } }",
        "} } } }".repeat(4)
    );
    let answer = ask(&test_api(), &query, Value::Null).await;
    assert_eq!(answer["errors"], Value::Null);
}
