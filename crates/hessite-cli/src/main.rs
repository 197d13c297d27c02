//! The `hessite` program: exact second derivatives of matrix expressions from the command line.
//!
//! **What enters**: an expression and its matrices (`args`, `input`). **What happens**: the text becomes hessite
//! handles (`expression`), is evaluated and differentiated (`query`), and leaves as text, JSON or NPY (`output`).
//! Without arguments it shows what a trace trick misses (`demo`). Exit codes: 0, 1 when a check fails, 2 for errors.
#![forbid(unsafe_code)]

mod args;
mod certificate;
mod demo;
mod error;
mod expression;
mod input;
mod output;
mod progress;
mod query;

use args::{Args, Command};
use clap::Parser;
use error::{Error, Result};
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Args::parse_from(std::env::args_os().map(minus_is_no_flag));
    match on_threads(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        // Whoever reads the output has seen enough.
        Err(Error::Output(cause)) if cause.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

/// A line on stderr, if anybody listens there.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// `-norm(X)` is an expression and `-1` a value, as there are no flags of one letter but -h and -V: a blank before it
/// says so.
fn minus_is_no_flag(argument: OsString) -> OsString {
    match argument.to_str() {
        Some(text) if text.len() > 2 && text.starts_with('-') && !text.starts_with("--") => {
            format!(" {text}").into()
        }
        _ => argument,
    }
}

fn on_threads(args: &Args) -> Result<bool> {
    let Some(n) = args.threads else { return run(args) };
    match rayon::ThreadPoolBuilder::new().num_threads(n.into()).build() {
        Ok(pool) => pool.install(|| run(args)),
        Err(e) => Err(Error::usage(format!("--threads {n}: {e}"))),
    }
}

/// False if a check failed.
fn run(args: &Args) -> Result<bool> {
    match (&args.command, &args.expression) {
        (Some(Command::Functions), _) => list_functions().map(|()| true),
        (None, Some(_)) => query::run(args),
        (None, None) => demo::run(),
    }
}

fn list_functions() -> Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for group in expression::functions::GROUPS {
        writeln!(out, "{}", group.title)?;
        for f in group.functions {
            let call = format!("{}({})", f.names[0], f.arguments);
            let aliases =
                if f.names.len() > 1 { format!("; also {}", f.names[1..].join(", ")) } else { String::new() };
            writeln!(out, "  {call:<22} {}{aliases}", f.summary)?;
        }
        writeln!(out)?;
    }
    writeln!(out, "Constants: pi, inf. Operators, tightest first: ' .' .T ^ .^ | sign | * @ / .* ./ | + -")?;
    Ok(out.flush()?)
}
