//! What the sources keep to, as text.

use super::semantics::files;
use std::path::Path;

fn repository() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The lines of code that have the word, with their numbers.
fn uses<'t>(text: &'t str, word: &str) -> Vec<(usize, &'t str)> {
    let code = |line: &&str| !line.trim_start().starts_with("//");
    let has = |line: &str| line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == word);
    text.lines().enumerate().filter(|(_, l)| code(l) && has(l)).collect()
}

#[test]
fn unsafe_code_is_in_the_dense_room_and_says_why() {
    let mut blocks = 0;
    for (path, text) in files(&repository().join("crates/hessite/src")) {
        let name = path.display().to_string();
        if name.starts_with("tests") {
            continue;
        }
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in uses(&text, "unsafe") {
            assert!(name.starts_with("dense"), "{name}:{}: {line}", at + 1);
            if !["unsafe {", "unsafe impl"].iter().any(|w| line.contains(w)) {
                continue;
            }
            let before = lines[at.saturating_sub(12)..at].join("\n");
            assert!(before.contains("SAFETY:"), "{name}:{}: {line}", at + 1);
            blocks += 1;
        }
    }
    assert!(blocks > 10, "{blocks}");
    assert!(read("crates/hessite/src/lib.rs").contains("#![deny(unsafe_code)]"));
}

#[test]
fn other_crates_forbid_unsafe_code() {
    for root in ["crates/hessite-check/src/lib.rs", "crates/hessite-cli/src/main.rs"] {
        assert!(read(root).contains("#![forbid(unsafe_code)]"), "{root}");
    }
}

#[test]
fn what_panics_is_denied() {
    let manifest = read("Cargo.toml");
    for lint in ["unwrap_used", "expect_used", "panic", "todo"] {
        assert!(manifest.contains(&format!("{lint} = \"deny\"")), "{lint}");
    }
    for of in ["hessite", "hessite-check", "hessite-cli"] {
        assert!(read(&format!("crates/{of}/Cargo.toml")).contains("[lints]\nworkspace = true"), "{of}");
    }
    // A line of the library that lifts one says why.
    for (path, text) in files(&repository().join("crates/hessite/src")) {
        let lifted = |l: &&str| {
            ["unwrap_used", "expect_used", "clippy::panic"].iter().any(|w| l.contains(w))
                && !l.contains("] // ")
        };
        let own = !path.starts_with("tests") && path != Path::new("lib.rs");
        assert!(!own || !text.lines().any(|l| lifted(&l)), "{}", path.display());
    }
}

#[test]
fn the_pages_of_policy_are_there() {
    assert!(read("CHANGELOG.md").contains("### Numeric conventions"));
    assert!(read("SECURITY.md").len() > 100);
    let manifest = read("Cargo.toml");
    assert!(manifest.contains("rust-version = "), "the oldest compiler is stated");
}
