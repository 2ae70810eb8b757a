//! Processor time of gateways, and which core runs what.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

/// The core of the gateways.
pub(crate) const GATEWAY: usize = 0;
/// The core of clients and upstream.
pub(crate) const LOAD: usize = 1;

/// Length of the ticks in `/proc/PID/stat`: the kernel shows 100 a second on every architecture.
const TICK: Duration = Duration::from_millis(10);

/// A child process that ends with its owner.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(Some(_)))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A command that will run on `core`.
pub(crate) fn on_core(core: usize, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.arg("-c").arg(core.to_string()).arg(program);
    command
}

/// Starts `command`; what it complains about goes to `errors`, the rest of its output nowhere.
pub(crate) fn start(mut command: Command, errors: Stdio) -> anyhow::Result<Process> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
    let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
    Ok(Process(child))
}

/// Pins this process, and the threads it will start, to `core`.
pub(crate) fn pin_self(core: usize) -> anyhow::Result<()> {
    let status = Command::new("taskset")
        .args(["-cp", &core.to_string(), &std::process::id().to_string()])
        .stdout(Stdio::null())
        .status()
        .context("taskset is needed to pin processes to cores")?;
    if !status.success() {
        bail!("cannot pin to core {core}: two cores are needed");
    }
    Ok(())
}

/// Asks for precedence over other programs, for this process and those it will start. Only root
/// may; without it other programs disturb more, which the report shows.
pub(crate) fn take_precedence() {
    let _ = Command::new("renice")
        .args(["-n", "-15", "-p", &std::process::id().to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// Starts a loop on each core that takes only time nobody else wants.
pub(crate) fn keep_awake(program: &Path) -> anyhow::Result<Vec<Process>> {
    let idle = |core| {
        let mut command = on_core(core, Path::new("chrt"));
        command.args(["-i", "0"]).arg(program).arg("spin");
        start(command, Stdio::null())
    };
    [GATEWAY, LOAD].into_iter().map(idle).collect()
}

/// The loop that [`keep_awake`] starts. Ends when its parent does.
pub(crate) fn spin() -> anyhow::Result<()> {
    let parent = std::os::unix::process::parent_id();
    while std::os::unix::process::parent_id() == parent {
        for _ in 0..10_000_000 {
            std::hint::spin_loop();
        }
    }
    Ok(())
}

/// User and system time that a process and its children have used so far, all threads included.
pub(crate) fn used(id: u32) -> anyhow::Result<Duration> {
    let mut ticks = 0;
    for entry in std::fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // A process may end between being listed and being read.
        let Ok(line) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some(stat) = parse_stat(&line) else { continue };
        if pid == id || stat.parent == id {
            ticks += stat.ticks;
        }
    }
    Ok(TICK * ticks)
}

/// Processor time that all programs that are not ours have used since the machine started.
pub(crate) fn used_by_others() -> anyhow::Result<Duration> {
    let text = std::fs::read_to_string("/proc/stat")?;
    let all = text.lines().next().and_then(parse_busy).context("/proc/stat has no first line")?;
    // Gateways and loops are children of this process.
    Ok((TICK * all).saturating_sub(used(std::process::id())?))
}

/// Busy ticks of the line for all cores: all fields but idle (4) and waiting (5), without guests
/// (9, 10), who are counted as user time already.
fn parse_busy(line: &str) -> Option<u32> {
    let ticks = line.strip_prefix("cpu ")?.split_whitespace().take(8).enumerate();
    let busy = ticks.filter(|(index, _)| !matches!(index, 3 | 4));
    busy.map(|(_, ticks)| ticks.parse::<u32>().ok()).sum()
}

struct Stat {
    parent: u32,
    ticks: u32,
}

/// Reads parent (field 4) and user and system time (14, 15) of a stat line. The name in
/// parentheses before them may contain anything.
fn parse_stat(line: &str) -> Option<Stat> {
    let (_, rest) = line.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let parent = fields.nth(1)?.parse().ok()?;
    let user: u32 = fields.nth(9)?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(Stat { parent, ticks: user + system })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_is_read_whatever_the_name() {
        let line = "12 (a) b (c)) S 7 12 12 0 -1 4194560 100 0 0 0 31 11 0 0 20 0 1 0 5 0 0";
        let stat = parse_stat(line).unwrap();
        assert_eq!((stat.parent, stat.ticks), (7, 42));
        assert!(parse_stat("12 (a").is_none());
    }

    #[test]
    fn idle_time_is_not_busy() {
        assert_eq!(parse_busy("cpu  1 2 4 1000 2000 8 16 32 64 128"), Some(63));
        assert_eq!(parse_busy("intr 1 2"), None);
    }
}
