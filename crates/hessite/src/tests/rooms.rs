//! The order of the rooms: each imports only from those before it. Found in the sources, as text.

mod order;
mod paths;

use order::{Source, violations};

#[test]
fn every_room_imports_from_earlier_rooms_only() {
    let sources = order::sources();
    assert!(sources.len() > 40, "the sources were not found");
    let found = violations(&sources);
    assert!(found.is_empty(), "imports against the order of the rooms:\n{}", found.join("\n"));
}

/// The violations of a made-up tree of sources beside the crate's own root.
fn planted(file: &str, text: &str) -> Vec<String> {
    let root = "pub use engine::control::Control; pub use error::{Error, Line as Row}; mod dense;";
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    violations(&[source("lib.rs", root), source(file, text)])
}

#[test]
fn a_planted_violation_is_caught() {
    let caught = [
        ("dense/product.rs", "use crate::program::Shape;"),
        ("dense/product.rs", "use crate::{error::Result, program::{Shape, Value}};"),
        ("dense/product.rs", "use crate :: /* a comment */ engine :: lanes;"),
        ("dense/product/tile.rs", "use super::super::super::record::Graph;"),
        ("dense/mod.rs", "use super::{error::Result, hessian};"),
        ("program/ops/map.rs", "pub(crate) use crate::engine::Stages;"),
        ("program/mod.rs", "fn f() { let x = crate::hessian::plan(); }"),
        ("program/mod.rs", "mod inside { mod deeper { use super::super::super::engine::Place; } }"),
        ("calculus/mod.rs", "macro_rules! m { ($x:ident) => { $crate::passes::$x() }; }"),
        ("calculus/mod.rs", "const WORDS: &str = \"'\"; type T = crate::engine::Place;"),
        ("passes/split.rs", "fn f<'a>(c: char) -> bool { c == '\"' && crate::engine::g() } // \""),
        ("engine/mod.rs", "use {std::fmt, crate::hessian::Point};"),
        ("engine/mod.rs", "use self::super::hessian::Point;"),
        ("program/mod.rs", "use crate::Control;"),
        ("error.rs", "use crate::program::Shape;"),
        ("dense/mod.rs", "use crate::*;"),
        ("dense/mod.rs", "use crate as everything;"),
        ("dense/mod.rs", "use crate::{self as everything};"),
        ("dense/mod.rs", "pub(in crate::program) fn f() {}"),
        ("dense/mod.rs", "#[cfg(not(test))] use crate::program::Shape;"),
        ("dense/mod.rs", "#[cfg(test)] use crate::program::Shape; use crate::record::Graph;"),
        ("cellar/mod.rs", "use crate::dense::lanes::View;"),
    ];
    for (file, text) in caught {
        assert!(!planted(file, text).is_empty(), "{file}: {text}");
    }
}

#[test]
fn what_is_in_order_passes() {
    let fine = [
        ("engine/lanes.rs", "use super::{Place, control::Control}; use crate::program::{Shape, ops::Op};"),
        (
            "program/ops/map.rs",
            "use super::*; use super::super::{Builder, Shape}; use crate::dense::segments;",
        ),
        ("record/matrix.rs", "fn f() -> crate::Error { crate::Error::X(crate::Row(None)) }"),
        ("dense/mod.rs", "// use crate::program::Shape;\n/* crate::engine /* nested */ crate::record */"),
        ("dense/mod.rs", "const A: &str = \"crate::engine\"; const B: &str = r#\"use \"crate::hessian\"\"#;"),
        ("dense/mod.rs", "//! [`crate::program`]\n/// See [`super::super::engine`].\npub(crate) fn f() {}"),
        ("dense/mod.rs", "#[cfg(test)] mod tests { use crate::program::Shape; }"),
        ("dense/mod.rs", "#[cfg(test)]\n#[allow(x)]\nfn f() { crate::program::g(); }\nmod product;"),
        ("dense/mod.rs", "#[cfg(all(test, feature = \"rayon\"))] use crate::engine::Place;"),
        ("lib.rs", "use crate::hessian::Point;"),
    ];
    for (file, text) in fine {
        assert_eq!(planted(file, text), [] as [String; 0], "{file}: {text}");
    }
}

#[test]
fn a_file_that_only_tests_declare_is_theirs() {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let against = "use crate::hessian::Point;";
    let parent = "#[cfg(test)] mod counts; mod others;";
    let list = [source("dense/mod.rs", parent), source("dense/counts.rs", against)];
    assert!(violations(&list).is_empty());
    let list = [source("dense/mod.rs", parent), source("dense/counts/inner.rs", against)];
    assert!(violations(&list).is_empty(), "and so is what lies below it");
    let list = [source("dense/mod.rs", parent), source("dense/others.rs", against)];
    assert_eq!(violations(&list).len(), 1);
}
