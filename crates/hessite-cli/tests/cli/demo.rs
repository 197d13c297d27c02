//! Without arguments.

use super::*;
use std::sync::OnceLock;

/// The demonstration, run once.
fn demonstration() -> &'static Said {
    static SAID: OnceLock<Said> = OnceLock::new();
    SAID.get_or_init(|| hessite(&[]))
}

/// The lines of the table between two texts.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let start = text.find(from).unwrap_or_else(|| panic!("no {from:?} in:\n{text}"));
    let rest = &text[start..];
    &rest[..rest.find(to).unwrap_or_else(|| panic!("no {to:?} in:\n{rest}"))]
}

/// The five numbers behind the label of a row: four entries and their sum.
fn row(table: &str, label: &str) -> Vec<f64> {
    let line = table.lines().find(|l| l.starts_with(&format!("  {label}"))).unwrap();
    numbers(&line.replace(label, ""))
}

#[test]
fn the_demonstration_shows_values_blocks_and_what_the_traces_miss() {
    let said = demonstration();
    assert_eq!((said.code, &said.err[..]), (Some(0), ""));
    let text = &said.out;
    assert!(text.contains("L = 54.7037"));

    let mixed = between(text, "\nd/dX[dL/dY]\n", "┘");
    let rows: Vec<Vec<f64>> = ["X_00", "X_01", "X_10", "X_11"].map(|label| row(mixed, label)).to_vec();
    assert_eq!(rows[0][0], 3.4885);
    // d/dX tr(dL/dY): each is the sum of its row's entries at Y_00 and Y_11, to the digits shown.
    let returned = [2.7769, 4.2288, 4.5944, 7.5015];
    for (row, returned) in rows.iter().zip(returned) {
        assert_eq!(row[4], returned);
        assert!((row[0] + row[3] - returned).abs() < 1.6e-4, "{row:?}");
    }
    let below = between(text, "┘", "other trick");
    assert_eq!(numbers(below), [5.1524, 3.6153, 7.3245, 5.1260]);

    let yy = between(text, "\nd²L/dY²\n", "\nd/dX[dL/dY]\n");
    let rows: Vec<Vec<f64>> = ["Y_00", "Y_01", "Y_10", "Y_11"].map(|label| row(yy, label)).to_vec();
    let symmetric = |(i, j): (usize, usize)| rows[i][j] == rows[j][i];
    assert!((0..4).flat_map(|i| (0..i).map(move |j| (i, j))).all(symmetric), "{rows:?}");

    let answer = between(text, "the same + dL/dY", "4 numbers stand");
    let torch = [5.1524 + 13.4726, 3.6153 + 9.6154, 7.3245 + 19.6696, 5.1260 + 14.0393];
    let shown: Vec<f64> = numbers(answer).into_iter().filter(|x| x.abs() > 1.0).collect();
    assert!(torch.iter().zip(&shown).all(|(a, b)| (a - b).abs() < 1.6e-4), "{shown:?}");
    assert!(text.contains("ertificate") && text.contains("differences of gradients"));
}

#[test]
fn the_demonstration_fits_a_terminal_of_100_columns() {
    for line in demonstration().out.lines() {
        assert!(line.chars().count() <= 100, "{line}");
        assert_eq!(line.trim_end(), line, "blanks at the end");
    }
}

#[test]
fn help_and_the_list_of_functions_are_there() {
    let help = succeeds(&["--help"]);
    for part in ["Examples:", "--block <X,Y>", "NAME=VALUE", "Exit codes", "Frobenius"] {
        assert!(help.contains(part), "{part}");
    }
    let functions = succeeds(&["functions"]);
    for part in ["norm(X)", "tr(X)", "also trace", "softplus(X)", "reshape(X, m, n)"] {
        assert!(functions.contains(part), "{part}");
    }
}
