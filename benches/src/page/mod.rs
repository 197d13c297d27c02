//! The page of the `report` binary: measurements, plots, and what they say.
//!
//! * A [`contest`] times several ways to one result in turns, after it has compared their results.
//! * [`speed`], [`blocks`], [`workloads`], [`accuracy`], [`curves`], [`memory`], [`threads`] and [`limits`] each make [`Section`]s: a chart and sentences computed from it.
//! * [`plot`] draws a chart as SVG; [`html`] joins the sections to one page; [`record`] describes it.
//! * [`rivals`] makes a section of what other languages' drivers have measured.

pub mod accuracy;
pub mod blocks;
pub mod chart;
pub mod contest;
pub mod curves;
pub mod html;
pub mod limits;
pub mod machine;
pub mod memory;
pub mod plot;
pub mod record;
pub mod rivals;
pub mod speed;
pub mod threads;
pub mod words;
pub mod workloads;

pub use chart::Section;
use indicatif::ProgressBar;

/// What can go wrong: hessite refuses, a result differs, a plot or a file can't be written.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Times of each contestant.
    pub rounds: usize,
    /// Seconds that one time lasts at least; shorter evaluations are timed several together.
    pub together: f64,
    /// Sizes up to this of full blocks, and up to sixteen times this of products H·v.
    pub largest: usize,
}

impl Effort {
    /// For a page that is kept.
    pub const FULL: Effort = Effort { rounds: 21, together: 1e-3, largest: 24 };
    /// For a look.
    pub const QUICK: Effort = Effort { rounds: 5, together: 1e-4, largest: 8 };
    /// For tests.
    pub const TINY: Effort = Effort { rounds: 2, together: 0.0, largest: 2 };
}

/// The parts of the page, as `--only` names them.
pub const PARTS: [&str; 7] = ["hvp", "block", "workloads", "accuracy", "bytes", "threads", "limits"];

/// Measures the bytes that a case of [`memory::held`] takes, in a process of its own.
pub type Bytes<'a> = &'a dyn Fn(&str) -> Result<u64, Error>;

/// Measures the parts that are wanted, on one thread where they do not say otherwise; bytes only where `bytes` tells.
///
/// # Errors
/// A part is not one of [`PARTS`]; otherwise those of measuring.
pub fn measure(
    only: &[String],
    effort: Effort,
    bytes: Option<Bytes<'_>>,
    progress: &ProgressBar,
) -> Result<Vec<Section>, Error> {
    if let Some(unknown) = only.iter().find(|o| !PARTS.contains(&o.as_str())) {
        return Err(format!("no part {unknown}; there are {}", PARTS.join(", ")).into());
    }
    let wanted = |part: &str| only.is_empty() || only.iter().any(|o| o == part);
    // num-dual keeps a vector of 64 numbers of 32 kB each on the stack, several times.
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(1 << 26).build()?;
    let mut sections = Vec::new();
    if wanted("hvp") {
        sections.extend(one.install(|| speed::products(effort, progress))?);
    }
    if wanted("block") {
        sections.extend(one.install(|| blocks::second(effort, progress))?);
        sections.push(one.install(|| blocks::mixed(effort, progress))?);
    }
    if wanted("workloads") {
        sections.push(one.install(|| workloads::section(effort, progress))?);
    }
    if wanted("accuracy") {
        sections.extend(one.install(|| accuracy::sections(effort, progress))?);
        sections.extend(one.install(|| curves::sections(effort, progress))?);
    }
    if let Some(bytes) = bytes.filter(|_| wanted("bytes")) {
        sections.extend(memory::sections(effort, bytes, progress)?);
    }
    if wanted("threads") {
        sections.push(threads::section(effort, progress)?);
    }
    if wanted("limits") {
        sections.push(one.install(|| limits::section(effort, progress))?);
    }
    Ok(sections)
}

#[cfg(test)]
mod tests;
