//! docs/semantics.md against the tests that its rows name.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page() -> String {
    std::fs::read_to_string(repository().join("docs/semantics.md")).unwrap()
}

/// Every Rust file below a folder, with its path there.
pub(super) fn files(root: &Path) -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                all.push((path.strip_prefix(root).unwrap().to_path_buf(), text));
            }
        }
    }
    all
}

/// The functions of a file that run as tests, those within a module of the file behind its name.
fn tests_of(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let (mut due, mut module) = (false, None);
    for line in text.lines() {
        let code = line.trim();
        match code {
            "#[test]" => due = true,
            _ if code.starts_with("#[ignore") => due = false,
            _ if code.starts_with("mod ") && code.ends_with('{') => {
                module = code["mod ".len()..].split_whitespace().next().map(str::to_owned);
            }
            _ if due && code.starts_with("fn ") => {
                due = false;
                let name = code["fn ".len()..].split(['(', '<']).next().unwrap_or_default();
                all.push(match &module {
                    Some(m) if line.starts_with(' ') && m == "tests" => format!("tests::{name}"),
                    _ => name.to_owned(),
                });
            }
            _ => {}
        }
    }
    all
}

/// Every test of the library and the program, as `module::…::function`.
fn tests() -> HashSet<String> {
    let mut all = HashSet::new();
    for root in ["hessite/src", "hessite/tests/api", "hessite/tests", "hessite-cli/src"] {
        for (path, text) in files(&repository().join("crates").join(root)) {
            let mut parts: Vec<String> =
                path.with_extension("").iter().map(|p| p.to_string_lossy().into_owned()).collect();
            parts.pop_if(|last| last == "mod");
            let names = tests_of(&text).into_iter();
            all.extend(names.map(|name| parts.iter().cloned().chain([name]).collect::<Vec<_>>().join("::")));
        }
    }
    all
}

/// The rows of all tables that end in a column of tests: heading, first cell, last cell.
fn rows(page: &str) -> Vec<(&str, &str, &str)> {
    let (mut all, mut heading, mut table) = (Vec::new(), "", false);
    for line in page.lines() {
        if let Some(h) = line.strip_prefix("## ") {
            heading = h;
        }
        let Some(row) = line.strip_prefix("| ") else {
            table &= line.starts_with('|');
            continue;
        };
        let cells = row.trim_end().trim_end_matches('|');
        let (first, last) =
            (cells.split(" | ").next().unwrap_or(cells), cells.rsplit('|').next().unwrap_or(cells));
        match last.trim() {
            "test" => table = true,
            last if table => all.push((heading, first.trim(), last)),
            _ => {}
        }
    }
    all
}

/// The names of tests in a cell.
fn named(cell: &str) -> Vec<&str> {
    let name = |s: &&str| {
        s.contains("::")
            && s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c))
    };
    cell.split('`').skip(1).step_by(2).filter(name).collect()
}

/// What is wrong with a page, given the tests that there are.
fn faults(page: &str, tests: &HashSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut before = 0;
    for (heading, first, last) in rows(page) {
        let names = named(last);
        let here = if last.trim() == "the same" { before } else { names.len() };
        if here == 0 {
            faults.push(format!("{heading}, {first}: no test is named"));
        }
        before = here;
    }
    let missing = named(page).into_iter().filter(|name| !tests.contains(*name));
    faults.extend(missing.map(|name| format!("there is no test {name}")));
    faults
}

#[test]
fn every_row_of_the_semantics_names_tests_that_there_are() {
    let (page, tests) = (page(), tests());
    assert!(rows(&page).len() > 110 && tests.len() > 300, "{}, {}", rows(&page).len(), tests.len());
    let faults = faults(&page, &tests);
    assert!(faults.is_empty(), "docs/semantics.md:\n{}", faults.join("\n"));
}

#[test]
fn a_row_without_a_test_and_a_test_that_is_not_there_are_found() {
    let tests = HashSet::from(["a::b".to_owned()]);
    let page = |row: &str| format!("## H\n| x | test |\n|---|---|\n| one | `a::b` |\n{row}\n");
    assert!(faults(&page("| two | the same |"), &tests).is_empty());
    assert_eq!(faults(&page("| two | `Err(Shape)` |"), &tests), ["H, two: no test is named"]);
    assert_eq!(faults(&page("| two | `a::b`, `a::c` |"), &tests), ["there is no test a::c"]);
    assert_eq!(faults("## H\n| x | test |\n|---|---|\n| one | the same |\n", &tests).len(), 1);
    assert_eq!(tests_of("#[test]\nfn a() {}\nfn b() {}\n#[test]\n#[ignore]\nfn c() {}\n"), ["a"]);
}

#[test]
fn every_elementwise_function_is_tried_in_a_branch_that_is_not_taken() {
    let tried = include_str!("../../tests/api/select.rs");
    let list = include_str!("../record/elementwise.rs");
    let mut seen = 0;
    for line in list.lines().map(str::trim) {
        // `sqrt = SQRT,`, as the lists of functions have them.
        let Some((name, row)) = line.strip_suffix(',').and_then(|l| l.split_once(" = ")) else { continue };
        let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if row.chars().all(upper) && !name.contains(' ') {
            seen += 1;
            assert!(tried.contains(&format!(".{name}(")), "{name} is not tried in tests/api/select.rs");
        }
    }
    assert!(seen > 25, "{seen}");
}
