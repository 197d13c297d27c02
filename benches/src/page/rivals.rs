//! hessite's rivals in other languages, from the lines of JSON that `benches/rivals/run` keeps.

use super::chart::{Axis, Chart, Sample, Scale, Section, Series, Spread};
use super::{Error, words};
use crate::measure::{Checksum, median};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Checksums agree to this part.
const AGREE: f64 = 1e-9;

/// A case, and of each peer and variant the rounds.
type Cases = Vec<(String, BTreeMap<(String, String), Vec<Value>>)>;

/// The section; `folder` has a file of lines for each peer, hessite's among them.
///
/// # Errors
/// A file can't be read, or nothing can be compared.
pub fn section(folder: &Path) -> Result<Section, Error> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.filter_map(|f| Some(f.ok()?.path())).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "jsonl"));
    files.sort();
    let mut lines = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        lines.extend(text.lines().map(serde_json::from_str::<Value>).collect::<Result<Vec<_>, _>>()?);
    }
    compare(&sorted(lines))
}

fn word(line: &Value, field: &str) -> String {
    line[field].as_str().map_or_else(|| line[field].to_string(), str::to_string)
}

/// Cases in the order of hessite's lines.
fn sorted(lines: Vec<Value>) -> Cases {
    let mut cases: Cases = Vec::new();
    let (own, others): (Vec<_>, Vec<_>) = lines.into_iter().partition(|l| l["peer"] == "hessite");
    for line in own.into_iter().chain(others) {
        let name = ["workload", "size", "what"].map(|f| word(&line, f)).join(" ");
        let key = (word(&line, "peer"), word(&line, "variant"));
        match cases.iter_mut().find(|(n, _)| *n == name) {
            Some((_, peers)) => peers.entry(key).or_default().push(line),
            None if key.0 == "hessite" => cases.push((name, BTreeMap::from([(key, vec![line])]))),
            None => {}
        }
    }
    cases
}

fn checksum(line: &Value) -> Option<Checksum> {
    let c = &line["checksum"];
    let e = |k: usize| c["e"][k].as_f64();
    Some(Checksum { fro: c["fro"].as_f64()?, e: [e(0)?, e(1)?, e(2)?], wsum: c["wsum"].as_f64()? })
}

/// The median over the rounds of CPU seconds, of several threads of the clock's, which do not add up.
fn time(rounds: &[Value]) -> Option<Spread> {
    let field = |l: &Value| if l["threads"].as_u64() > Some(1) { "eval_s_median" } else { "cpu_s_median" };
    let all: Vec<f64> = rounds.iter().filter_map(|l| l[field(l)].as_f64()).collect();
    (!all.is_empty()).then(|| Spread::of(all))
}

fn setup(rounds: &[Value]) -> f64 {
    let mut all: Vec<f64> = rounds.iter().filter_map(|l| l["setup_s"].as_f64()).collect();
    all.sort_by(f64::total_cmp);
    if all.is_empty() { f64::NAN } else { median(&all) }
}

