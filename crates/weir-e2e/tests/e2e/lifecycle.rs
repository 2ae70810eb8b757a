//! Start, stop, crash, restart, and configuration mistakes.

mod command_line;
mod process;
mod token_command;
