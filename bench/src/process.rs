//! Server processes and what the kernel says of them.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Result;

/// A server under measurement; it ends with this value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// CPU time in microseconds.
#[derive(Clone, Copy)]
pub(crate) struct Cpu {
    pub(crate) user: f64,
    /// Spent by the kernel on the process's behalf.
    pub(crate) system: f64,
}

impl Cpu {
    pub(crate) fn total(self) -> f64 {
        self.user + self.system
    }
}

impl Server {
    /// This program as a bare server: it prints its address on its first line.
    pub(crate) fn bare(program: &Path, kind: &str) -> Result<Self> {
        let mut child = Command::new(program).arg(kind).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("the bare server has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(Self { address: line.trim().parse()?, child })
    }

    pub(crate) fn new(child: Child, address: SocketAddr) -> Self {
        Self { child, address }
    }

    /// CPU time of all its threads so far.
    pub(crate) fn cpu(&self) -> Result<Cpu> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The command may hold spaces; what follows it does not. utime and stime are fields 14 and 15.
        let (_, fields) = stat.rsplit_once(')').ok_or("no command in /proc/PID/stat")?;
        let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<f64>);
        let (Some(user), Some(system)) = (ticks.next(), ticks.next()) else {
            return Err("no times in /proc/PID/stat".into());
        };
        let micros = 1e6 / f64::from(u32::try_from(rustix::param::clock_ticks_per_second())?);
        Ok(Cpu { user: user? * micros, system: system? * micros })
    }

    /// Resident memory in MiB.
    pub(crate) fn resident_mib(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
        let kib: f64 = line.split_whitespace().nth(1).ok_or("no VmRSS")?.parse()?;
        Ok(kib / 1024.0)
    }

    /// Kills the process.
    pub(crate) fn end(&mut self) {
        // It is ours, and what it has answered is on disk; failing to end it is not worth a report.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
