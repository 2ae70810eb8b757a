//! Weir with one gateway that demands authentication.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::cpu::{self, GATEWAY};
use crate::request::{self, Kind};

const PATH: &str = "/v1/acc1/gw1/openai/chat/completions";
const TOKEN: (&str, &str) = ("cf-aig-authorization", "Bearer tok-run");

/// The command that serves on `port`, with configuration and data in `folder`.
pub(super) fn command(
    program: &Path,
    port: u16,
    upstream: u16,
    folder: &Path,
) -> anyhow::Result<Command> {
    let file = folder.join("weir.toml");
    let data = folder.join("data");
    std::fs::write(&file, configuration(port, upstream, &data))
        .context("cannot write weir.toml")?;
    let mut command = cpu::on_core(GATEWAY, program);
    command.arg("serve").arg("--config").arg(&file);
    Ok(command)
}

pub(super) fn request(kind: Kind, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut all = vec![TOKEN];
    all.extend(headers);
    request::build(kind, PATH, &all)
}

fn configuration(port: u16, upstream: u16, data: &Path) -> String {
    format!(
        "listen = \"127.0.0.1:{port}\"
data_dir = {data:?}

[bootstrap]
account_id = \"acc1\"
gateways = [\"gw1\"]
tokens = [{{ name = \"ops\", secret = \"tok-run\", permissions = [\"*\"] }}]

[egress]
allow = [\"127.0.0.1\"]

[providers.openai]
origin = \"http://127.0.0.1:{upstream}\"
"
    )
}
