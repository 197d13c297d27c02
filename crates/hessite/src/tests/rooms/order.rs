//! From paths to rooms.

use super::paths::{Found, scan};
use std::collections::HashMap;
use std::path::Path;

/// The rooms, first to last; `error` stands below them all.
const ROOMS: [&str; 9] =
    ["error", "dense", "program", "record", "calculus", "passes", "engine", "sparsity", "hessian"];

/// A source file of the crate.
pub struct Source {
    /// Below `src`, with slashes.
    pub path: String,
    pub text: String,
}

/// All files of this crate.
pub fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let parts: Vec<_> =
                    path.strip_prefix(&root).unwrap().iter().map(|p| p.to_string_lossy()).collect();
                all.push(Source { path: parts.join("/"), text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// The module that a file is: `dense/product/tile.rs` is dense, product, tile.
fn module_of(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
        parts.pop();
    }
    parts
}

fn level(room: &str) -> Option<usize> {
    ROOMS.iter().position(|&r| r == room)
}

/// Every path that leads to a later room, in words.
pub fn violations(sources: &[Source]) -> Vec<String> {
    let scanned: Vec<(Vec<String>, &Source, Found)> = sources
        .iter()
        .map(|s| {
            let module = module_of(&s.path);
            let found = scan(&s.text, &module);
            (module, s, found)
        })
        .collect();
    let tests: Vec<&Vec<String>> = scanned.iter().flat_map(|(_, _, f)| &f.test_modules).collect();
    // What the root exports under which name, by the room that it comes from.
    let exports: HashMap<&str, &str> = scanned
        .iter()
        .filter(|(module, ..)| module.is_empty())
        .flat_map(|(_, _, f)| &f.exports)
        .filter_map(|(name, path)| Some((name.as_str(), path.first()?.as_str())))
        .collect();

    let mut bad = Vec::new();
    for (module, source, found) in &scanned {
        let Some(room) = module.first() else { continue };
        if tests.iter().any(|t| module.starts_with(t)) {
            continue;
        }
        for (line, path) in &found.paths {
            let target = path.first().map_or("the root", |p| exports.get(p.as_str()).unwrap_or(&p.as_str()));
            let fine = match (level(room), level(target)) {
                (Some(from), Some(to)) => to <= from,
                _ => false,
            };
            if !fine {
                bad.push(format!(
                    "src/{}:{line}: {room} reaches for {target} ({})",
                    source.path,
                    path.join("::")
                ));
            }
        }
    }
    bad
}
