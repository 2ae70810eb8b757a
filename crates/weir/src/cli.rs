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
    /// Write the configuration of an account as a file: gateways, routes, providers, limits,
    /// policies. No credentials are in it.
    Export {
        #[command(flatten)]
        source: ConfigSource,
        /// Account; the configured one by default.
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// File to write; standard output by default.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Show what `weir apply` would change. Exit status: 0 nothing, 2 something, 1 an error.
    Plan {
        #[command(flatten)]
        source: ConfigSource,
        #[command(flatten)]
        file: DeclaredFile,
    },
    /// Make the configuration of an account what a file says, all of it or nothing. A running
    /// gateway notices within a second.
    Apply {
        #[command(flatten)]
        source: ConfigSource,
        #[command(flatten)]
        file: DeclaredFile,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Bring an account here from another server: gateways, routes, providers, limits, policies.
    Import {
        #[command(flatten)]
        source: ConfigSource,
        #[command(subcommand)]
        command: command::import::ImportCommand,
    },
    /// Copy the databases while a server uses them.
    Backup {
        #[command(flatten)]
        source: ConfigSource,
        /// Folder for the copy: empty, or not there yet.
        #[arg(value_name = "DIR")]
        target: PathBuf,
        /// Copy the master key as well. Whoever reads the copy then reads every secret.
        #[arg(long)]
        with_key: bool,
    },
    /// Put a backup into the data folder, which must not hold an installation.
    Restore {
        #[command(flatten)]
        source: ConfigSource,
        /// Folder of the backup.
        #[arg(value_name = "DIR")]
        backup: PathBuf,
    },
    /// Exchange the master key that seals credentials. A server may run meanwhile.
    RotateKeys {
        #[command(flatten)]
        source: ConfigSource,
        /// Exchange the keys below it, too, and seal every credential anew: for when somebody may
        /// have had a copy of both the key and config.db.
        #[arg(long)]
        everything: bool,
    },
    /// Look at prices, and bring newer ones in.
    Prices {
        #[command(flatten)]
        source: ConfigSource,
        #[command(subcommand)]
        command: command::prices::PricesCommand,
    },
    /// Print the OpenAPI document of the management API.
    Openapi,
    /// Print the version.
    Version,
}

/// A file that says what the configuration shall be.
#[derive(clap::Args)]
struct DeclaredFile {
    /// As written by `weir export`.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Account; the one that the file names by default, or the configured one.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Delete what the file does not name.
    #[arg(long)]
    prune: bool,
}

/// Runs the command that was given.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Export { source, account, output } => {
            command::declared::export(&source, account.as_deref(), output.as_deref())
        }
        Command::Plan { source, file: DeclaredFile { file, account, prune } } => {
            match command::declared::plan(&source, &file, account.as_deref(), prune) {
                Ok(code) => return code,
                Err(error) => Err(error),
            }
        }
        Command::Apply { source, file: DeclaredFile { file, account, prune }, yes } => {
            let mode = command::declared::Mode { prune, yes };
            command::declared::apply(&source, &file, account.as_deref(), mode)
        }
        Command::Import { source, command } => command::import::run(&source, command),
        Command::Backup { source, target, with_key } => {
            command::backup::backup(&source, &target, with_key)
        }
        Command::Restore { source, backup } => command::backup::restore(&source, &backup),
        Command::RotateKeys { source, everything } => command::keys::run(&source, everything),
        Command::Prices { source, command } => command::prices::run(&source, &command),
        Command::Openapi => command::declared::openapi(),
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
