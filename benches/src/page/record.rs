//! The README of a record: machine, versions, command, noise.

use super::chart::{Scale, Section, Series};
use super::machine::{self, Machine};
use super::words;

/// How far the times of one series reach from the least to the largest, over their median: the median and the largest
/// of all its samples.
fn noise(sections: &[Section], wanted: fn(&Section, &Series) -> bool) -> Option<(f64, f64)> {
    let mut all: Vec<f64> = Vec::new();
    for section in sections.iter().filter(|s| s.chart.y.scale == Scale::Seconds) {
        for series in section.chart.series.iter().filter(|s| wanted(section, s)) {
            all.extend(series.samples.iter().map(|s| (s.y.high - s.y.low) / s.y.middle));
        }
    }
    all.sort_by(f64::total_cmp);
    Some((*all.get(all.len() / 2)?, *all.last()?))
}

/// In Markdown; `command` made the record.
pub fn readme(sections: &[Section], machine: &Machine, command: &str) -> String {
    let versions: Vec<String> =
        machine.engines.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let load = match (machine.load, machine::load()) {
        (Some(before), Some(after)) => format!("The load was {before} at the start and {after} at the end. "),
        _ => String::new(),
    };
    let apart = machine.apart().map_or(String::new(), |a| format!("At the start {a}. "));
    let percent =
        |(middle, most): (f64, f64)| format!("{:.0} %, at most {:.0} %", 100.0 * middle, 100.0 * most);
    let spread = |who: &str, wanted| noise(sections, wanted).map(|n| format!("{who} {}", percent(n)));
    let spreads =
        [spread("for hessite", |_, series| series.name() == "hessite"), spread("for all", |_, _| true)];
    let spreads: Vec<String> = spreads.into_iter().flatten().collect();
    format!(
        "# {date}, {processor}\n\n\
         One run of the `report` binary: `index.html` is its page, `numbers.jsonl` the numbers (the first line the machine), \
         the SVG files its pictures.\n\n\
         * **Machine**: {processor}, {threads} threads; {system}. Vector instructions found: {vectors}; hessite chooses among \
         them at run time.\n\
         * **Versions**: {compiler}; {versions}.\n\
         * **Command**: `{command}`\n\
         * **Noise**: {load}{apart}From the least to the largest of all rounds, CPU seconds of one evaluation reach over this part \
         of their median, in the middle of the samples: {spreads}. The times by the clock, of one thread and two, have their bars \
         in `threads.svg`.\n",
        date = machine.date,
        processor = machine.processor,
        threads = machine.threads,
        system = machine.system,
        vectors = words::list(&machine.vectors),
        compiler = machine.compiler,
        versions = words::list(&versions),
        spreads = if spreads.is_empty() { "no times were taken".into() } else { words::list(&spreads) },
    )
}