fn compare(cases: &Cases) -> Result<Section, Error> {
    let mut series: Vec<Series> = Vec::new();
    let (mut seen, mut odd, mut lost, mut compared) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for (case, peers) in cases {
        let Some(mine) = peers.iter().find(|((peer, _), _)| peer == "hessite").map(|(_, rounds)| rounds)
        else {
            continue;
        };
        let (Some(own), Some(reference)) = (time(mine), checksum(&mine[0])) else { continue };
        // Of each rival the fastest variant.
        let mut best: BTreeMap<&str, (Spread, f64)> = BTreeMap::new();
        for ((peer, _), rounds) in peers.iter().filter(|((peer, _), _)| peer != "hessite") {
            let (Some(t), Some(sum)) = (time(rounds), checksum(&rounds[0])) else { continue };
            let far = sum.difference(&reference);
            if far.is_nan() || far > AGREE {
                odd.push(format!("{peer} on {case} (by {})", words::power(far)));
                continue;
            }
            compared += 1;
            let entry = best.entry(peer).or_insert((t, setup(rounds)));
            if t.middle < entry.0.middle {
                *entry = (t, setup(rounds));
            }
        }
        let mut said = Vec::new();
        for (peer, (t, start)) in best {
            let ratio = t.map(|t| t / own.middle);
            said.push(format!(
                "{peer} {} times that (set-up {})",
                words::ratio(ratio.middle),
                words::seconds(start)
            ));
            if ratio.middle < 1.0 / words::TIE {
                lost.push(format!("{peer} on {case} ({} times the time)", words::digits(1.0 / ratio.middle)));
            }
            let sample = Sample { x: own, y: ratio };
            match series.iter_mut().find(|s| s.label == peer) {
                Some(s) => s.samples.push(sample),
                None => {
                    series.push(Series { label: peer.into(), look: 3, samples: vec![sample], joined: false })
                }
            }
        }
        if !said.is_empty() {
            let start = words::seconds(setup(mine));
            let own = words::seconds(own.middle);
            seen.push(format!("{case}: hessite takes {own} (set-up {start}), {}.", words::list(&said)));
        }
    }
    if series.is_empty() {
        return Err("no rival to compare with".into());
    }
    // Looks that differ in colour and in marker.
    for (s, look) in series.iter_mut().zip([3, 2, 7, 4, 5]) {
        s.look = look;
    }
    let mut said = vec![match lost.as_slice() {
        [] => format!("hessite loses nowhere here by more than {}.", words::TIE),
        lost => format!("hessite loses by more than {} to {}.", words::TIE, words::list(lost)),
    }];
    said.push(match odd.as_slice() {
        [] => format!("The checksums of all {compared} agree to 10⁻⁹."),
        odd => format!("Left out, since their checksums differ: {}.", words::list(odd)),
    });
    said.extend(seen);
    Ok(Section {
        id: "rivals",
        heading: "Rivals in other languages",
        what: "The workloads of docs/performance.md by `benches/rivals/run`: each engine in a process of its own, one after the \
               other on the same CPU, on the same inputs. Of each rival the fastest variant; its time over hessite's. Bars reach \
               over the medians of all rounds. Above the line hessite is faster. Set-up is everything to the first result."
            .into(),
        chart: Chart {
            title: "Rivals in other languages: time over hessite's".into(),
            x: Axis { label: "time of hessite".into(), scale: Scale::Seconds },
            y: Axis { label: "time of the rival / hessite's".into(), scale: Scale::Ratios },
            series,
            line: Some((1.0, "as fast as hessite".into())),
        },
        seen: said,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(peer: &str, variant: &str, what: &str, fro: f64, cpu: f64) -> Value {
        json!({
            "peer": peer, "workload": "W1", "size": 8, "what": what, "variant": variant, "threads": 1,
            "checksum": { "fro": fro, "e": [1.0, 2.0, 3.0], "wsum": 4.0 }, "cpu_s_median": cpu, "setup_s": 0.25,
        })
    }

    #[test]
    fn the_fastest_variant_counts_and_losses_are_said() {
        let lines = vec![
            line("jax", "slow", "hvp", 5.0, 9.0),
            line("jax", "fast", "hvp", 5.0, 1.0),
            line("hessite", "", "hvp", 5.0, 2.0),
            line("hessite", "", "hess", 5.0, 1.0),
            line("jax", "", "hess", 5.0, 4.0),
            line("torch", "", "hess", 5.0, 3.0),
            line("torch", "", "else", 5.0, 3.0),
        ];
        let s = compare(&sorted(lines)).unwrap();
        assert_eq!(s.seen[0], "hessite loses by more than 1.3 to jax on W1 8 hvp (2.00 times the time).");
        assert_eq!(s.seen[1], "The checksums of all 4 agree to 10⁻⁹.");
        let case = "W1 8 hess: hessite takes 1.00 s (set-up 250 ms), jax 4.00 times that (set-up 250 ms) and \
                    torch 3.00 times that (set-up 250 ms).";
        assert_eq!(s.seen[3], case);
        assert_eq!(s.chart.series.iter().map(|s| s.samples.len()).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn a_checksum_that_differs_is_left_out() {
        let lines = vec![
            line("hessite", "", "hvp", 5.0, 2.0),
            line("jax", "", "hvp", 5.0, 1.0),
            line("torch", "", "hvp", 5.0 + 1e-7, 1.0),
        ];
        let s = compare(&sorted(lines)).unwrap();
        assert!(
            s.seen[1].starts_with("Left out, since their checksums differ: torch on W1 8 hvp"),
            "{:?}",
            s.seen
        );
        assert_eq!(s.chart.series.len(), 1);
        assert!(compare(&sorted(vec![line("hessite", "", "hvp", 5.0, 2.0)])).is_err());
    }
}
