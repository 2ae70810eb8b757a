//! What a person sees when the gateway has started.

use std::net::SocketAddr;

use crate::command::say;
use crate::config::Config;

/// What the banner tells.
pub(super) struct Facts<'a> {
    pub(super) address: SocketAddr,
    pub(super) https: bool,
    pub(super) admin: Option<SocketAddr>,
    pub(super) config: &'a Config,
    /// A token made because there was none.
    pub(super) first_token: Option<&'a str>,
    /// Address of the simulator, and the token of this run.
    pub(super) simulation: Option<(SocketAddr, &'a str)>,
}

/// Prints it. The first line is stable, for programs that wait for the start.
pub(super) fn print(facts: &Facts<'_>) {
    let scheme = if facts.https { "https" } else { "http" };
    let base = format!("{scheme}://{}", facts.address);
    let account = &facts.config.bootstrap.account_id;
    let ids: Vec<String> = facts
        .config
        .bootstrap
        .gateways
        .iter()
        .filter_map(|gateway| gateway.parts().ok().map(|(_, id, _)| id))
        .collect();
    say(&format!("weir {} listening on {base}", env!("CARGO_PKG_VERSION")));
    say(&format!("  account   {account}"));
    say(&format!("  gateways  {}", ids.join(", ")));
    say(&format!("  data      {}", facts.config.data_dir.display()));
    match facts.admin {
        Some(admin) => say(&format!("  metrics   http://{admin}/metrics")),
        None => say(&format!("  metrics   {base}/metrics (from this machine)")),
    }
    if let Some(token) = facts.first_token {
        say(&format!("  token     {token}"));
        say("            made because there was none; it is shown this once");
    }
    if let Some((simulator, token)) = facts.simulation {
        say(&format!("  simulator http://{simulator} answers for every provider"));
        say(&format!("  token     {token}"));
        say("            for this run; it expires in a day");
        let gateway = ids.first().map_or("default", String::as_str);
        say(&examples(&base, account, gateway, token));
    }
}

fn examples(base: &str, account: &str, gateway: &str, token: &str) -> String {
    let call = |stream: &str, flags: &str| {
        format!(
            "curl {flags}{base}/v1/{account}/{gateway}/openai/chat/completions \\\n  \
             -H 'cf-aig-authorization: Bearer {token}' \\\n  \
             -H 'authorization: Bearer any-key' \\\n  \
             -H 'content-type: application/json' \\\n  \
             -d '{{\"model\":\"gpt-4o-mini\",{stream}\"messages\":[{{\"role\":\"user\",\
             \"content\":\"Say hello\"}}]}}'"
        )
    };
    let streamed = "\"stream\":true,\"stream_options\":{\"include_usage\":true},";
    format!(
        "\nA call:\n\n{}\n\nA streamed call:\n\n{}\n\nThe log of both:\n\n\
         curl {base}/client/v4/accounts/{account}/ai-gateway/gateways/{gateway}/logs \\\n  \
         -H 'authorization: Bearer {token}'\n",
        call("", ""),
        call(streamed, "-N "),
    )
}
