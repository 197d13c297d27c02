//! What is drawn and said.

use serde_json::{Value, json};

/// The middle of several measurements, and the least and largest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The median.
    pub middle: f64,
    /// The least.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

impl Spread {
    /// Of a number that has none.
    pub fn exact(x: f64) -> Self {
        Spread { middle: x, low: x, high: x }
    }

    /// Of measurements, at least one.
    pub fn of(mut all: Vec<f64>) -> Self {
        all.sort_by(f64::total_cmp);
        Spread { middle: all[all.len() / 2], low: all[0], high: all[all.len() - 1] }
    }

    /// All three numbers changed by an increasing function.
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Spread { middle: f(self.middle), low: f(self.low), high: f(self.high) }
    }

    /// `x` over each of the three numbers.
    pub fn below(self, x: f64) -> Self {
        Spread { middle: x / self.middle, low: x / self.high, high: x / self.low }
    }
}

/// A way to a second derivative. It has one look in all charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// hessite at a new point.
    Hessite,
    /// hessite, the point kept.
    HessiteKept,
    /// The closed form.
    Hand,
    /// (∇f(x + h) − ∇f(x − h))/2h with the gradient by hand.
    CentralGradient,
    /// (∇f(x + h) − ∇f(x))/h with the gradient by hand.
    ForwardGradient,
    /// Four values for an entry, around the point.
    CentralValue,
    /// Four values for an entry, ahead of the point.
    ForwardValue,
    /// echidna.
    Echidna,
    /// num-dual.
    NumDual,
    /// Central differences of ∇f at a ladder of steps, extrapolated by hessite-check.
    Extrapolated,
    /// Central differences of ∇f by the crate finitediff.
    FiniteDiff,
}

impl Method {
    /// As legends call it.
    pub fn name(self) -> &'static str {
        match self {
            Method::Hessite => "hessite",
            Method::HessiteKept => "hessite, point kept",
            Method::Hand => "closed form by hand",
            Method::CentralGradient => "central differences of ∇f",
            Method::ForwardGradient => "forward differences of ∇f",
            Method::CentralValue => "central differences of f",
            Method::ForwardValue => "forward differences of f",
            Method::Echidna => "echidna",
            Method::NumDual => "num-dual",
            Method::Extrapolated => "extrapolated differences of ∇f",
            Method::FiniteDiff => "finitediff, central of ∇f",
        }
    }

    /// As sentences call it.
    pub fn spoken(self) -> &'static str {
        match self {
            Method::Hand => "the closed form by hand",
            Method::HessiteKept => "hessite with the point kept",
            method => method.name(),
        }
    }

    /// Its number among the looks of [`plot`](super::plot).
    pub fn look(self) -> usize {
        self as usize
    }
}

/// One measured place.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Across.
    pub x: Spread,
    /// Up.
    pub y: Spread,
}

/// Places that belong together.
#[derive(Clone, Debug)]
pub struct Series {
    /// In the legend.
    pub label: String,
    /// Number of its colour and marker.
    pub look: usize,
    /// From left to right.
    pub samples: Vec<Sample>,
    /// Whether a line joins them.
    pub joined: bool,
}

/// How an axis counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// By powers of ten, written 10⁻³.
    Powers,
    /// By powers of ten, written as seconds, ms, µs, ns.
    Seconds,
    /// By powers of ten, written as B, kB, MB, GB.
    Bytes,
    /// By ratios, ticks at the samples.
    Sizes,
    /// By powers of ten, plain numbers between them.
    Ratios,
    /// By differences, from 0.
    Parts,
    /// Whole numbers, ticks at each.
    Counts,
}

/// One axis.
#[derive(Clone, Debug)]
pub struct Axis {
    /// With its unit.
    pub label: String,
    /// How it counts.
    pub scale: Scale,
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Above it, up to 60 characters.
    pub title: String,
    /// Across.
    pub x: Axis,
    /// Up.
    pub y: Axis,
    /// What is drawn.
    pub series: Vec<Series>,
    /// A horizontal line with its meaning.
    pub line: Option<(f64, String)>,
}

/// A picture and what it says.
#[derive(Clone, Debug)]
pub struct Section {
    /// Of the file and the anchor.
    pub id: &'static str,
    /// The heading.
    pub heading: &'static str,
    /// What is measured.
    pub what: String,
    /// The picture.
    pub chart: Chart,
    /// What is seen, computed from the picture's numbers.
    pub seen: Vec<String>,
}

impl Series {
    /// A series of a method, joined.
    pub fn of(method: Method, samples: Vec<Sample>) -> Self {
        Series { label: method.name().to_string(), look: method.look(), samples, joined: true }
    }

    /// d ln y / d ln x of the last three samples by least squares, where there are three.
    pub fn slope(&self) -> Option<f64> {
        let last = self.samples.len().checked_sub(3).map(|start| &self.samples[start..])?;
        let n = last.len() as f64;
        let logs = |s: &Sample| (s.x.middle.ln(), s.y.middle.ln());
        let sum = last.iter().map(logs).fold((0.0, 0.0), |t, l| (t.0 + l.0, t.1 + l.1));
        let (mx, my) = (sum.0 / n, sum.1 / n);
        let moments = last.iter().map(logs).map(|(x, y)| ((x - mx) * (y - my), (x - mx).powi(2)));
        let (xy, xx) = moments.fold((0.0, 0.0), |t, m| (t.0 + m.0, t.1 + m.1));
        (xx > 0.0).then(|| xy / xx)
    }

    /// The label without what the legend adds.
    pub fn name(&self) -> &str {
        self.label.split(", slope").next().unwrap_or_default()
    }

    /// The sample at x.
    pub fn at(&self, x: f64) -> Option<&Sample> {
        self.samples.iter().find(|s| s.x.middle == x)
    }
}

impl Section {
    /// One line of JSON for each sample.
    pub fn lines(&self) -> Vec<Value> {
        let unit = |axis: &Axis| match axis.scale {
            Scale::Seconds => "s",
            Scale::Bytes => "B",
            _ => "1",
        };
        let spread = |s: Spread| json!({ "median": s.middle, "min": s.low, "max": s.high });
        let mut lines = Vec::new();
        for series in &self.chart.series {
            for s in &series.samples {
                lines.push(json!({
                    "section": self.id, "series": series.name(),
                    "x": spread(s.x), "x_is": self.chart.x.label, "x_unit": unit(&self.chart.x),
                    "y": spread(s.y), "y_is": self.chart.y.label, "y_unit": unit(&self.chart.y),
                }));
            }
        }
        lines
    }
}
