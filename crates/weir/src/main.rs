#![doc = "placeholder"]
#[cfg_attr(not(test), expect(dead_code, reason = "wired up by the command line"))]
mod simulate;

fn main() {}
