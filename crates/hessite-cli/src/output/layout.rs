//! Numbers in columns, and pictures side by side.

/// Columns that a reader's terminal has.
pub const WIDTH: usize = 100;

/// How numbers of one array are written: all alike, so that they compare at a glance.
#[derive(Clone, Copy)]
pub struct Notation {
    decimals: usize,
    scientific: bool,
}

impl Notation {
    /// Fixed point, unless the largest number is so large or small that its digits would not show.
    pub fn of(numbers: impl Iterator<Item = f64>, decimals: usize) -> Self {
        let largest = numbers.filter(|x| x.is_finite()).fold(0.0, |m: f64, x| m.max(x.abs()));
        let shows = largest == 0.0 || (1e-2..1e7).contains(&largest);
        Notation { decimals, scientific: !shows }
    }

    /// A number in this notation.
    pub fn show(&self, x: f64) -> String {
        let n = self.decimals;
        match self.scientific {
            // Neither "-0.0000" nor "0.0000e0" for a zero.
            _ if x == 0.0 => format!("{:.n$}", 0.0),
            true => format!("{x:.n$e}"),
            false => {
                let text = format!("{x:.n$}");
                let zero = text.starts_with('-') && text.chars().all(|c| matches!(c, '-' | '0' | '.'));
                if zero { text[1..].into() } else { text }
            }
        }
    }
}

/// Lines of text of equal width.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The lines.
    pub lines: Vec<String>,
}

impl Picture {
    /// The number of characters of its longest line.
    pub fn width(&self) -> usize {
        self.lines.iter().map(|l| l.chars().count()).max().unwrap_or(0)
    }

    /// The matrix `entry(i, j)` in brackets. Unless `full`, what is beyond `most` rows or the width of a terminal is
    /// left out, and `elided` becomes true.
    pub fn matrix(
        (rows, cols): (usize, usize),
        entry: impl Fn(usize, usize) -> f64,
        notation: Notation,
        limits: Limits,
        elided: &mut bool,
    ) -> Picture {
        if rows == 0 || cols == 0 {
            return Picture { lines: vec![format!("[ {rows}x{cols} ]")] };
        }
        let shown_rows = shown(rows, limits.rows);
        let sample = shown_rows.iter().flatten().flat_map(|&i| (0..cols.min(64)).map(move |j| (i, j)));
        let widest = sample.map(|(i, j)| notation.show(entry(i, j)).len()).max().unwrap_or(1);
        let shown_cols = shown(cols, limits.width.saturating_sub(4) / (widest + 2));
        *elided |= shown_rows.len() < rows || shown_cols.len() < cols;

        let cell = |i: Option<usize>, j: Option<usize>| match (i, j) {
            (Some(i), Some(j)) => format!("{:>widest$}", notation.show(entry(i, j))),
            (None, Some(_)) => format!("{:>widest$}", "⋮"),
            (_, None) => "…".into(),
        };
        let line = |&i: &Option<usize>| {
            let cells: Vec<String> = shown_cols.iter().map(|&j| cell(i, j)).collect();
            format!("[ {} ]", cells.join("  "))
        };
        Picture { lines: shown_rows.iter().map(line).collect() }
    }

    /// With a line above.
    pub fn titled(mut self, title: impl Into<String>) -> Picture {
        self.lines.insert(0, title.into());
        self
    }

    /// Pictures beside each other.
    pub fn beside(pictures: &[Picture], gap: usize) -> Picture {
        let height = pictures.iter().map(|p| p.lines.len()).max().unwrap_or(0);
        let line = |k: usize| {
            let mut line = String::new();
            let mut column = 0;
            for p in pictures {
                let text = p.lines.get(k).map_or("", String::as_str);
                let used = line.chars().count();
                line.push_str(&" ".repeat(column - used.min(column)));
                line.push_str(text);
                column += p.width() + gap;
            }
            line.truncate(line.trim_end().len());
            line
        };
        Picture { lines: (0..height).map(line).collect() }
    }
}

/// How much of a matrix is shown.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Most rows.
    pub rows: usize,
    /// Most characters in a line.
    pub width: usize,
}

impl Limits {
    /// Everything.
    pub const NONE: Limits = Limits { rows: usize::MAX, width: usize::MAX };
}

/// The indices shown of `n` when at most `most` have room: all, or the first and the last ones around a gap.
fn shown(n: usize, most: usize) -> Vec<Option<usize>> {
    let most = most.max(3);
    if n <= most {
        return (0..n).map(Some).collect();
    }
    let tail = (most - 1) / 3;
    let head = most - 1 - tail;
    (0..head).map(Some).chain([None]).chain((n - tail..n).map(Some)).collect()
}
