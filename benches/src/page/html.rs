//! Sections joined to one page that needs no other file.

use super::chart::{Scale, Section, Spread};
use super::machine::Machine;
use super::{Error, plot, words};
use std::fmt::Write;

const STYLE: &str = "\
body { font: 1.05rem/1.5 sans-serif; color: #111; background: #fff; max-width: 52rem; margin: auto; padding: 1rem; }
svg { display: block; max-width: 100%; height: auto; margin: 1rem auto; }
table { border-collapse: collapse; font-size: .85rem; }
td, th { padding: .1rem .6rem; text-align: left; border-bottom: 1px solid #ddd; }
.wide { overflow-x: auto; }
@media print { section { break-inside: avoid; } details { display: none; } }
";

/// The picture of a section, with its title as a label for those who don't see it.
///
/// # Errors
/// What plotters refuses.
pub fn picture(section: &Section) -> Result<String, Error> {
    let label = format!("<svg role=\"img\" aria-label=\"{}\" ", escaped(&section.chart.title));
    Ok(plot::svg(&section.chart)?.replacen("<svg ", &label, 1))
}

/// The page; `command` made it.
///
/// # Errors
/// What plotters refuses.
pub fn page(sections: &[Section], machine: &Machine, command: &str) -> Result<String, Error> {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>hessite measured, {date}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <h1>hessite measured</h1>\n",
        date = machine.date
    );
    page += &head(machine, command);
    for section in sections {
        write!(page, "<section id=\"{}\">\n<h2>{}</h2>\n", section.id, escaped(section.heading))?;
        writeln!(page, "<p>{}</p>", escaped(&section.what))?;
        page += &picture(section)?;
        page += "<ul>\n";
        for sentence in &section.seen {
            writeln!(page, "<li>{}</li>", escaped(sentence))?;
        }
        write!(page, "</ul>\n{}</section>\n", table(section))?;
    }
    page += "</body>\n</html>\n";
    Ok(page)
}

fn head(machine: &Machine, command: &str) -> String {
    let engines: Vec<String> =
        machine.engines.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let load = machine.load.map_or(String::new(), |l| format!(", load {l} at the start"));
    let apart = machine.apart().map_or(String::new(), |a| format!(", {a}"));
    let machine = format!(
        "{}, {} with {} threads{load}{apart}; {}; {}.",
        machine.date,
        machine.processor,
        machine.threads,
        machine.compiler,
        words::list(&engines)
    );
    format!(
        "<p>{}</p>\n<p><code>{}</code></p>\n<p>All ways to a result are timed in turns in one process, after their \
         results have been compared: exact engines agree to 10⁻⁹ of the largest entry. A point is the median of all \
         rounds, its bar reaches from the least to the largest. CPU seconds are less disturbed by other work than the \
         clock. Ratios under {} are ties. Axes of sizes, times and errors are logarithmic.</p>\n",
        escaped(&machine),
        escaped(command),
        words::TIE
    )
}

fn table(section: &Section) -> String {
    let chart = &section.chart;
    let cell = |s: Spread| {
        let number = |x: f64| if (1e-2..1e4).contains(&x) { words::digits(x) } else { words::power(x) };
        let bar = format!(" ({} to {})", number(s.low), number(s.high));
        number(s.middle) + if s.low < s.high { &bar } else { "" }
    };
    let mut rows = String::new();
    for series in &chart.series {
        for s in &series.samples {
            rows += &format!(
                "<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                escaped(&series.label),
                cell(s.x),
                cell(s.y)
            );
        }
    }
    let unit = |scale| match scale {
        Scale::Seconds => ", seconds",
        _ => "",
    };
    format!(
        "<details><summary>Numbers</summary><div class=\"wide\"><table>\n<tr><th></th><th>{}{}</th><th>{}{}</th></tr>\n\
         {rows}</table></div></details>\n",
        escaped(&chart.x.label),
        unit(chart.x.scale),
        escaped(&chart.y.label),
        unit(chart.y.scale)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
