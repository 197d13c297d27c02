//! What the pages say about the repository, where it can be looked up.

use hessite::Graph;
use std::fs;
use std::path::{Path, PathBuf};

const README: &str = include_str!("../../README.md");
const FIRST_HESSIAN: &str = include_str!("../../crates/hessite/examples/first_hessian.rs");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files in `folder` and below that end in `.md`, sorted.
fn pages_in(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .flat_map(|p| if p.is_dir() { pages_in(&p) } else { vec![p] })
        .filter(|p| p.extension().is_some_and(|e| e == "md"))
        .collect();
    found.sort();
    found
}

/// The fenced blocks of a page that begin with ```` ```info ````, without the fences.
fn fenced(page: &str, info: &str) -> Vec<String> {
    let open = format!("```{info}");
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(fence) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
            if format!("```{fence}") == open {
                blocks.push(body.join("\n"));
            }
        }
    }
    blocks
}

/// A page without its fenced blocks.
fn prose(page: &str) -> String {
    let mut inside = false;
    let outside = page.lines().filter(|l| {
        let fence = l.starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    outside.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_page_is_compiled() {
    let list = include_str!("lib.rs");
    let docs = root().join("docs");
    let pages = pages_in(&docs);
    assert!(pages.len() > 6, "{pages:?}");
    for page in pages.iter().filter(|p| !p.starts_with(docs.join("src"))) {
        let path = page.strip_prefix(&docs).unwrap().to_str().unwrap();
        assert!(list.contains(&format!("\"../{path}\"")), "docs/{path} has no line in docs/src/lib.rs");
    }
}

#[test]
fn every_example_is_run() {
    let list = include_str!("lib.rs");
    let examples = fs::read_dir(root().join("crates/hessite/examples")).unwrap();
    for name in examples.map(|e| e.unwrap().file_name().into_string().unwrap()) {
        assert!(list.contains(&format!("/examples/{name}\"")), "{name} has no line in docs/src/lib.rs");
    }
}

#[test]
fn links_between_files_lead_somewhere() {
    let mut pages = pages_in(&root().join("docs"));
    pages.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"].map(|p| root().join(p)));
    for page in pages.iter().filter(|p| p.file_name().unwrap() != "links.md") {
        let text = prose(&fs::read_to_string(page).unwrap());
        let inline = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let labels = text.lines().filter(|l| l.starts_with('[')).filter_map(|l| l.split("]: ").nth(1));
        for target in inline.chain(labels).filter(|t| !t.starts_with("http") && !t.contains("::")) {
            let file = target.split('#').next().unwrap();
            assert!(page.parent().unwrap().join(file).exists(), "{}: {target}", page.display());
        }
    }
}

#[test]
fn links_of_the_pages_have_a_definition() {
    for page in pages_in(&root().join("docs")).iter().chain([&root().join("README.md")]) {
        let text = prose(&fs::read_to_string(page).unwrap());
        for label in text.split("][").skip(1).filter_map(|rest| rest.split(']').next()) {
            assert!(text.contains(&format!("\n[{label}]: ")), "{}: [{label}]", page.display());
        }
    }
}

#[test]
fn the_readme_shows_the_first_example() {
    let shown = &fenced(README, "rust")[0];
    assert!(FIRST_HESSIAN.trim_end().ends_with(shown), "README and examples/first_hessian.rs differ");
}

#[test]
fn the_readme_shows_what_the_first_example_prints() {
    let g = Graph::new();
    let x = g.matrix("X", 2, 2);
    let y = g.matrix("Y", 2, 2);
    let f = g.function((x * x * y).norm()).unwrap();
    let at = f.at(&[x.is(&[1.0, 3.0, 2.0, 4.0]), y.is(&[0.5, 1.5, -1.0, 2.0])]).unwrap();
    let printed = format!(
        "L = {:.4}\n{}\n{}\n{:.4}",
        at.value(),
        at.block(y, y).unwrap(),
        at.block(x, y).unwrap(),
        at.hvp(&[y.is(&[1.0, 0.0, 0.0, 0.0])]).unwrap()["X"]
    );
    let solid: Vec<&str> = printed.lines().filter(|l| !l.trim().is_empty()).collect();
    assert_eq!(fenced(README, "text")[0], solid.join("\n"));
}

#[test]
fn the_two_commands_stand_in_the_readme_and_the_second_in_ci() {
    let commands = fenced(README, "sh").into_iter().find(|b| b.starts_with("cargo run --release")).unwrap();
    let (first, second) = commands.split_once('\n').unwrap();
    assert_eq!((first, second), ("cargo run --release", "cargo test --workspace"));
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(ci.lines().any(|l| l == format!("run {second}")), ".ci/run does not run {second:?}");
}

#[test]
fn excerpts_of_the_sources_are_the_sources() {
    let sources = ["program/ops/diagonal.rs", "record/matrix.rs", "program/scalar/table.rs"]
        .map(|p| fs::read_to_string(root().join("crates/hessite/src").join(p)).unwrap());
    let excerpts = fenced(include_str!("../guide/primitive.md"), "rust,ignore");
    assert_eq!(excerpts.len(), 10);
    for excerpt in excerpts {
        assert!(sources.iter().any(|s| s.contains(&excerpt)), "no source has\n{excerpt}");
    }
}
