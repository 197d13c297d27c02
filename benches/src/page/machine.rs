//! Where and with what a page was made.

use super::words;
use crate::distance;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const LOCK: &str = include_str!("../../../Cargo.lock");

/// What stands at the head of a page.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Year-month-day, UTC.
    pub date: String,
    /// The processor's name, or the architecture.
    pub processor: String,
    /// The operating system.
    pub system: String,
    /// The vector instructions that are found.
    pub vectors: Vec<String>,
    /// Threads that run at once.
    pub threads: usize,
    /// As the compiler names itself.
    pub compiler: String,
    /// Names and versions of the engines.
    pub engines: Vec<(&'static str, String)>,
    /// Processes that wanted a processor, on average of a minute, when the page was begun.
    pub load: Option<f64>,
    /// Seconds of a cache line's way between two threads and back, when the page was begun.
    pub round_trip: Option<f64>,
}

impl Machine {
    /// As the first line of the numbers.
    pub fn line(&self) -> Value {
        let engines: serde_json::Map<String, Value> =
            self.engines.iter().map(|(name, version)| (name.to_string(), json!(version))).collect();
        json!({
            "date": self.date, "processor": self.processor, "threads": self.threads,
            "system": self.system, "vectors": self.vectors,
            "compiler": self.compiler, "load": self.load, "round_trip_ns": self.round_trip.map(|t| t * 1e9),
            "versions": engines,
        })
    }

    /// Where its two threads were when the page was begun, if that was found.
    pub fn apart(&self) -> Option<String> {
        let trip = self.round_trip?;
        Some(format!(
            "a cache line went from thread to thread and back in {} ({})",
            words::seconds(trip),
            distance::meaning(trip)
        ))
    }

    /// This one, now.
    pub fn here() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let field = |file: &str, start: &str| {
            let text = std::fs::read_to_string(file).ok()?;
            let line = text.lines().find(|l| l.starts_with(start))?;
            Some(line.split(':').next_back()?.trim().to_string())
        };
        let compiler = std::process::Command::new("rustc").arg("--version").output().ok();
        let engines = ["hessite", "echidna", "num-dual", "finitediff", "nalgebra", "matrixmultiply"];
        Machine {
            date: date(since / 86_400),
            processor: field("/proc/cpuinfo", "model name")
                .unwrap_or_else(|| std::env::consts::ARCH.to_string()),
            system: std::fs::read_to_string("/proc/sys/kernel/osrelease")
                .map_or(std::env::consts::OS.to_string(), |release| format!("Linux {}", release.trim())),
            vectors: vectors(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            compiler: compiler
                .map_or("rustc".into(), |o| String::from_utf8_lossy(&o.stdout).trim().to_string()),
            engines: engines.iter().map(|&e| (e, version(e).to_string())).collect(),
            load: load(),
            round_trip: distance::round_trip(),
        }
    }
}

fn vectors() -> Vec<String> {
    #[cfg(target_arch = "x86_64")]
    let found = [
        ("AVX2", std::arch::is_x86_feature_detected!("avx2")),
        ("FMA", std::arch::is_x86_feature_detected!("fma")),
        ("AVX-512F", std::arch::is_x86_feature_detected!("avx512f")),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let found = [("those of the target", true)];
    found.iter().filter(|(_, there)| *there).map(|(name, _)| name.to_string()).collect()
}

/// Processes that want a processor now, on average of a minute, where the system tells.
pub fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// The version in the lock file.
fn version(package: &str) -> &str {
    let named = format!("name = \"{package}\"\nversion = \"");
    LOCK.split_once(&named).and_then(|(_, after)| after.split('"').next()).unwrap_or("")
}

/// The date of a day counted from 1 January 1970: Hinnant's `civil_from_days`, for days that are not negative.
fn date(days: u64) -> String {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    // Months from March on.
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{}-{month:02}-{day:02}", year + 400 * era + next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        for (days, expected) in [(0, "1970-01-01"), (11_016, "2000-02-29"), (20_783, "2026-11-26")] {
            assert_eq!(date(days), expected);
        }
    }

    #[test]
    fn versions_are_those_of_the_lock_file() {
        assert_eq!(version("hessite"), env!("CARGO_PKG_VERSION"));
        assert!(Machine::here().engines.iter().all(|(_, v)| v.contains('.')));
    }
}
