//! Providers that an account defines itself (spec: management-api 7, data-plane 1.7).

mod base_url;
mod costs;
mod form;
mod headers;
mod view;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::MethodFilter;
use uuid::Uuid;
use weir_core::config::Configuration;
use weir_core::provider::ProviderCost;
use weir_core::secrets::ProviderConfig;
use weir_core::{AccountId, CustomProvider, Permission, Timestamp};

pub(super) use self::base_url::origin;
use self::form::{Body, CREATE, EDIT, PROVIDER};
use self::view::View;
use super::gateways::later_than;
use crate::body::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::operation::{Answer, Operation, PAGE, Param, per_page, search};
use crate::path::Id;
use crate::query::{Paging, Params};
use crate::routes::Table;
use crate::schema::Schema;
use crate::{Api, envelope};

const LIST: Operation = Operation {
    id: "listCustomProviders",
    summary: "List custom providers, by position and name",
    query: &[
        PAGE,
        per_page(1, 100),
        search("Part of the id, the name or the slug, in any case."),
        Param::optional("beta", Schema::Bool, ""),
        Param::optional("enable", Schema::Bool, ""),
        Param::optional("order_by", Schema::Choice(&ORDERS), "position by default."),
    ],
    body: None,
    answer: Answer::List(PROVIDER),
};
const ORDERS: [&str; 5] = ["position", "name", "slug", "created_at", "modified_at"];
const GET: Operation = Operation {
    id: "getCustomProvider",
    summary: "Show a custom provider",
    query: &[],
    body: None,
    answer: Answer::Result(PROVIDER),
};
const POST: Operation = Operation {
    id: "createCustomProvider",
    summary: "Create a custom provider",
    body: Some(CREATE),
    ..GET
};
const PATCH: Operation = Operation {
    id: "editCustomProvider",
    summary: "Change a custom provider; what is left out keeps its value, null clears",
    body: Some(EDIT),
    ..GET
};
const DELETE: Operation = Operation {
    id: "deleteCustomProvider",
    summary: "Delete a custom provider with its prices and its stored keys",
    ..GET
};

pub(crate) fn routes(table: Table) -> Table {
    const ALL: &str = "/accounts/{account_id}/ai-gateway/custom-providers";
    const ONE: &str = "/accounts/{account_id}/ai-gateway/custom-providers/{id}";
    let table = table.route(MethodFilter::GET, ALL, Permission::Read, &LIST, list).route(
        MethodFilter::POST,
        ALL,
        Permission::Write,
        &POST,
        create,
    );
    costs::routes(table)
        .route(MethodFilter::GET, ONE, Permission::Read, &GET, get)
        .route(MethodFilter::PATCH, ONE, Permission::Write, &PATCH, edit)
        .route(MethodFilter::DELETE, ONE, Permission::Write, &DELETE, delete)
}

fn not_found() -> ApiError {
    ApiError::NotFound("custom provider not found".into())
}

/// `GET /custom-providers`.
async fn list(caller: Caller, params: Params) -> Response {
    let search = params.get("search").unwrap_or_default().to_lowercase();
    let is = |wanted: Option<bool>, found: bool| wanted.is_none_or(|wanted| wanted == found);
    let mut matching: Vec<&Arc<CustomProvider>> = caller
        .configuration()
        .of::<CustomProvider>(caller.account())
        .filter(|provider| is(params.flag("beta"), provider.beta))
        .filter(|provider| is(params.flag("enable"), provider.enable))
        .filter(|provider| {
            let texts = [&*provider.id, &provider.name, &provider.slug];
            texts.iter().any(|text| text.to_lowercase().contains(&search))
        })
        .collect();
    let order = params.get("order_by").unwrap_or("position");
    matching.sort_by(|one, other| {
        let first = match order {
            "name" => one.name.cmp(&other.name),
            "slug" => one.slug.cmp(&other.slug),
            "created_at" => one.created_at.cmp(&other.created_at),
            "modified_at" => one.modified_at.cmp(&other.modified_at),
            _ => one.position.cmp(&other.position),
        };
        first.then_with(|| one.name.cmp(&other.name)).then_with(|| one.id.cmp(&other.id))
    });
    Paging::read(&params).answer(&matching, |provider| View::of(provider))
}

