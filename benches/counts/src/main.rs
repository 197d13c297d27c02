//! Compares counted instructions with those of a baseline; `run` beside this package calls it.
//!
//! A baseline is a text file, a line for each kernel: its name and how many instructions its answer takes. Instructions do
//! not depend on the machine's noise, but on the compiler and on the vector instructions that hessite chooses at run time,
//! so that each pair of them has its own file.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::io::Read;

/// A count larger by more than this part fails, one smaller by more than it asks for a new baseline.
const TOLERANCE: f64 = 0.05;

type Counts = BTreeMap<String, u64>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["cpu"] => println!("{}", cpu()),
        ["table"] => print!("{}", table(&counted()?)),
        ["compare", file] => {
            let (text, failed) = compare(&baseline(&std::fs::read_to_string(file)?)?, &counted()?)?;
            print!("{text}");
            if failed {
                std::process::exit(1);
            }
        }
        _ => {
            return Err(
                "counts cpu | table < LINES | compare BASELINE < LINES, gungraun's lines of JSON".into()
            );
        }
    }
    Ok(())
}

/// The vector instructions that hessite finds here; under valgrind those that valgrind knows.
fn cpu() -> String {
    #[cfg(target_arch = "x86_64")]
    {
        let found = [
            ("avx2", std::arch::is_x86_feature_detected!("avx2")),
            ("fma", std::arch::is_x86_feature_detected!("fma")),
            ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
            ("avx512dq", std::arch::is_x86_feature_detected!("avx512dq")),
        ];
        let names = found.iter().filter(|(_, there)| *there).map(|(name, _)| format!("-{name}"));
        std::env::consts::ARCH.to_string() + &names.collect::<String>()
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::env::consts::ARCH.to_string()
}

/// The counts of gungraun's lines, from the standard input.
fn counted() -> Result<Counts, Box<dyn Error>> {
    let mut lines = String::new();
    std::io::stdin().read_to_string(&mut lines)?;
    let counts: Counts = lines.lines().map(count).collect::<Result<_, _>>()?;
    if counts.is_empty() { Err("nothing was counted".into()) } else { Ok(counts) }
}

fn count(line: &str) -> Result<(String, u64), Box<dyn Error>> {
    let summary: serde_json::Value = serde_json::from_str(line)?;
    let instructions = &summary["profiles"][0]["data"]["total"]["metrics"]["Ir"]["values"]["new"];
    match (summary["id"].as_str(), summary["function_name"].as_str(), instructions.as_u64()) {
        (Some(id), Some(function), Some(n)) => Ok((format!("{function}.{id}"), n)),
        _ => Err(format!("no instructions in {line}").into()),
    }
}

fn table(counts: &Counts) -> String {
    counts.iter().map(|(name, n)| format!("{name} {n}\n")).collect()
}

fn baseline(text: &str) -> Result<Counts, Box<dyn Error>> {
    let entry = |line: &str| {
        let (name, n) = line.split_once(' ').ok_or_else(|| format!("not a name and a count: {line}"))?;
        Ok((name.to_string(), n.parse()?))
    };
    text.lines().map(entry).collect()
}

/// What is seen, and whether it fails: a kernel got slower, or is in only one of the two.
fn compare(before: &Counts, now: &Counts) -> Result<(String, bool), std::fmt::Error> {
    let (mut text, mut failed, mut better) = (String::new(), false, false);
    for (name, &n) in now {
        let Some(&old) = before.get(name) else {
            writeln!(text, "{name:32} {n:>10}  FAILED: not in the baseline")?;
            failed = true;
            continue;
        };
        let ratio = n as f64 / old as f64;
        let (slower, faster) = (ratio > 1.0 + TOLERANCE, ratio < 1.0 - TOLERANCE);
        let verdict = if slower {
            "  FAILED: slower"
        } else if faster {
            "  faster"
        } else {
            ""
        };
        failed |= slower;
        better |= faster;
        writeln!(text, "{name:32} {n:>10}  {:+.1} %{verdict}", 100.0 * (ratio - 1.0))?;
    }
    for name in before.keys().filter(|name| !now.contains_key(*name)) {
        writeln!(text, "{name:32} FAILED: only in the baseline")?;
        failed = true;
    }
    if failed || better {
        text += "If that is meant, benches/counts/run --save keeps the new counts; the commit says why.\n";
    }
    Ok((text, failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, u64)]) -> Counts {
        pairs.iter().map(|&(name, n)| (name.to_string(), n)).collect()
    }

    #[test]
    fn more_than_a_twentieth_more_fails() {
        let before = counts(&[("a", 1000), ("b", 1000)]);
        let verdict = |a, b| compare(&before, &counts(&[("a", a), ("b", b)])).unwrap();
        assert!(!verdict(1050, 1000).1);
        let (text, failed) = verdict(1000, 1051);
        assert!(failed && text.contains("+5.1 %  FAILED: slower"), "{text}");
        let (text, failed) = verdict(500, 1000);
        assert!(!failed && text.contains("--save"), "{text}");
    }

    #[test]
    fn a_kernel_without_its_counterpart_fails() {
        let (one, two) = (counts(&[("a", 10)]), counts(&[("a", 10), ("b", 20)]));
        assert!(compare(&one, &two).unwrap().1);
        assert!(compare(&two, &one).unwrap().1);
        assert!(!compare(&two, &two).unwrap().1);
    }

    #[test]
    fn a_table_is_read_back() {
        let all = counts(&[("answer.hvp_16", 85_066), ("setup.hvp_8", 290_813)]);
        assert_eq!(baseline(&table(&all)).unwrap(), all);
        assert!(baseline("a").is_err() && baseline("a b").is_err());
    }

    #[test]
    fn lines_of_gungraun_are_read() {
        let line = r#"{"id":"x","function_name":"f","profiles":[{"data":{"total":{"metrics":{"Ir":{"values":{"new":7}}}}}}]}"#;
        assert_eq!(count(line).unwrap(), ("f.x".to_string(), 7));
        assert!(count(r#"{"id":"x","function_name":"f"}"#).is_err());
    }
}
