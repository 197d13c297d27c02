//! A chart as SVG: wide enough that its letters can be read when a phone shrinks it to half.

use super::Error;
use super::chart::{Axis, Chart, Sample, Scale, Series, Spread};
use super::words;
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use std::ops::Range;

const WIDTH: u32 = 760;
const PLOT: u32 = 490;
const ROW: u32 = 34;
const FONT: &str = "sans-serif";
const BLACK: RGBColor = RGBColor(0, 0, 0);

/// Okabe and Ito's palette, yellow left out, which is too light on white.
const BLUE: RGBColor = RGBColor(0, 114, 178);
const SKY: RGBColor = RGBColor(86, 180, 233);
const VERMILLION: RGBColor = RGBColor(213, 94, 0);
const PURPLE: RGBColor = RGBColor(204, 121, 167);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const ORANGE: RGBColor = RGBColor(230, 159, 0);

#[derive(Clone, Copy)]
enum Marker {
    Disc,
    Ring,
    Square,
    Triangle,
    Cross,
}

/// Colour, marker, and whether lines are dashed, in the order of [`Method`](super::chart::Method).
const LOOKS: [(RGBColor, Marker, bool); 11] = [
    (BLUE, Marker::Disc, false),
    (SKY, Marker::Ring, true),
    (BLACK, Marker::Square, false),
    (VERMILLION, Marker::Triangle, false),
    (ORANGE, Marker::Ring, true),
    (PURPLE, Marker::Square, false),
    (BLACK, Marker::Ring, true),
    (GREEN, Marker::Cross, false),
    (ORANGE, Marker::Disc, false),
    (GREEN, Marker::Ring, true),
    (PURPLE, Marker::Cross, true),
];

/// An axis with its ends and ticks.
struct Ticks {
    ends: Range<f64>,
    ratios: bool,
    at: Vec<f64>,
}

impl Ticks {
    fn new(axis: &Axis, values: &[Spread], line: Option<f64>) -> Self {
        let all = values.iter().flat_map(|s| [s.low, s.high]).chain(line);
        let (low, high) = all.fold((f64::INFINITY, 0.0f64), |(l, h), v| (l.min(v), h.max(v)));
        match axis.scale {
            Scale::Powers | Scale::Seconds | Scale::Bytes => Self::powers(low, high),
            Scale::Ratios => Self::ratios(low, high),
            Scale::Sizes => {
                let mut at: Vec<f64> = values.iter().map(|s| s.middle).collect();
                at.sort_by(f64::total_cmp);
                at.dedup();
                Ticks { ends: low / 1.25..high * 1.25, ratios: true, at }
            }
            Scale::Parts => {
                let step = [0.1, 0.25, 0.5, 1.0, 2.0, 5.0]
                    .into_iter()
                    .find(|s| high / s <= 6.0)
                    .unwrap_or(high / 5.0);
                let count = (high / step).ceil() as usize;
                let at = (0..=count).map(|k| k as f64 * step).collect();
                Ticks { ends: 0.0..count as f64 * step, ratios: false, at }
            }
            Scale::Counts => {
                let (first, last) = (low.round(), high.round());
                let at = (0..=(last - first) as usize).map(|k| first + k as f64).collect();
                Ticks { ends: first - 0.3..last + 0.3, ratios: false, at }
            }
        }
    }

    /// Whole decades, at most eight of them with a tick, of which the first and last are at the ends.
    fn powers(low: f64, high: f64) -> Self {
        let first = low.log10().floor() as i32;
        let decades = (high.log10().ceil() as i32 - first).max(1);
        let step = decades.unsigned_abs().div_ceil(8);
        let last = first + (decades.unsigned_abs().div_ceil(step) * step) as i32;
        let at = (first..=last).step_by(step as usize).map(|k| 10f64.powi(k)).collect();
        Ticks { ends: 10f64.powi(first)..10f64.powi(last), ratios: true, at }
    }

