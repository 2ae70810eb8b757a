//! What a call through Weir costs, beside nginx and a proxy that does nothing.
//!
//! `weir-bench` starts each gateway on core 0 and plays both its clients and its provider on core 1.
//! Clients and provider are one thread: as two they would take the core from each other for whole
//! time slices, and that would be measured as latency. The provider answers at once, so all that
//! remains is the gateway's own cost. Targets take turns within each round, and the table shows
//! medians over rounds, so that a busy moment of the machine does not fall on one of them alone.

mod args;
mod bare;
mod cpu;
mod gateway;
mod http;
mod load;
mod median;
mod report;
mod request;
mod scenario;
mod suite;
mod tally;
mod upstream;

use std::process::ExitCode;

use clap::Parser;

use self::args::{Args, Role};

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome =
        std::env::current_exe().map_err(anyhow::Error::from).and_then(|program| match args.role {
            None => suite::run(&args, &program),
            Some(Role::Bare { port, upstream }) => bare::run(port, upstream),
            Some(Role::Spin) => cpu::spin(),
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
