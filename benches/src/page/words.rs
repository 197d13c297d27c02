//! Numbers in words, and sentences from series.

use super::chart::{Chart, Method, Series, Spread};

/// Ratios under this are ties.
pub const TIE: f64 = 1.3;

/// Three digits and the unit that fits.
pub fn seconds(t: f64) -> String {
    let (factor, unit) = match t {
        t if t < 1e-6 => (1e9, "ns"),
        t if t < 1e-3 => (1e6, "µs"),
        t if t < 1.0 => (1e3, "ms"),
        _ => (1.0, "s"),
    };
    format!("{} {unit}", digits(t * factor))
}

/// Three digits and the unit that fits.
pub fn bytes(b: f64) -> String {
    let (factor, unit) = match b {
        b if b < 1e3 => (1.0, "B"),
        b if b < 1e6 => (1e-3, "kB"),
        b if b < 1e9 => (1e-6, "MB"),
        _ => (1e-9, "GB"),
    };
    format!("{} {unit}", digits(b * factor))
}

/// The middle, and least and largest in parentheses.
pub fn spread(t: Spread) -> String {
    format!("{} ({} to {})", seconds(t.middle), seconds(t.low), seconds(t.high))
}

/// A number of moderate size with two or three digits.
pub fn digits(x: f64) -> String {
    match x.abs() {
        a if a >= 100.0 => format!("{x:.0}"),
        a if a >= 10.0 => format!("{x:.1}"),
        a if a >= 0.1 => format!("{x:.2}"),
        a if a >= 1e-3 => format!("{x:.4}"),
        _ => power(x),
    }
}

/// 2.7·10⁻¹¹.
pub fn power(x: f64) -> String {
    let exponent = if x == 0.0 { 0 } else { x.abs().log10().floor() as i32 };
    format!("{:.1}·{}", x / 10f64.powi(exponent), ten(exponent))
}

/// 10⁻¹¹.
pub fn ten(exponent: i32) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raise = |c: char| c.to_digit(10).map_or('⁻', |d| RAISED[d as usize]);
    std::iter::once("10".to_string())
        .chain(exponent.to_string().chars().map(|c| raise(c).to_string()))
        .collect()
}

/// A ratio, small ones as 1/400.
pub fn ratio(x: f64) -> String {
    if x < 0.1 { format!("1/{:.0}", 1.0 / x) } else { digits(x) }
}

/// a, b and c.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// The series of a method.
pub fn series(chart: &Chart, method: Method) -> Option<&Series> {
    chart.series.iter().find(|s| s.look == method.look())
}

/// What a method takes at its largest size, and how fast that grows.
pub fn growth(chart: &Chart, method: Method) -> Vec<String> {
    let Some(own) = series(chart, method) else { return Vec::new() };
    let Some(last) = own.samples.last() else { return Vec::new() };
    let mut said = format!("At n = {} {} takes {}", last.x.middle, method.spoken(), spread(last.y));
    if let Some(slope) = own.slope() {
        let from = own.samples[own.samples.len() - 3].x.middle;
        said += &format!("; from n = {from} its time grows as n to the power {slope:.1}");
    }
    vec![said + "."]
}

/// A method's times over those of its rivals, where both were measured, and the places where it loses.
pub fn against(chart: &Chart, method: Method, rivals: &[Method]) -> Vec<String> {
    let Some(own) = series(chart, method) else { return Vec::new() };
    let (mut ranges, mut losses) = (Vec::new(), Vec::new());
    for &rival in rivals {
        let Some(other) = series(chart, rival) else { continue };
        let pairs = own
            .samples
            .iter()
            .filter_map(|s| Some((s.x.middle, s.y.middle / other.at(s.x.middle)?.y.middle)));
        let ratios: Vec<(f64, f64)> = pairs.collect();
        let (low, high) = ratios.iter().fold((f64::INFINITY, 0.0f64), |(l, h), r| (l.min(r.1), h.max(r.1)));
        if ratios.is_empty() {
            continue;
        }
        ranges.push(format!("{} to {} times that of {}", ratio(low), ratio(high), rival.spoken()));
        let lost = ratios.iter().filter(|r| r.1 > TIE);
        let at: Vec<String> = lost.map(|(n, r)| format!("n = {n} ({} times the time)", ratio(*r))).collect();
        if !at.is_empty() {
            losses.push(format!("{} at {}", rival.spoken(), list(&at)));
        }
    }
    if ranges.is_empty() {
        return Vec::new();
    }
    let name = method.spoken();
    let lost = match losses.as_slice() {
        [] => format!(
            "No size here where {name} loses to {} by more than {TIE}.",
            if rivals.len() > 1 { "any of these" } else { "it" }
        ),
        losses => format!("Where {name} loses by more than {TIE}: to {}.", losses.join("; to ")),
    };
    vec![format!("The time of {name} is {}.", list(&ranges)), lost]
}
