use super::chart::{Axis, Chart, Method, Sample, Scale, Series, Spread};
use super::machine::Machine;
use super::*;

fn synthetic(id: &'static str, scales: (Scale, Scale)) -> Section {
    let sample = |k: u32| Sample {
        x: Spread::exact(f64::from(1 << k)),
        y: Spread { middle: 1e-6 * f64::from(1 << (3 * k)), low: 9e-7, high: 2e-3 },
    };
    let series = vec![
        Series::of(Method::Hessite, (0..4).map(sample).collect()),
        Series::of(Method::ForwardValue, (1..3).map(sample).collect()),
        Series::of(Method::Echidna, vec![sample(2)]),
    ];
    let axis = |scale| Axis { label: "n & m < 3".into(), scale };
    let (x, y) = (axis(scales.0), axis(scales.1));
    let chart = Chart { title: "A & B".into(), x, y, series, line: Some((1e-4, "limit".into())) };
    let seen = words::against(&chart, Method::Hessite, &[Method::ForwardValue, Method::Echidna]);
    Section { id, heading: "Synthetic", what: "1 < 2".into(), chart, seen }
}

fn valid(page: &str) {
    let text = page.replacen("<!DOCTYPE html>", "", 1);
    let document = roxmltree::Document::parse(&text).unwrap();
    for node in document.descendants() {
        let words = node.text().unwrap_or_default();
        let odd = words.split(|c: char| !c.is_alphabetic()).any(|w| ["NaN", "inf", "Infinity"].contains(&w));
        assert!(!odd, "{words}");
        for a in node.attributes() {
            assert!(!a.value().contains("NaN") && !a.value().contains("inf"), "{} {}", a.name(), a.value());
        }
    }
}

#[test]
fn a_page_has_every_section_as_valid_xml() {
    let scales = [
        ("one", (Scale::Sizes, Scale::Seconds)),
        ("two", (Scale::Powers, Scale::Powers)),
        ("three", (Scale::Counts, Scale::Parts)),
        ("four", (Scale::Ratios, Scale::Bytes)),
    ];
    let sections = scales.map(|(id, scales)| synthetic(id, scales));
    let page = html::page(&sections, &Machine::here(), "cargo run").unwrap();
    valid(&page);
    for (id, _) in scales {
        assert_eq!(page.matches(&format!("<section id=\"{id}\">")).count(), 1);
    }
    assert_eq!(page.matches("<svg role=\"img\"").count(), sections.len());
    assert_eq!(page.matches("viewBox").count(), sections.len());
}

#[test]
fn a_number_that_is_not_finite_is_refused() {
    for odd in [f64::NAN, f64::INFINITY] {
        let mut section = synthetic("one", (Scale::Sizes, Scale::Seconds));
        section.chart.series[1].samples[0].y.high = odd;
        assert!(html::page(&[section], &Machine::here(), "cargo run").is_err());
    }
}

#[test]
fn slopes_and_losses_are_computed() {
    let section = synthetic("one", (Scale::Sizes, Scale::Seconds));
    let slope = section.chart.series[0].slope().unwrap();
    assert!((slope - 3.0).abs() < 1e-12, "{slope}");
    assert!(section.chart.series[2].slope().is_none());
    // The same numbers: no loss. Half the rival's time: a loss everywhere.
    assert!(section.seen[1].starts_with("No size"), "{:?}", section.seen);
    let mut chart = section.chart;
    for s in &mut chart.series[2].samples {
        s.y = s.y.map(|y| y / 2.0);
    }
    let seen = words::against(&chart, Method::Hessite, &[Method::Echidna]);
    assert!(seen[1].contains("to echidna at n = 4 (2.00 times the time)"), "{seen:?}");
}

#[test]
fn every_part_is_measured_and_drawn() {
    let sections = measure(&[], Effort::TINY, Some(&|_| Ok(5000)), &ProgressBar::hidden()).unwrap();
    let ids: Vec<&str> = sections.iter().map(|s| s.id).collect();
    assert_eq!(
        ids,
        [
            "hvp",
            "hvp-ratio",
            "block",
            "block-ratio",
            "mixed",
            "workloads",
            "steps",
            "plane",
            "steps-small",
            "steps-rosenbrock",
            "steps-luksan-vlcek",
            "steps-process",
            "plane-products",
            "bytes-block",
            "bytes-hvp",
            "threads",
            "limits"
        ]
    );
    assert!(sections.iter().all(|s| !s.seen.is_empty() && s.chart.title.chars().count() <= 60));
    // What fits half the width of a legend.
    let labels = sections.iter().flat_map(|s| &s.chart.series).map(|s| &s.label);
    labels.for_each(|l| assert!(l.chars().count() <= 37, "{l}"));
    valid(&html::page(&sections, &Machine::here(), "cargo run").unwrap());
    assert!(sections.iter().flat_map(Section::lines).all(|l| l["y"]["median"].is_number()));
}

#[test]
fn a_record_says_machine_versions_command_and_noise() {
    let section = synthetic("one", (Scale::Sizes, Scale::Seconds));
    let text = record::readme(&[section], &Machine::here(), "cargo run");
    for part in ["**Machine**", "**Versions**: rustc", "echidna 0.", "`cargo run`", "for hessite"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(record::readme(&[], &Machine::here(), "cargo run").contains("no times were taken"));
}

#[test]
fn an_unknown_part_is_refused() {
    assert!(measure(&["speed".into()], Effort::TINY, None, &ProgressBar::hidden()).is_err());
}
