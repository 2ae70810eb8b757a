//! Start, stop, crash, restart, and configuration mistakes.

mod command_line;
mod process;
mod test_clock;
mod token_command;
