//! What is measured: requests of one kind against one server.

use crate::Result;
use crate::client::Connection;
use crate::process::{Cpu, Server};
use crate::spread::Spread;

/// How much is measured.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    /// Requests per scenario and round, after a tenth of that for warming up.
    pub(crate) requests: u32,
    pub(crate) rounds: usize,
    pub(crate) connections: u32,
}

impl Extent {
    /// Shorter rounds and more of them, for differences that are small beside what the machine does from second to second.
    pub(crate) fn finely(self) -> Self {
        Self { requests: self.requests / 2, rounds: self.rounds * 2 + 1, ..self }
    }
}

/// Requests against one server.
pub(crate) struct Scenario<'a> {
    pub(crate) name: &'static str,
    server: &'a Server,
    /// Sent one after the other, over and over.
    requests: Vec<Vec<u8>>,
}

/// CPU time of a server for one request, by round.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    samples: Vec<Cpu>,
}

impl Measured {
    pub(crate) fn of(&self, part: impl Fn(&Cpu) -> f64) -> Spread {
        Spread::of(self.samples.iter().map(part).collect())
    }

    pub(crate) fn total(&self) -> Spread {
        self.of(|cpu| cpu.total())
    }

    /// How many times another's CPU time it takes, by round.
    pub(crate) fn times(&self, other: &Self) -> Spread {
        let pairs = self.samples.iter().zip(&other.samples);
        Spread::of(pairs.map(|(own, other)| own.total() / other.total()).collect())
    }
}

/// Runs scenarios in turn, so that what slows the machine down for a while slows all of them.
pub(crate) fn measure(scenarios: &[Scenario<'_>], extent: Extent) -> Result<Vec<Measured>> {
    let mut measured: Vec<Measured> = scenarios
        .iter()
        .map(|scenario| Measured { name: scenario.name, samples: Vec::with_capacity(extent.rounds) })
        .collect();
    for _ in 0..extent.rounds {
        for (scenario, measured) in scenarios.iter().zip(&mut measured) {
            measured.samples.push(scenario.run(extent)?);
        }
    }
    Ok(measured)
}

impl<'a> Scenario<'a> {
    pub(crate) fn new(name: &'static str, server: &'a Server, requests: Vec<Vec<u8>>) -> Self {
        Self { name, server, requests }
    }

    /// Sends every request once.
    pub(crate) fn visit(&self, connections: u32) -> Result<()> {
        self.send(&mut self.open(connections)?, u32::try_from(self.requests.len())?)
    }

    fn open(&self, connections: u32) -> Result<Vec<Connection>> {
        (0..connections).map(|_| Connection::open(self.server.address)).collect()
    }

    /// The server's CPU time for one request.
    fn run(&self, extent: Extent) -> Result<Cpu> {
        let mut open = self.open(extent.connections)?;
        self.send(&mut open, extent.requests / 10)?;
        let before = self.server.cpu()?;
        self.send(&mut open, extent.requests)?;
        let after = self.server.cpu()?;
        let each = |before: f64, after: f64| (after - before) / f64::from(extent.requests);
        Ok(Cpu { user: each(before.user, after.user), system: each(before.system, after.system) })
    }

    fn send(&self, connections: &mut [Connection], count: u32) -> Result<()> {
        let step = connections.len();
        let each = usize::try_from(count)?.div_ceil(step);
        std::thread::scope(|scope| {
            let running: Vec<_> = connections
                .iter_mut()
                .enumerate()
                .map(|(first, connection)| {
                    scope.spawn(move || -> Result<()> {
                        let own = self.requests.iter().cycle().skip(first).step_by(step);
                        for request in own.take(each) {
                            let (status, body) = connection.call(request)?;
                            if status != 200 {
                                let body = String::from_utf8_lossy(&body).into_owned();
                                return Err(format!("{}: {status} {body}", self.name).into());
                            }
                        }
                        Ok(())
                    })
                })
                .collect();
            running
                .into_iter()
                .try_for_each(|thread| thread.join().map_err(|_| "a client thread panicked")?)
        })
    }
}