/// `GET /custom-providers/{id}`.
async fn get(caller: Caller, Id(id): Id) -> Result<Response, ApiError> {
    let found = caller.configuration().get::<CustomProvider>(caller.account(), &id);
    Ok(envelope::object(&View::of(found.ok_or_else(not_found)?)))
}

/// `POST /custom-providers`.
async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Json { value: body, ignored }: Json<Body>,
) -> Result<Response, ApiError> {
    let at = Timestamp::now();
    let mut provider = CustomProvider {
        id: Uuid::new_v4().to_string().into(),
        account_id: caller.account().clone(),
        name: String::new(),
        slug: String::new(),
        base_url: String::new(),
        enable: false,
        headers: Default::default(),
        beta: false,
        position: 0,
        description: None,
        link: None,
        logo: None,
        curl_example: None,
        js_example: None,
        created_at: at,
        modified_at: at,
    };
    body.apply_to(&mut provider)?;
    base_url::check(&provider.base_url, api.options.allow_http_providers)?;
    let provider = caller
        .change(&api, |now, changes| {
            refuse_taken(now, &provider)?;
            changes.put(provider.clone());
            Ok(provider.clone())
        })
        .await?;
    Ok(envelope::noted(&View::of(&provider), ignored))
}

/// `PATCH /custom-providers/{id}`.
async fn edit(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Id(id): Id,
    Json { value: body, ignored }: Json<Body>,
) -> Result<Response, ApiError> {
    let changed = caller
        .change(&api, |now, changes| {
            let present = now.get::<CustomProvider>(caller.account(), &id).ok_or_else(not_found)?;
            let mut changed = CustomProvider::clone(present);
            body.apply_to(&mut changed)?;
            refuse_taken(now, &changed)?;
            let is_moved =
                base_url::origin(&changed.base_url) != base_url::origin(&present.base_url);
            if changed.base_url != present.base_url {
                base_url::check(&changed.base_url, api.options.allow_http_providers)?;
            }
            if is_moved {
                body.refuse_moved_headers(present)?;
            }
            if let Some(config) = configs(now, present).first() {
                if changed.slug != present.slug {
                    let text = format!(
                        "slug cannot change while gateway {} holds a key for it (alias {})",
                        config.gateway_id, config.alias
                    );
                    return Err(ApiError::body("slug", text));
                }
                // Whoever may not see a stored key may not have it sent elsewhere either.
                if is_moved && !caller.token.grants(Permission::SecretsWrite) {
                    return Err(ApiError::Forbidden(Permission::SecretsWrite));
                }
            }
            changed.modified_at = later_than(present.modified_at);
            changes.put(changed.clone());
            Ok(changed)
        })
        .await?;
    Ok(envelope::noted(&View::of(&changed), ignored))
}

/// `DELETE /custom-providers/{id}`. The stored keys go, too: a provider that is made anew under the
/// old slug may lie elsewhere.
async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let gone = caller
        .change(&api, |now, changes| {
            let present = now.get::<CustomProvider>(caller.account(), &id).ok_or_else(not_found)?;
            for cost in now.of::<ProviderCost>(caller.account()) {
                if cost.account_provider_id == present.id {
                    changes.delete(&**cost);
                }
            }
            changes.delete_provider_configs(now, &configs(now, present));
            changes.delete(&**present);
            Ok(Arc::clone(present))
        })
        .await?;
    Ok(envelope::object(&View::of(&gone)))
}

/// The keys stored for a provider, in all gateways of its account.
fn configs(now: &Configuration, provider: &CustomProvider) -> Vec<Arc<ProviderConfig>> {
    let of_account = now.of::<ProviderConfig>(&provider.account_id);
    let slug = Some(provider.slug.as_str());
    of_account
        .filter(|config| config.provider_slug.strip_prefix("custom-") == slug)
        .cloned()
        .collect()
}

fn refuse_taken(now: &Configuration, provider: &CustomProvider) -> Result<(), ApiError> {
    let account: &AccountId = &provider.account_id;
    let mut others = now.of::<CustomProvider>(account).filter(|other| other.id != provider.id);
    if others.any(|other| other.slug == provider.slug) {
        let text = format!("custom provider with slug {} already exists", provider.slug);
        return Err(ApiError::body("slug", text));
    }
    Ok(())
}
