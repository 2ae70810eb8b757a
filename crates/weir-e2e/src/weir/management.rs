//! The management API, as far as tests need it: log rows and changes of the world.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::Weir;
use crate::http::{Request, Response};

/// How long a row may take to appear after its answer.
const ROW_PATIENCE: Duration = Duration::from_secs(3);

impl Weir {
    /// Calls the management API of account `acc1` with token `tok-admin`; `path` starts after
    /// `/ai-gateway`.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn manage(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Response> {
        let target = format!("/client/v4/accounts/acc1/ai-gateway{path}");
        let request = Request::new(method, &target).header("authorization", "Bearer tok-admin");
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        self.send(&request).await
    }

    /// The `result` of a successful call.
    ///
    /// # Errors
    /// When the call does not succeed.
    pub async fn result(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let response = self.manage(method, path, body).await?;
        let shown = || format!("{method} {path}: {} {}", response.status, response.text());
        ensure!(response.status == 200, shown());
        response.json()?.get("result").cloned().with_context(shown)
    }

    /// The newest rows of a gateway, newest first; none when there is no such gateway.
    ///
    /// # Errors
    /// When the rows cannot be read.
    pub async fn rows(&self, gateway: &str) -> Result<Vec<Value>> {
        let path = format!("/gateways/{gateway}/logs?per_page=50");
        let response = self.manage("GET", &path, None).await?;
        if response.status == 404 {
            return Ok(Vec::new());
        }
        let shown = || format!("GET {path}: {} {}", response.status, response.text());
        ensure!(response.status == 200, shown());
        let body = response.json()?;
        Ok(body.get("result").and_then(Value::as_array).with_context(shown)?.clone())
    }

    /// Waits until gateway `gw1` has at least this many rows; returns them, oldest first, each as
    /// its detail.
    ///
    /// # Errors
    /// When they do not appear in three seconds.
    pub async fn wait_for_rows(&self, count: usize) -> Result<Vec<Value>> {
        let deadline = Instant::now() + ROW_PATIENCE;
        let rows = loop {
            let rows = self.rows("gw1").await?;
            if rows.len() >= count {
                break rows;
            }
            if Instant::now() > deadline {
                bail!("{} log rows instead of {count}\n{}", rows.len(), self.output());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let mut details = Vec::new();
        for row in rows.iter().rev() {
            let id = row.get("id").and_then(Value::as_str).context("a row without an id")?;
            details.push(self.row("gw1", id).await?);
        }
        Ok(details)
    }

    /// The only row of gateway `gw1`.
    ///
    /// # Errors
    /// When none appears in three seconds, or there are several.
    pub async fn only_row(&self) -> Result<Value> {
        let mut rows = self.wait_for_rows(1).await?;
        ensure!(rows.len() == 1, "{} rows instead of one: {rows:#?}", rows.len());
        rows.pop().context("a row")
    }

    /// One row in detail.
    ///
    /// # Errors
    /// When there is no such row.
    pub async fn row(&self, gateway: &str, id: &str) -> Result<Value> {
        self.result("GET", &format!("/gateways/{gateway}/logs/{id}"), None).await
    }

    /// Waits until a row exists; returns its detail.
    ///
    /// # Errors
    /// When it does not appear in three seconds.
    pub async fn wait_for_row(&self, gateway: &str, id: &str) -> Result<Value> {
        let deadline = Instant::now() + ROW_PATIENCE;
        loop {
            match self.row(gateway, id).await {
                Err(_) if Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                found => return found,
            }
        }
    }

    /// How many rows gateway `gw1` has.
    ///
    /// # Errors
    /// When the rows cannot be counted.
    pub async fn row_count(&self) -> Result<u64> {
        let response = self.manage("GET", "/gateways/gw1/logs?per_page=1", None).await?;
        let count = response.json()?.pointer("/result_info/total_count").and_then(Value::as_u64);
        count.with_context(|| format!("no total_count in {}", response.text()))
    }

    /// A stored body of a row: `side` is `request` or `response`. `None` when it is not kept.
    ///
    /// # Errors
    /// When the answer is neither 200 nor 404.
    pub async fn body(&self, gateway: &str, id: &str, side: &str) -> Result<Option<Vec<u8>>> {
        let path = format!("/gateways/{gateway}/logs/{id}/{side}");
        let response = self.manage("GET", &path, None).await?;
        match response.status {
            200 => Ok(Some(response.body)),
            404 => Ok(None),
            status => bail!("GET {path}: {status} {}", response.text()),
        }
    }
}
