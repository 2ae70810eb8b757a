//! Every provider of `/compat` with every kind of request, in one piece and streamed, against the
//! simulator, which refuses what the provider would refuse.

mod cells;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use weir_e2e::http::{Request, Response};

use self::cells::{AUTHORS, CASES, Case, REFUSED, ROWS, Row, body};
use super::rig::{self, Simulated, documents, is_done};

/// What an answer says, whatever way it came.
#[derive(Debug, PartialEq)]
struct Said {
    text: String,
    /// Names and arguments of the calls, in order.
    calls: Vec<(String, Value)>,
    finish: String,
    usage: Value,
}

#[tokio::test]
async fn every_provider_answers_every_kind_of_request() -> Result<()> {
    let world = Simulated::start().await?;
    let account = rig::base64(&world.service_account(Some("europe-west4"))?);
    let cells = ROWS.iter().flat_map(|row| CASES.into_iter().map(move |case| (row, case)));
    rig::all(cells.map(|(row, case)| {
        let key = if row.slug == "google-vertex-ai" { &account } else { "sk-client" };
        let world = &world;
        async move {
            let checked = cell(world, row, case, key).await;
            checked.with_context(|| format!("{} with {case:?}", row.model))
        }
    }))
    .await
}

#[tokio::test]
async fn every_author_of_the_api_host_answers_every_kind_of_request() -> Result<()> {
    let world = Simulated::start().await?;
    for (slug, _) in AUTHORS {
        rig::store(&world.weir, slug, "default", "sk-stored").await?;
    }
    let cells = AUTHORS.iter().flat_map(|author| CASES.into_iter().map(move |case| (author, case)));
    rig::all(cells.map(|((slug, model), case)| {
        let world = &world;
        async move {
            let checked = at_the_api_host(world, slug, model, case).await;
            checked.with_context(|| format!("{model} with {case:?}"))
        }
    }))
    .await
}

async fn at_the_api_host(world: &Simulated, slug: &str, model: &str, case: Case) -> Result<()> {
    let mut body = body(model, case);
    let ask =
        |body: &Value| rig::rest("v1/chat/completions", body).header("cf-aig-gateway-id", "gw1");
    let answer = world.weir.send(&ask(&body)).await?;
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    let stream = world.weir.send(&ask(&body)).await?;
    let said = said(&answer).context("in one piece")?;
    let told = told(&stream).context("streamed")?;
    expect(&said, case)?;
    ensure!(said == told, "in one piece {said:?}, streamed {told:?}");
    for answer in [&answer, &stream] {
        let row = rig::row(&world.weir, answer).await?;
        ensure!(row["provider"] == slug && row["success"] == true, "{row:#}");
        ensure!(row["byok"] == true && !row["cost"].is_null(), "{row:#}");
    }
    Ok(())
}

fn request(body: &Value, key: &str) -> Request {
    Request::post("/v1/acc1/gw1/compat/chat/completions")
        .header("cf-aig-authorization", "Bearer tok-run")
        .header("authorization", format!("Bearer {key}"))
        .json(body)
}

async fn cell(world: &Simulated, row: &Row, case: Case, key: &str) -> Result<()> {
    let plain = body(row.model, case);
    let mut streamed = plain.clone();
    streamed["stream"] = json!(true);
    streamed["stream_options"] = json!({"include_usage": true});
    let answer = world.weir.send(&request(&plain, key)).await?;
    let stream = world.weir.send(&request(&streamed, key)).await?;
    let refused = REFUSED.iter().find(|(slug, refused, _)| *slug == row.slug && *refused == case);
    if let Some((_, _, param)) = refused {
        is_refused(&answer, param)?;
        return is_refused(&stream, param);
    }
    let said = said(&answer).context("in one piece")?;
    let mut told = told(&stream).context("streamed")?;
    expect(&said, case)?;
    if case == Case::Schema {
        schema(row, &answer, &said.text)?;
    }
    heads(&answer, "application/json")?;
    heads(&stream, "text/event-stream")?;
    logged(world, row, &answer, &said).await?;
    if row.stream_usage {
        logged(world, row, &stream, &said).await.context("streamed")?;
    } else {
        told.usage = said.usage.clone();
    }
    ensure!(said == told, "in one piece {said:?}, streamed {told:?}");
    Ok(())
}

fn is_refused(answer: &Response, param: &str) -> Result<()> {
    let body = answer.json()?;
    ensure!(answer.status == 400, "{} {body}", answer.status);
    ensure!(body["error"]["param"] == param, "{body}");
    ensure!(body["error"]["code"] == "unsupported_parameter", "{body}");
    Ok(())
}

