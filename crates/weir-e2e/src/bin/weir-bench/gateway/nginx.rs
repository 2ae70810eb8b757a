//! nginx as a plain reverse proxy with kept-alive connections: the mark to measure against.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::cpu::{self, GATEWAY};

/// Whether `nginx` is on the path.
pub(super) fn is_installed() -> bool {
    let probe =
        Command::new("nginx").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status();
    probe.is_ok_and(|status| status.success())
}

/// The command that serves on `port`, with its configuration in `folder`.
pub(super) fn command(port: u16, upstream: u16, folder: &Path) -> anyhow::Result<Command> {
    let file = folder.join("nginx.conf");
    std::fs::write(&file, configuration(port, upstream)).context("cannot write nginx.conf")?;
    let mut command = cpu::on_core(GATEWAY, Path::new("nginx"));
    command.arg("-p").arg(folder).arg("-c").arg(&file).args(["-e", "stderr"]);
    Ok(command)
}

/// One worker, no access log, no buffering of answers so that streams flow.
fn configuration(port: u16, upstream: u16) -> String {
    format!(
        "daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  keepalive_requests 100000000;
  upstream provider {{
    server 127.0.0.1:{upstream};
    keepalive 512;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection \"\";
      proxy_buffering off;
    }}
  }}
}}
"
    )
}
