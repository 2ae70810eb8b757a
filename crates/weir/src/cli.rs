//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::command;

/// A self-hosted AI gateway: a drop-in replacement for Cloudflare AI Gateway.
///
/// Options without a command mean `weir serve`.
#[derive(Parser)]
#[command(name = "weir", version, max_term_width = 100)]
#[command(arg_required_else_help = true, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeOptions,
}

#[derive(clap::Args)]
struct ServeOptions {
    #[command(flatten)]
    source: ConfigSource,
    /// Also start the provider simulator, and send the calls of every provider that has no
    /// configured origin to it. Needs no keys and no network.
    #[arg(long)]
    simulate: bool,
}

/// Where settings come from, for every command that needs some.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct ConfigSource {
    /// Configuration file (TOML). Without one, defaults and WEIR_* variables hold.
    #[arg(long, env = "WEIR_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the gateway.
    Serve(ServeOptions),
    /// Print the effective configuration, secrets masked, and every problem in it.
    Check {
        #[command(flatten)]
        source: ConfigSource,
    },
    /// Run the provider simulator alone.
    Simulate {
        /// Address to listen on.
        #[arg(long, default_value = "127.0.0.1:8788", value_name = "ADDRESS")]
        listen: SocketAddr,
    },
    /// Make, list and revoke API tokens.
    Token {
        #[command(flatten)]
        source: ConfigSource,
        #[command(subcommand)]
        command: command::token::TokenCommand,
    },
    /// Print the version.
    Version,
}

/// Runs the command that was given.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(options) => command::serve::run(&options.source, options.simulate),
        Command::Check { source } => return command::check::run(&source),
        Command::Simulate { listen } => command::simulate::run(listen),
        Command::Token { source, command } => command::token::run(&source, &command),
        Command::Version => {
            command::say(&format!("weir {}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            command::complain(&format!("weir: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