/// An answer in one piece.
fn said(answer: &Response) -> Result<Said> {
    let body = answer.json()?;
    ensure!(answer.status == 200, "{} {body}", answer.status);
    ensure!(body["object"] == "chat.completion", "{body}");
    ensure!(body["id"].is_string() && body["created"].is_u64() && body["model"].is_string());
    let choice = &body["choices"][0];
    ensure!(choice["index"] == 0 && choice["message"]["role"] == "assistant", "{body}");
    let calls = choice["message"]["tool_calls"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<&str> = calls.iter().filter_map(|call| call["id"].as_str()).collect();
    ids.dedup();
    ensure!(ids.len() == calls.len(), "ids of the calls: {body}");
    let call = |call: &Value| -> Result<_> {
        ensure!(call["type"] == "function", "{call}");
        let arguments = call["function"]["arguments"].as_str().context("arguments")?;
        let name = call["function"]["name"].as_str().context("name")?.to_owned();
        Ok((name, serde_json::from_str(arguments)?))
    };
    Ok(Said {
        text: choice["message"]["content"].as_str().unwrap_or_default().to_owned(),
        calls: calls.iter().map(call).collect::<Result<_>>()?,
        finish: choice["finish_reason"].as_str().unwrap_or_default().to_owned(),
        usage: usage(&body["usage"])?,
    })
}

/// The counts that all providers tell.
fn usage(usage: &Value) -> Result<Value> {
    let count = |name: &str| usage[name].as_u64().with_context(|| format!("{name} of {usage}"));
    let (input, output) = (count("prompt_tokens")?, count("completion_tokens")?);
    ensure!(input > 0 && output > 0 && count("total_tokens")? == input + output, "{usage}");
    Ok(json!({"in": input, "out": output}))
}

/// A streamed answer, put together as OpenAI's clients do it.
fn told(stream: &Response) -> Result<Said> {
    ensure!(stream.status == 200 && stream.complete, "{} {}", stream.status, stream.text());
    ensure!(is_done(stream), "no [DONE]: {}", stream.text());
    let chunks = documents(stream)?;
    let id = &chunks.first().context("a chunk")?["id"];
    let (mut text, mut finish, mut told) = (String::new(), String::new(), Value::Null);
    let mut calls: Vec<(String, String)> = Vec::new();
    for chunk in &chunks {
        ensure!(chunk["object"] == "chat.completion.chunk" && chunk["id"] == *id, "{chunk}");
        if !chunk["usage"].is_null() {
            told = chunk["usage"].clone();
        }
        let choice = &chunk["choices"][0];
        text.push_str(choice["delta"]["content"].as_str().unwrap_or_default());
        if let Some(reason) = choice["finish_reason"].as_str() {
            ensure!(finish.is_empty(), "finished twice: {}", stream.text());
            finish = reason.to_owned();
        }
        for call in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            let index = usize::try_from(call["index"].as_u64().context("index")?)?;
            if let Some(name) = call["function"]["name"].as_str() {
                ensure!(index == calls.len() && call["id"].is_string(), "{call}");
                calls.push((name.to_owned(), String::new()));
            }
            let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
            calls.get_mut(index).context("a call without a name")?.1.push_str(arguments);
        }
    }
    ensure!(chunks[0]["choices"][0]["delta"]["role"] == "assistant", "{}", chunks[0]);
    let parse = |(name, arguments): (String, String)| -> Result<_> {
        Ok((name, serde_json::from_str(&arguments).context(arguments)?))
    };
    let calls = calls.into_iter().map(parse).collect::<Result<_>>()?;
    Ok(Said { text, calls, finish, usage: usage(&told).unwrap_or_default() })
}

/// What the simulator says to such a request.
fn expect(said: &Said, case: Case) -> Result<()> {
    let names: Vec<&str> = said.calls.iter().map(|(name, _)| name.as_str()).collect();
    let wanted: &[&str] = match case {
        Case::Tool => &["get_weather"],
        Case::Tools => &["get_weather", "get_time"],
        _ => &[],
    };
    ensure!(names == wanted, "calls {said:?}");
    ensure!(said.calls.iter().all(|(_, arguments)| arguments["city"].is_string()), "{said:?}");
    let finish = if wanted.is_empty() { "stop" } else { "tool_calls" };
    ensure!(said.finish == finish, "{said:?}");
    ensure!(said.text.is_empty() != wanted.is_empty(), "{said:?}");
    Ok(())
}

/// JSON of the schema; where the provider knows no schemas the answer says that it had none.
fn schema(row: &Row, answer: &Response, text: &str) -> Result<()> {
    let town: Value = serde_json::from_str(text)?;
    let follows = town["city"].is_string() && town["warm"].is_boolean();
    let dropped = answer.header("cf-aig-dropped-params").unwrap_or_default();
    let expected = if row.schemas { "" } else { "response_format" };
    ensure!(follows == row.schemas && dropped == expected, "{town}, dropped {dropped:?}");
    Ok(())
}

fn heads(answer: &Response, content_type: &str) -> Result<()> {
    let header = |name: &str| answer.header(name).unwrap_or_default();
    ensure!(header("content-type").starts_with(content_type), "{:?}", answer.head);
    let id = header("cf-aig-log-id");
    ensure!(!id.is_empty() && header("cf-aig-request-id") == id, "{:?}", answer.head);
    ensure!(header("cf-aig-event-id") == id && header("cf-aig-step") == "0", "{:?}", answer.head);
    ensure!(header("cf-aig-cache-status") == "MISS", "{:?}", answer.head);
    Ok(())
}

async fn logged(world: &Simulated, row: &Row, answer: &Response, said: &Said) -> Result<()> {
    let logged = rig::row(&world.weir, answer).await?;
    let (_, model) = row.model.split_once('/').context("a prefix")?;
    for (name, expected) in [
        ("provider", json!(row.slug)),
        ("model", json!(model)),
        ("path", json!("compat/chat/completions")),
        ("success", json!(true)),
        ("status_code", json!(200)),
        ("model_type", json!("text-generation")),
        ("tokens_in", said.usage["in"].clone()),
        ("tokens_out", said.usage["out"].clone()),
    ] {
        ensure!(logged[name] == expected, "{name} is {}, not {expected}", logged[name]);
    }
    ensure!(logged["cost"].is_null() != row.priced, "cost: {}", logged["cost"]);
    Ok(())
}
