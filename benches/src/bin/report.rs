//! The page of measurements: pictures, and what they say.
#![forbid(unsafe_code)]

use clap::Parser;
use hessite_bench::page::{self, Effort, Error, html, machine::Machine};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;

/// Measures hessite against closed forms, differences and Rust's other engines, and writes index.html, one SVG for
/// each picture, and numbers.jsonl.
#[derive(Parser)]
struct Arguments {
    /// The folder to write to; it is made.
    #[arg(long)]
    out: PathBuf,
    /// Fewer rounds and smaller sizes.
    #[arg(long)]
    quick: bool,
    /// The parts to measure: hvp, block, workloads, accuracy, threads, limits. All if left out.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

fn main() -> Result<(), Error> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.out)?;
    let machine = Machine::here();
    let progress = ProgressBar::new(0);
    progress.set_style(ProgressStyle::with_template("{spinner} {pos} measured, {elapsed}: {msg}")?);
    let effort = if arguments.quick { Effort::QUICK } else { Effort::FULL };
    let sections = page::measure(&arguments.only, effort, &progress)?;
    progress.finish_and_clear();

    let mut lines = format!("{}\n", machine.line());
    for section in &sections {
        let file = arguments.out.join(section.id).with_extension("svg");
        std::fs::write(file, html::picture(section)?)?;
        section.lines().iter().for_each(|l| lines += &format!("{l}\n"));
    }
    std::fs::write(arguments.out.join("numbers.jsonl"), lines)?;
    let page = arguments.out.join("index.html");
    std::fs::write(&page, html::page(&sections, &machine, &command(&arguments))?)?;
    println!("{}", page.display());
    Ok(())
}

/// The command that makes such a page again.
fn command(arguments: &Arguments) -> String {
    let mut command = "cargo run --release -p hessite-bench --bin report -- --out DIR".to_string();
    if arguments.quick {
        command += " --quick";
    }
    if !arguments.only.is_empty() {
        command += &format!(" --only {}", arguments.only.join(","));
    }
    command
}
