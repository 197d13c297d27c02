//! Output files: where they go, and that nothing is lost by writing them.

use super::Results;
use crate::args::Format;
use crate::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Whether a path stands for a folder: one that exists, or a name that ends in a separator.
fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.to_string_lossy().ends_with(std::path::is_separator)
}

/// The files that this evaluation writes: one for text and JSON, for NPY one for each of `stems`.
///
/// # Errors
/// NPY without a place.
pub fn targets(format: Format, out: Option<&Path>, stems: &[String]) -> Result<Vec<PathBuf>> {
    let Some(out) = out else {
        return match format {
            Format::Npy => {
                Err(Error::usage("--format npy writes files: say where with --out, as in --out run/"))
            }
            _ => Ok(Vec::new()),
        };
    };
    match format {
        Format::Text if is_folder(out) => Ok(vec![out.join("hessite.txt")]),
        Format::Json if is_folder(out) => Ok(vec![out.join("hessite.json")]),
        Format::Text | Format::Json => Ok(vec![out.into()]),
        Format::Npy if is_folder(out) => Ok(stems.iter().map(|s| out.join(format!("{s}.npy"))).collect()),
        Format::Npy if out.extension().is_some_and(|e| e.eq_ignore_ascii_case("npy")) => match stems {
            [_] => Ok(vec![out.into()]),
            // The value stands first and gives way to the one array that was asked for.
            [_, _] => Ok(vec![PathBuf::new(), out.into()]),
            _ => Err(Error::usage(format!(
                "--out {}: {} arrays don't go into one file; name a folder, as in --out run/",
                out.display(),
                stems.len() - 1
            ))),
        },
        Format::Npy => {
            Ok(stems.iter().map(|s| PathBuf::from(format!("{}_{s}.npy", out.display()))).collect())
        }
    }
}

/// Refuses before any work is done: files that exist, unless `force`, and inputs in any case.
///
/// # Errors
/// [`Error::Exists`]; a target that is an input, a folder, or the target of two results.
pub fn refuse(targets: &[PathBuf], inputs: &[PathBuf], force: bool) -> Result<()> {
    if let Some((_, twice)) = targets.iter().enumerate().find(|&(k, t)| targets[..k].contains(t)) {
        return Err(Error::usage(format!(
            "{}: two results would go there; ask for one at a time",
            twice.display()
        )));
    }
    for target in targets.iter().filter(|t| t.exists()) {
        let same = |input: &PathBuf| match (input.canonicalize(), target.canonicalize()) {
            (Ok(a), Ok(b)) => a == b,
            _ => false,
        };
        if inputs.iter().any(same) {
            return Err(Error::usage(format!(
                "{}: this is an input; choose another --out",
                target.display()
            )));
        }
        if target.is_dir() {
            return Err(Error::usage(format!(
                "{}: this is a folder; choose another --out",
                target.display()
            )));
        }
        if !force {
            return Err(Error::Exists { path: target.clone() });
        }
    }
    Ok(())
}

/// Writes one file. A file that came into being meanwhile is left alone unless `force`; a half-written new one is
/// removed.
///
/// # Errors
/// [`Error::Exists`], [`Error::File`].
pub fn write(
    path: &Path,
    force: bool,
    content: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<()> {
    let failed = |cause| Error::File { path: path.into(), cause };
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = OpenOptions::new();
    options.write(true);
    let opened =
        if force { options.create(true).truncate(true) } else { options.create_new(true) }.open(path);
    let file = opened.map_err(|cause| match cause.kind() {
        std::io::ErrorKind::AlreadyExists => Error::Exists { path: path.into() },
        _ => failed(cause),
    })?;
    let mut writer = BufWriter::new(file);
    content(&mut writer).and_then(|()| writer.flush()).map_err(|cause| {
        drop(std::fs::remove_file(path));
        failed(cause)
    })
}

/// Names of the NPY files, the value first.
pub fn stems(arrays: impl Iterator<Item = String>) -> Vec<String> {
    std::iter::once("value".to_string()).chain(arrays).collect()
}

/// Writes an NPY file for each array; returns those written.
///
/// # Errors
/// As [`write()`].
pub fn write_arrays(results: &Results, targets: &[PathBuf], force: bool) -> Result<Vec<PathBuf>> {
    let (rows, cols) = results.value_shape;
    let value_shape: &[usize] = if (rows, cols) == (1, 1) { &[] } else { &[rows, cols] };
    let value = (value_shape, &results.value[..]);
    let arrays = results.arrays.iter().map(|a| (&a.shape[..], &a.entries[..]));
    let mut written = Vec::new();
    for ((shape, entries), path) in std::iter::once(value).chain(arrays).zip(targets) {
        if !path.as_os_str().is_empty() {
            write(path, force, |w| super::npy::write(w, shape, entries))?;
            written.push(path.clone());
        }
    }
    Ok(written)
}
