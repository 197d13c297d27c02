use hessite::*;
use std::time::Instant;
fn main() -> Result<()> {
    let g = Graph::new();
    let x = g.matrix("X", 2, 2);
    let y = g.matrix("Y", 2, 2);
    let f = g.function((x * x * y).norm())?;
    let at = f.at(&[x.is(&[1.0, 3.0, 2.0, 4.0]), y.is(&[0.5, 1.5, -1.0, 2.0])])?;
    println!("{}", at.value());
    println!("{}", at.gradient()?);
    let h = at.block(x, y)?;
    println!("{}", h);
    println!("{}", at.block(y, y)?);
    println!("{}", at.hessian(&[x, y])?);
    println!("third {}", at.third(&[x.is(&[1.0, 0.0, 0.0, 0.0])], &[y.is(&[1.0, 0.0, 0.0, 0.0])])?);
    for n in [4usize, 8, 16, 24, 64, 256] {
        let t = Instant::now();
        let g = Graph::new();
        let x = g.matrix("X", n, n);
        let y = g.matrix("Y", n, n);
        let f = g.function((x * x * y).norm())?;
        let setup = t.elapsed();
        let xs: Vec<f64> = (0..n * n).map(|k| ((k * 7919 + 13) % 101) as f64 / 101.0 - 0.5).collect();
        let ys: Vec<f64> = (0..n * n).map(|k| ((k * 104729 + 7) % 97) as f64 / 97.0 - 0.5).collect();
        let mut at = f.at(&[x.is(&xs), y.is(&ys)])?;
        let mut out = vec![0.0; n * n * 2];
        let mut best = f64::MAX;
        for _ in 0..20 {
            let t = Instant::now();
            at.update(&[x.is(&xs), y.is(&ys)])?;
            at.hvp_into(&[x.is(&ys), y.is(&xs)], &mut out)?;
            best = best.min(t.elapsed().as_secs_f64());
        }
        print!("n={n} setup {:?} hvp {:.2}us", setup, best * 1e6);
        if n <= 24 {
            let mut h = vec![0.0; n * n * n * n];
            for (a, b) in [(y, y), (x, y)] {
                let mut best = f64::MAX;
                for _ in 0..20 {
                    let t = Instant::now();
                    at.update(&[x.is(&xs), y.is(&ys)])?;
                    at.block_into(a, b, &mut h)?;
                    best = best.min(t.elapsed().as_secs_f64());
                }
                print!(" block {:.2}us", best * 1e6);
            }
        }
        println!();
    }
    Ok(())
}