    /// 1, 2 and 5 in each decade, or every decade where there are many.
    fn ratios(low: f64, high: f64) -> Self {
        if high / low > 1e3 {
            return Self::powers(low, high);
        }
        let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
        let all: Vec<f64> = (first..=last).flat_map(|k| [1.0, 2.0, 5.0].map(|m| m * 10f64.powi(k))).collect();
        let below = all.iter().copied().filter(|t| *t <= low).fold(all[0], f64::max);
        let above = all.iter().copied().filter(|t| *t >= high).fold(all[all.len() - 1], f64::min);
        let at = all.into_iter().filter(|t| (below..=above).contains(t)).collect();
        Ticks { ends: below..above, ratios: true, at }
    }
}

impl Ranged for Ticks {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let f = |x: f64| if self.ratios { x.max(f64::MIN_POSITIVE).ln() } else { x };
        let part = (f(*value) - f(self.ends.start)) / (f(self.ends.end) - f(self.ends.start));
        limit.0 + (f64::from(limit.1 - limit.0) * part).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.at.clone()
    }

    fn range(&self) -> Range<f64> {
        self.ends.clone()
    }
}

impl ValueFormatter<f64> for Ticks {
    fn format(value: &f64) -> String {
        value.to_string()
    }
}

fn tick(scale: Scale, value: f64) -> String {
    match scale {
        Scale::Powers => words::ten(value.log10().round() as i32),
        Scale::Seconds => {
            let k = value.log10().round() as i32;
            let unit = ["s", "ms", "µs", "ns"][(-k.div_euclid(3)).clamp(0, 3) as usize];
            let group = (-k.div_euclid(3)).clamp(0, 3);
            format!("{} {unit}", 10f64.powi(k + 3 * group))
        }
        Scale::Bytes => {
            let k = value.log10().round() as i32;
            let group = k.div_euclid(3).clamp(0, 3);
            format!("{} {}", 10f64.powi(k - 3 * group).round(), ["B", "kB", "MB", "GB"][group as usize])
        }
        Scale::Sizes | Scale::Counts => format!("{value}"),
        // Rounded, as 5·10⁻¹ is not quite ½.
        Scale::Ratios => format!("{}", (value * 1e4).round() / 1e4),
        Scale::Parts => format!("{value:.2}"),
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plane<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Ticks, Ticks>>;

/// Draws it.
///
/// # Errors
/// A number that is not finite, which would be left out of a picture in silence; what plotters refuses.
pub fn svg(chart: &Chart) -> Result<String, Error> {
    for series in &chart.series {
        let numbers = series.samples.iter().flat_map(|s| [s.x, s.y]).flat_map(|s| [s.low, s.middle, s.high]);
        if let Some(odd) = numbers.into_iter().find(|v| !v.is_finite()) {
            return Err(format!("{}: {} has a sample of {odd}", chart.title, series.label).into());
        }
    }
    let mut text = String::new();
    let rows = chart.series.len().div_ceil(2) + usize::from(chart.line.is_some());
    {
        let root =
            SVGBackend::with_string(&mut text, (WIDTH, PLOT + ROW * rows as u32 + 12)).into_drawing_area();
        root.fill(&WHITE)?;
        let (above, below) = root.split_vertically(PLOT);
        plot(chart, &above)?;
        legend(chart, &below)?;
        root.present()?;
    }
    Ok(text)
}

fn plot(chart: &Chart, area: &Area<'_>) -> Result<(), Error> {
    let samples = || chart.series.iter().flat_map(|s| &s.samples);
    let xs: Vec<Spread> = samples().map(|s| s.x).collect();
    let ys: Vec<Spread> = samples().map(|s| s.y).collect();
    let x = Ticks::new(&chart.x, &xs, None);
    let y = Ticks::new(&chart.y, &ys, chart.line.as_ref().map(|l| l.0));
    let ends = x.ends.clone();
    let mut plane = ChartBuilder::on(area)
        .caption(&chart.title, (FONT, 25))
        .margin(12)
        .margin_right(36)
        .x_label_area_size(70)
        .y_label_area_size(112)
        .build_cartesian_2d(x, y)?;
    let (xs, ys) = (chart.x.scale, chart.y.scale);
    plane
        .configure_mesh()
        .x_label_formatter(&move |v: &f64| tick(xs, *v))
        .y_label_formatter(&move |v: &f64| tick(ys, *v))
        .x_desc(&chart.x.label)
        .y_desc(&chart.y.label)
        .label_style((FONT, 21))
        .axis_desc_style((FONT, 22))
        .bold_line_style(RGBColor(221, 221, 221))
        .light_line_style(TRANSPARENT)
        .draw()?;
    if let Some((at, _)) = chart.line {
        let line = [(ends.start, at), (ends.end, at)];
        plane.draw_series([DashedPathElement::new(line, 3, 4, BLACK.stroke_width(2))])?;
    }
    for series in &chart.series {
        draw(series, area, &mut plane)?;
    }
    Ok(())
}

fn look(series: &Series) -> (RGBColor, Marker, bool) {
    LOOKS[series.look % LOOKS.len()]
}

fn draw(series: &Series, area: &Area<'_>, plane: &mut Plane<'_, '_>) -> Result<(), Error> {
    let (colour, marker, dashed) = look(series);
    let middle = |s: &Sample| (s.x.middle, s.y.middle);
    let style = colour.stroke_width(if series.look == 0 { 3 } else { 2 });
    if series.joined {
        let line: Vec<_> = series.samples.iter().map(middle).collect();
        if dashed {
            plane.draw_series([DashedPathElement::new(line, 9, 5, style)])?;
        } else {
            plane.draw_series([PathElement::new(line, style)])?;
        }
    }
    for s in &series.samples {
        let bars = [
            [(s.x.middle, s.y.low), (s.x.middle, s.y.high)],
            [(s.x.low, s.y.middle), (s.x.high, s.y.middle)],
        ];
        let bars = bars.into_iter().filter(|b| b[0] != b[1]);
        plane.draw_series(bars.map(|b| PathElement::new(b.to_vec(), style)))?;
        mark(area, plane.backend_coord(&middle(s)), marker, colour)?;
    }
    Ok(())
}

fn mark(area: &Area<'_>, at: (i32, i32), marker: Marker, colour: RGBColor) -> Result<(), Error> {
    let (x, y) = at;
    match marker {
        Marker::Disc => area.draw(&Circle::new(at, 6, colour.filled())),
        Marker::Ring => area.draw(&Circle::new(at, 6, colour.stroke_width(2))),
        Marker::Square => area.draw(&Rectangle::new([(x - 5, y - 5), (x + 5, y + 5)], colour.filled())),
        Marker::Triangle => area.draw(&TriangleMarker::new(at, 8, colour.filled())),
        Marker::Cross => area.draw(&Cross::new(at, 6, colour.stroke_width(3))),
    }?;
    Ok(())
}

fn legend(chart: &Chart, area: &Area<'_>) -> Result<(), Error> {
    let place =
        |k: usize| (24 + (k % 2) as i32 * (WIDTH as i32 / 2), ROW as i32 / 2 + (k / 2) as i32 * ROW as i32);
    for (k, series) in chart.series.iter().enumerate() {
        let ((x, y), (colour, marker, dashed)) = (place(k), look(series));
        let line = vec![(x, y), (x + 36, y)];
        if !series.joined {
        } else if dashed {
            area.draw(&DashedPathElement::new(line, 9, 5, colour.stroke_width(2)))?;
        } else {
            area.draw(&PathElement::new(line, colour.stroke_width(2)))?;
        }
        mark(area, (x + 18, y), marker, colour)?;
        area.draw(&Text::new(series.label.clone(), (x + 46, y - 10), (FONT, 20)))?;
    }
    if let Some((_, meaning)) = &chart.line {
        let (x, y) = place(2 * chart.series.len().div_ceil(2));
        let line = [(x, y), (x + 36, y)];
        area.draw(&DashedPathElement::new(line, 3, 4, BLACK.stroke_width(2)))?;
        area.draw(&Text::new(meaning.clone(), (x + 46, y - 10), (FONT, 20)))?;
    }
    Ok(())
}
