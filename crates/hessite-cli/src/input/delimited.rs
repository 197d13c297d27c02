//! Tables of numbers: CSV, with commas, semicolons, tabs or blanks between cells, with or without a heading.

use super::Flaw;
use nalgebra::DMatrix;

/// Reads a table. `#` begins a comment line; a first line without any number is a heading.
pub(super) fn read(text: &str) -> Result<DMatrix<f64>, Flaw> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().find(|l| !l.trim().is_empty() && !l.starts_with('#')).unwrap_or("");
    let mut table = Table::default();
    match [';', ',', '\t'].into_iter().find(|&c| first.contains(c)) {
        Some(delimiter) => {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .delimiter(delimiter as u8)
                .comment(Some(b'#'))
                .trim(csv::Trim::All)
                .from_reader(text.as_bytes());
            for record in reader.records() {
                let record = record.map_err(|e| Flaw::new(e.to_string()))?;
                let line = record.position().map_or(0, |p| p.line() as usize);
                table.line(line, record.iter())?;
            }
        }
        None => {
            for (k, line) in text.lines().enumerate().filter(|(_, l)| !l.starts_with('#')) {
                table.line(k + 1, line.split_whitespace())?;
            }
        }
    }
    table.finish()
}

#[derive(Default)]
struct Table {
    /// Row by row.
    entries: Vec<f64>,
    rows: usize,
    /// Cells of a row, and the line that set their number.
    cols: Option<(usize, usize)>,
}

impl Table {
    fn line<'c>(&mut self, line: usize, cells: impl Iterator<Item = &'c str>) -> Result<(), Flaw> {
        let cells: Vec<&str> = cells.collect();
        if cells.iter().all(|c| c.is_empty()) {
            return Ok(());
        }
        let numbers: Vec<Option<f64>> = cells.iter().map(|c| c.parse().ok()).collect();
        let heading = self.cols.is_none() && numbers.iter().all(Option::is_none);
        match self.cols {
            None => self.cols = Some((cells.len(), line)),
            Some((cols, first)) if cols != cells.len() => {
                let why =
                    format!("{} cells where line {first} has {cols}; rows must be equally long", cells.len());
                return Err(Flaw::at(line, why));
            }
            Some(_) => {}
        }
        if heading {
            return Ok(());
        }
        for (k, (number, cell)) in numbers.iter().zip(&cells).enumerate() {
            match number {
                Some(x) => self.entries.push(*x),
                None if cell.is_empty() => return Err(Flaw::cell(line, k + 1, "an empty cell")),
                None => return Err(Flaw::cell(line, k + 1, format!("{cell:?} is no number"))),
            }
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(self) -> Result<DMatrix<f64>, Flaw> {
        match self.cols {
            Some((cols, _)) if self.rows > 0 => Ok(DMatrix::from_row_slice(self.rows, cols, &self.entries)),
            _ => Err(Flaw::new("no numbers in it")),
        }
    }
}
