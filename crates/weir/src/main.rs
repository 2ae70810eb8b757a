//! The binary. Everything it does is a command of `cli.rs`.

mod app;
mod bootstrap;
mod cli;
mod command;
mod config;
mod declared;
mod import;
mod prices;
mod server;
mod simulate;
mod telemetry;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
