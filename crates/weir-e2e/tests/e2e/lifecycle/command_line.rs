//! Commands and configuration mistakes.

use anyhow::{Context as _, Result};
use weir_e2e::weir::{Finished, run};

/// Runs a command with this text as its configuration file.
async fn with_file(command: &str, text: &str, variables: &[(&str, &str)]) -> Result<Finished> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("weir.toml");
    let data = folder.path().join("data");
    std::fs::write(&file, format!("data_dir = {data:?}\n{text}"))?;
    run(&[command, "--config", file.to_str().context("path")?], variables).await
}

#[tokio::test]
async fn an_unknown_key_is_an_error_that_names_the_nearest() -> Result<()> {
    let cases = [
        ("lisen = \"127.0.0.1:0\"\n", "lisen", "listen"),
        ("[limits]\nrequest_body_byte = 5\n", "request_body_byte", "request_body_bytes"),
        ("[egres]\nallow = []\n", "egres", "egress"),
    ];
    for command in ["serve", "check"] {
        for (text, wrong, right) in cases {
            let finished = with_file(command, text, &[]).await?;
            assert!(finished.status.is_some_and(|status| status != 0), "{command}: {finished:?}");
            let said = &finished.stderr;
            assert!(said.contains(wrong) && said.contains(right), "{command} {text:?}: {said}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_variable_is_an_error_too() -> Result<()> {
    let finished = with_file("check", "", &[("WEIR_LISTN", "127.0.0.1:0")]).await?;
    assert!(finished.status.is_some_and(|status| status != 0), "{finished:?}");
    assert!(finished.stderr.contains("WEIR_LISTEN"), "{}", finished.stderr);
    Ok(())
}

#[tokio::test]
async fn every_problem_is_told_at_once() -> Result<()> {
    let text = "listen = \"nowhere\"\nlisten2 = 1\n[egress]\nallow = [\"not a host!\"]\n";
    let finished = with_file("check", text, &[]).await?;
    for part in ["nowhere", "listen2", "not a host!"] {
        assert!(finished.stderr.contains(part), "{part} is missing in {}", finished.stderr);
    }
    Ok(())
}

#[tokio::test]
async fn check_prints_what_holds_and_no_secret() -> Result<()> {
    let text = "listen = \"127.0.0.1:9999\"\n[bootstrap]\naccount_id = \"acc1\"\n\
        tokens = [{ name = \"ops\", secret = \"tok-secret-1\", permissions = [\"*\"] }]\n";
    let finished = with_file("check", text, &[]).await?;
    assert_eq!(finished.status, Some(0), "{finished:?}");
    assert!(finished.stdout.contains("127.0.0.1:9999"), "{}", finished.stdout);
    let said = [finished.stdout, finished.stderr].concat();
    assert!(!said.contains("tok-secret-1"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_not_there_or_not_toml_is_an_error() -> Result<()> {
    let missing = run(&["check", "--config", "/nonexistent/weir.toml"], &[]).await?;
    assert!(missing.status.is_some_and(|status| status != 0), "{missing:?}");
    assert!(missing.stderr.contains("/nonexistent/weir.toml"), "{}", missing.stderr);
    let broken = with_file("serve", "listen = \n", &[]).await?;
    assert!(broken.status.is_some_and(|status| status != 0), "{broken:?}");
    Ok(())
}

#[tokio::test]
async fn a_taken_port_is_an_error_and_not_a_hang() -> Result<()> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?;
    let finished = with_file("serve", &format!("listen = \"{address}\"\n"), &[]).await?;
    assert!(finished.status.is_some_and(|status| status != 0), "{finished:?}");
    assert!(finished.stderr.contains(&address.to_string()), "{}", finished.stderr);
    Ok(())
}

#[tokio::test]
async fn options_without_a_command_mean_serve() -> Result<()> {
    let finished = run(&["--config", "/nowhere/weir.toml"], &[]).await?;
    assert!(finished.status.is_some_and(|status| status != 0), "{finished:?}");
    assert!(finished.stderr.contains("/nowhere/weir.toml"), "{}", finished.stderr);
    let help = run(&[], &[]).await?;
    assert!(format!("{}{}", help.stdout, help.stderr).contains("serve"), "{help:?}");
    Ok(())
}
