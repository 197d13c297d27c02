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
    #[arg(long, required_unless_present = "held")]
    out: Option<PathBuf>,
    /// Does one case of the bytes and prints them: how this program calls itself.
    #[arg(long, hide = true)]
    held: Option<String>,
    /// A folder of lines that `benches/rivals/run` kept, target/rivals-results: a part on rivals in other languages.
    #[arg(long)]
    rivals: Option<PathBuf>,
    /// Writes README.md too, for a record that is kept: machine, versions, command and noise.
    #[arg(long)]
    readme: bool,
    /// Fewer rounds and smaller sizes.
    #[arg(long)]
    quick: bool,
    /// The parts to measure: hvp, block, workloads, accuracy, bytes (Linux), threads, limits. All if left out.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

fn main() -> Result<(), Error> {
    let arguments = Arguments::parse();
    if let Some(case) = &arguments.held {
        println!("{}", page::memory::held(case)?);
        return Ok(());
    }
    let out = arguments.out.clone().unwrap_or_default();
    std::fs::create_dir_all(&out)?;
    let machine = Machine::here();
    let progress = ProgressBar::new(0);
    progress.set_style(ProgressStyle::with_template("{spinner} {pos} measured, {elapsed}: {msg}")?);
    let effort = if arguments.quick { Effort::QUICK } else { Effort::FULL };
    let mut sections =
        page::measure(&arguments.only, effort, cfg!(target_os = "linux").then_some(&bytes), &progress)?;
    progress.finish_and_clear();
    if let Some(folder) = &arguments.rivals {
        sections.push(page::rivals::section(folder)?);
    }

    let mut lines = format!("{}\n", machine.line());
    for section in &sections {
        let file = out.join(section.id).with_extension("svg");
        std::fs::write(file, html::picture(section)?)?;
        section.lines().iter().for_each(|l| lines += &format!("{l}\n"));
    }
    std::fs::write(out.join("numbers.jsonl"), lines)?;
    if arguments.readme {
        let text = page::record::readme(&sections, &machine, &command(&arguments));
        std::fs::write(out.join("README.md"), text)?;
    }
    let page = out.join("index.html");
    std::fs::write(&page, html::page(&sections, &machine, &command(&arguments))?)?;
    println!("{}", page.display());
    Ok(())
}

/// The command that makes such a page again.
fn command(arguments: &Arguments) -> String {
    let mut command = "cargo run --release -p hessite-bench --bin report -- --out DIR".to_string();
    if let Some(folder) = &arguments.rivals {
        command += &format!(" --rivals {}", folder.display());
    }
    if arguments.readme {
        command += " --readme";
    }
    if arguments.quick {
        command += " --quick";
    }
    if !arguments.only.is_empty() {
        command += &format!(" --only {}", arguments.only.join(","));
    }
    command
}

/// The bytes of a case, by this program in a new process.
fn bytes(case: &str) -> Result<u64, Error> {
    let output = std::process::Command::new(std::env::current_exe()?).args(["--held", case]).output()?;
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout)?.trim().parse()?),
        false => Err(String::from_utf8_lossy(&output.stderr).into()),
    }
}
