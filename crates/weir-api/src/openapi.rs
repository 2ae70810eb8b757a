//! The OpenAPI document: the table of routes, printed (spec: `openapi-management.yaml` is what it
//! is held against). Served at `/client/v4/openapi.json`; `openapi.json` beside the crate's
//! manifest is a snapshot, so that no change of the API goes unseen.

use std::sync::{Arc, OnceLock};

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use crate::operation::{Access, Answer, Operation, Param};
use crate::routes::{METHODS, Route, Table};
use crate::schema::{Presence, Schema};
use crate::{Api, envelope, v4};

const DOCUMENT: Operation = Operation {
    id: "openapi",
    summary: "This document",
    query: &[],
    body: None,
    answer: Answer::Bare(Schema::Any),
};

pub(crate) fn routes(table: Table) -> Table {
    table.route(MethodFilter::GET, "/openapi.json", Access::Public, &DOCUMENT, get)
}

/// `GET /openapi.json`.
async fn get(State(api): State<Arc<Api>>) -> Response {
    static PRINTED: OnceLock<Value> = OnceLock::new();
    envelope::bare(PRINTED.get_or_init(|| document(v4::table(api).routes())))
}

/// The document of a table.
pub(crate) fn document(routes: &[Route]) -> Value {
    let mut paths = Map::new();
    for route in routes {
        let entry = paths.entry(route.path).or_insert_with(|| json!({}));
        let method = METHODS.into_iter().find(|(method, _)| *method == route.method);
        let name = method.map_or("get", |(_, name)| name);
        entry[name] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Weir management API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Compatible with the management API of Cloudflare AI Gateway."
        },
        "servers": [{ "url": "/client/v4" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Failure": failure(), "Page": page() }
        }
    })
}

fn operation(route: &Route) -> Value {
    let Operation { id, summary, query, body, answer } = route.operation;
    let mut parameters: Vec<Value> = path_parameters(route.path).collect();
    parameters.extend(query.iter().map(parameter));
    let mut printed = json!({
        "operationId": id,
        "summary": summary,
        "tags": [tag(route.path)],
        "parameters": parameters,
        "responses": {
            "200": { "description": "Success", "content": content(answer) },
            "4XX": {
                "description": "Refused",
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Failure" } } }
            },
            "5XX": {
                "description": "Failed",
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Failure" } } }
            }
        }
    });
    if let Some(schema) = body {
        printed["requestBody"] = json!({
            "required": !matches!(schema, Schema::Nullable(_)),
            "content": { "application/json": { "schema": schema.to_json(true) } }
        });
    }
    match route.access {
        Access::Public => printed["security"] = json!([]),
        Access::AnyToken => {}
        Access::Holds(permission) => printed["x-permission"] = permission.name().into(),
    }
    printed
}

fn parameter(param: &Param) -> Value {
    json!({
        "name": param.name,
        "in": "query",
        "required": param.presence == Presence::Required,
        "description": param.about,
        // An empty one counts as not given.
        "allowEmptyValue": true,
        "schema": param.schema.to_json(true)
    })
}

fn path_parameters(path: &'static str) -> impl Iterator<Item = Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| {
        json!({
            // A wildcard segment is printed as an ordinary one.
            "name": name.trim_start_matches('*'),
            "in": "path",
            "required": true,
            "schema": { "type": "string", "minLength": 1 }
        })
    })
}

/// The resource a path is about, for readers of the document.
fn tag(path: &'static str) -> &'static str {
    let mut fixed = path.split('/').filter(|part| !part.is_empty() && !part.starts_with('{'));
    let first = fixed.next().unwrap_or_default();
    let rest: Vec<&str> = fixed.collect();
    match (first, rest.as_slice()) {
        ("accounts", ["ai-gateway", "gateways", below, ..]) => below,
        ("accounts", ["ai-gateway", resource, ..]) => resource,
        ("accounts", [resource, ..]) => resource,
        _ => first,
    }
}

fn content(answer: &Answer) -> Value {
    let schema = match answer {
        Answer::Result(schema) => envelope_of(&[("result", schema.to_json(false))]),
        Answer::List(schema) => envelope_of(&[
            ("result", json!({ "type": "array", "items": schema.to_json(false) })),
            ("result_info", json!({ "$ref": "#/components/schemas/Page" })),
        ]),
        Answer::Beside(Schema::Object(fields)) => {
            let shown = fields.iter().map(|field| (field.name, field.schema.to_json(false)));
            envelope_of(&shown.collect::<Vec<_>>())
        }
        Answer::Beside(schema) | Answer::Bare(schema) => schema.to_json(false),
        Answer::Raw => return json!({ "*/*": { "schema": {} } }),
    };
    json!({ "application/json": { "schema": schema } })
}

fn envelope_of(fields: &[(&str, Value)]) -> Value {
    let mut properties = Map::new();
    properties.insert("success".to_owned(), json!({ "type": "boolean", "enum": [true] }));
    properties.insert("errors".to_owned(), json!({ "type": "array", "maxItems": 0 }));
    properties.insert("messages".to_owned(), json!({ "type": "array", "items": message() }));
    let mut required = vec![Value::from("success"), "errors".into(), "messages".into()];
    for (name, schema) in fields {
        properties.insert((*name).to_owned(), schema.clone());
        required.push((*name).into());
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

fn message() -> Value {
    json!({
        "type": "object",
        "properties": { "code": { "type": "integer" }, "message": { "type": "string" } },
        "required": ["code", "message"]
    })
}

fn failure() -> Value {
    let mut error = message();
    error["properties"]["path"] = json!({ "type": "array", "items": { "type": "string" } });
    error["properties"]["error_chain"] = json!({ "type": "array", "items": message() });
    json!({
        "type": "object",
        "properties": {
            "success": { "type": "boolean", "enum": [false] },
            "result": { "type": "null" },
            "errors": { "type": "array", "items": error, "minItems": 1 },
            "messages": { "type": "array", "maxItems": 0 }
        },
        "required": ["success", "result", "errors", "messages"]
    })
}

fn page() -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    json!({
        "type": "object",
        "properties": {
            "page": count, "per_page": count, "count": count, "total_count": count,
            "total_pages": count
        },
        "required": ["page", "per_page", "count", "total_count"]
    })
}

#[cfg(test)]
mod tests;
