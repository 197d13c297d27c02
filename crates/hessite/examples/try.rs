use hessite::*;
use std::time::Instant;
fn best(mut f: impl FnMut()) -> f64 {
    let mut b = f64::MAX;
    for _ in 0..7 {
        let t = Instant::now();
        let mut k = 0;
        while t.elapsed().as_millis() < 20 {
            f();
            k += 1;
        }
        b = b.min(t.elapsed().as_secs_f64() / k as f64);
    }
    b * 1e6
}
fn main() -> Result<()> {
    let which: Vec<String> = std::env::args().skip(1).collect();
    let ns: Vec<usize> = which.iter().filter_map(|s| s.parse().ok()).collect();
    for n in if ns.is_empty() { vec![4usize, 8, 16, 24, 64, 256] } else { ns } {
        let g = Graph::new();
        let x = g.matrix("X", n, n);
        let y = g.matrix("Y", n, n);
        let f = g.function((x * x * y).norm())?;
        let xs: Vec<f64> = (0..n * n).map(|k| ((k * 7919 + 13) % 101) as f64 / 101.0 - 0.5).collect();
        let ys: Vec<f64> = (0..n * n).map(|k| ((k * 104729 + 7) % 97) as f64 / 97.0 - 0.5).collect();
        let mut at = f.at(&[x.is(&xs), y.is(&ys)])?;
        let mut out = vec![0.0; n * n * 2];
        print!("n={n} update {:.2}", best(|| at.update(&[x.is(&xs), y.is(&ys)]).unwrap()));
        print!(
            " hvp {:.2}",
            best(|| {
                at.update(&[x.is(&xs), y.is(&ys)]).unwrap();
                at.hvp_into(&[x.is(&ys), y.is(&xs)], &mut out).unwrap()
            })
        );
        print!(" hvp_lin {:.2}", best(|| at.hvp_into(&[x.is(&ys), y.is(&xs)], &mut out).unwrap()));
        print!(
            " grad {:.2}",
            best(|| {
                at.update(&[x.is(&xs), y.is(&ys)]).unwrap();
                at.gradient_into(&mut out).unwrap()
            })
        );
        if n <= 24 {
            let mut h = vec![0.0; n * n * n * n];
            for (a, b, name) in [(y, y, "YY"), (x, y, "XY")] {
                print!(
                    " {name} {:.2}",
                    best(|| {
                        at.update(&[x.is(&xs), y.is(&ys)]).unwrap();
                        at.block_into(a, b, &mut h).unwrap()
                    })
                );
                print!(" {name}lin {:.2}", best(|| at.block_into(a, b, &mut h).unwrap()));
            }
        }
        println!();
    }
    if which.iter().any(|w| w == "32") {
        let n = 128;
        let g = Graph::new();
        let x = g.matrix("X", n, n);
        let y = g.matrix("Y", n, n);
        let f = g.function((x * x * y).norm())?;
        let xs: Vec<f64> = (0..n * n).map(|k| ((k * 7919 + 13) % 101) as f64 / 101.0 - 0.5).collect();
        let at = f.at(&[x.is(&xs), y.is(&xs)])?;
        let panel: Vec<f64> =
            (0..2 * n * n * 32).map(|k| ((k * 7919 + 13) % 103) as f64 / 101.0 - 0.5).collect();
        let mut out = vec![0.0; panel.len()];
        println!("hvp32 {:.0}", best(|| at.hvp_many_into(&panel, 32, &mut out).unwrap()));
    }
    Ok(())
}
