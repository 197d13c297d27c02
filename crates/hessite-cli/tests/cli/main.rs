//! The program as a user runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a helper that fails is a failed test

mod demo;
mod files;
mod queries;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the program said.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs it in a folder.
fn hessite_in(folder: &Path, args: &[&str]) -> Said {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_hessite")).args(args).current_dir(folder).output().unwrap();
    Said {
        code: status.code(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

fn hessite(args: &[&str]) -> Said {
    hessite_in(Path::new("."), args)
}

/// Runs it where it has to succeed without a word on stderr.
#[track_caller]
fn succeeds(args: &[&str]) -> String {
    let said = hessite(args);
    assert_eq!((said.code, &said.err[..]), (Some(0), ""), "{args:?}");
    said.out
}

/// Runs it where it has to fail with exit code 2, and returns what it says on stderr.
#[track_caller]
fn fails(args: &[&str]) -> String {
    let said = hessite(args);
    assert_eq!((said.code, &said.out[..]), (Some(2), ""), "{args:?}: {}", said.err);
    assert!(said.err.contains("error: "), "{}", said.err);
    said.err
}

/// A fresh folder of this test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// All numbers of a text, in order.
fn numbers(text: &str) -> Vec<f64> {
    let word = |c: char| !(c.is_ascii_digit() || "+-.e".contains(c));
    text.split(word)
        .filter(|w| w.contains(|c: char| c.is_ascii_digit()))
        .filter_map(|w| w.parse().ok())
        .collect()
}

const XXY: [&str; 3] = ["norm(X*X*Y)", "X=[1,2;3,4]", "Y=[.5,-1;1.5,2]"];

fn xxy<'a>(more: &[&'a str]) -> Vec<&'a str> {
    XXY.iter().chain(more).copied().collect()
}
