//! The library's certificate in words that fit a terminal.

use crate::output::layout::WIDTH;
use crate::progress::Work;
use hessite::Point;

/// What a check found.
pub struct Certificate {
    /// Line by line.
    pub lines: Vec<String>,
    /// Whether the derivatives fit the differences.
    pub passed: bool,
    /// A kink at the point, if there is one.
    pub kink: Option<hessite::Error>,
}

/// Checks the derivatives at a point.
///
/// # Errors
/// As [`Point::check`].
pub fn certify(at: &Point) -> hessite::Result<Certificate> {
    let _work = Work::start("check");
    let found = at.check()?;
    let lines = without_source_lines(&found.to_string()).lines().flat_map(folded).collect();
    Ok(Certificate { lines, passed: found.passed(), kink: found.kinks().first().cloned() })
}

/// The text without its ` at FILE.rs:LINE`, which are lines of this program.
fn without_source_lines(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(file_end) = rest.find(".rs:") {
        let digits = &rest[file_end + 4..];
        let end = file_end + 4 + digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let start = rest[..file_end].rfind(" at ").unwrap_or(file_end);
        kept.push_str(&rest[..start]);
        rest = &rest[end..];
    }
    kept + rest
}

/// A line in as many as it takes, broken at double blanks and indented like its second column.
fn folded(line: &str) -> Vec<String> {
    const COLUMN: usize = 13;
    let width = WIDTH - 4;
    let mut lines = vec![String::new()];
    for piece in line.trim_end().split_inclusive("  ") {
        let last = &lines[lines.len() - 1];
        let full = last.chars().count() + piece.trim_end().chars().count() > width && last.trim() != "";
        if full && piece.trim() != "" {
            lines.push(" ".repeat(COLUMN));
        }
        if let Some(last) = lines.last_mut() {
            last.push_str(piece);
        }
    }
    lines.iter().map(|l| l.trim_end().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_source_are_left_out() {
        let text = "kink  abs at crates/a/b.rs:167, entry (0, 0)\nmax at c.rs:1";
        assert_eq!(without_source_lines(text), "kink  abs, entry (0, 0)\nmax");
        assert_eq!(without_source_lines("nothing at all"), "nothing at all");
    }

    #[test]
    fn long_lines_break_between_columns() {
        let line = format!("  gradient   {}  {}  ok", "a".repeat(60), "b".repeat(40));
        let lines = folded(&line);
        let indent = " ".repeat(13);
        assert_eq!(
            lines,
            [format!("  gradient   {}", "a".repeat(60)), format!("{indent}{}  ok", "b".repeat(40))]
        );
        assert_eq!(folded("  short  line"), ["  short  line"]);
        assert_eq!(folded(""), [""]);
    }
}
