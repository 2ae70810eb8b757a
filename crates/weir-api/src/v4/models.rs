//! The model catalogue (spec: management-api 10): the price table that calls are charged by,
//! seen as a list of models.

mod form;
mod io;
mod listing;
mod openrouter;
mod task;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use serde_json::json;
use weir_core::{Permission, Timestamp};

use self::form::{AUTHOR, MODEL, OPENROUTER, TASK};
use self::listing::{Model, models};
use self::openrouter::OpenRouterModel;
use self::task::Task;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page, search};
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope};

const SEARCH: Operation = Operation {
    id: "searchModels",
    summary: "Search the model catalogue, by name",
    query: &[
        PAGE,
        per_page(1, 100),
        search("Part of the name or the description, in any case."),
        Param::optional("task", Schema::TEXT, "Name or id of a task, in any case."),
        Param::optional("author", Schema::TEXT, "Id of an author, in any case."),
        Param::optional("source", Schema::NUMBER, "1: Workers AI, 2: other providers."),
        Param::optional("hide_experimental", Schema::Bool, "Leave out previews."),
        Param::optional("include_deprecated", Schema::Bool, "Show what is no longer offered, too."),
        Param::optional(
            "format",
            Schema::Choice(&["openrouter"]),
            "Rows as OpenRouter lists them.",
        ),
    ],
    body: None,
    answer: Answer::List(Schema::OneOf(&[OPENROUTER, MODEL])),
};
const SCHEMA: Operation = Operation {
    id: "modelSchema",
    summary: "Show what a model takes and gives, as JSON Schema",
    query: &[Param::required("model", Schema::text(1, 256), "Name in the catalogue.")],
    body: None,
    answer: Answer::Result(Schema::Map(&Schema::Map(&Schema::Any))),
};
const AUTHORS: Operation = Operation {
    id: "listAuthors",
    summary: "List those whose models are in the catalogue",
    query: &[],
    body: None,
    answer: Answer::Result(Schema::list(&AUTHOR)),
};
const TASKS: Operation = Operation {
    id: "listTasks",
    summary: "List what models in the catalogue can do",
    query: &[],
    body: None,
    answer: Answer::Result(Schema::list(&TASK)),
};

pub(crate) fn routes(table: Table) -> Table {
    const MODELS: &str = "/accounts/{account_id}/ai/models/search";
    const OF_ONE: &str = "/accounts/{account_id}/ai/models/schema";
    const BY: &str = "/accounts/{account_id}/ai/authors/search";
    const FOR: &str = "/accounts/{account_id}/ai/tasks/search";
    table
        .route(MethodFilter::GET, MODELS, Permission::WorkersAiRead, &SEARCH, list)
        .route(MethodFilter::GET, OF_ONE, Permission::WorkersAiRead, &SCHEMA, schema)
        .route(MethodFilter::GET, BY, Permission::WorkersAiRead, &AUTHORS, authors)
        .route(MethodFilter::GET, FOR, Permission::WorkersAiRead, &TASKS, tasks)
}

/// `GET /ai/models/search`.
async fn list(State(api): State<Arc<Api>>, _: Caller, params: Params) -> Response {
    let models = models(&api.prices);
    let today = Timestamp::now().to_string();
    let lower = |name| params.get(name).map(str::to_lowercase);
    let (search, task, author) =
        (lower("search").unwrap_or_default(), lower("task"), lower("author"));
    let source: Option<f64> = params.get("source").and_then(|text| text.parse().ok());
    let with_deprecated = params.flag("include_deprecated").unwrap_or(false);
    let without_previews = params.flag("hide_experimental").unwrap_or(false);
    let matching: Vec<&Model<'_>> = models
        .iter()
        .filter(|model| {
            model.name.to_lowercase().contains(&search)
                || model.description.to_lowercase().contains(&search)
        })
        .filter(|model| {
            let is = |wanted: &String| {
                *wanted == model.task.id || *wanted == model.task.name.to_lowercase()
            };
            task.as_ref().is_none_or(is)
        })
        .filter(|model| author.as_ref().is_none_or(|wanted| *wanted == model.author.to_lowercase()))
        .filter(|model| source.is_none_or(|wanted| wanted == f64::from(model.source)))
        .filter(|model| with_deprecated || !model.is_gone(&today))
        .filter(|model| !without_previews || !model.is_preview)
        .collect();
    let paging = Paging::read(&params);
    match params.get("format") {
        Some(_) => paging.answer(&matching, |model| OpenRouterModel::of(model)),
        None => paging.answer(&matching, |model| model.view(&today)),
    }
}

/// `GET /ai/models/schema`.
async fn schema(
    State(api): State<Arc<Api>>,
    _: Caller,
    params: Params,
) -> Result<Response, ApiError> {
    let models = models(&api.prices);
    let name = params.get("model").unwrap_or_default();
    let found = models.iter().find(|model| model.name == name);
    let model = found.ok_or(ApiError::NotFound("model not found".into()))?;
    Ok(envelope::object(&io::schemas(model.task)))
}

/// `GET /ai/authors/search`.
async fn authors(State(api): State<Arc<Api>>, _: Caller) -> Response {
    let models = models(&api.prices);
    let mut authors: Vec<(&str, &str)> =
        models.iter().map(|model| (model.author, model.author_name)).collect();
    authors.sort_unstable();
    authors.dedup();
    let rows = authors.into_iter().map(|(id, name)| json!({ "id": id, "name": name }));
    envelope::object(&rows.collect::<Vec<_>>())
}

/// `GET /ai/tasks/search`: the tasks that some model is for.
async fn tasks(State(api): State<Arc<Api>>, _: Caller) -> Response {
    let models = models(&api.prices);
    let used = |task: &&Task| models.iter().any(|model| model.task.id == task.id);
    envelope::object(&task::TASKS.iter().filter(used).collect::<Vec<_>>())
}
