use hessite::*;
fn net(mlp: bool, reps: usize, many: bool) -> Result<()> {
    let g = Graph::new();
    let n = if mlp { 4810 } else { 650 };
    let th = g.vector("theta", n);
    let r = |k: usize, m: usize| ((k * 7919 + m) % 1009) as f64 / 1009.0 - 0.5;
    let a0: Vec<f64> = (0..256 * 64).map(|k| r(k, 3)).collect();
    let a = g.data(&nalgebra::DMatrix::from_column_slice(256, 64, &a0));
    let onehot = nalgebra::DMatrix::from_fn(256, 10, |i, j| if (i * 7 + 3) % 10 == j { 1.0 } else { 0.0 });
    let hot = g.data(&onehot);
    let (h, o) = if mlp {
        let w1 = th.rows(0, 4096).reshape(64, 64).transpose();
        let b1 = th.rows(4096, 64).transpose();
        ((a * w1 + b1.broadcast(256, 64)).tanh(), 4160)
    } else {
        (a, 0)
    };
    let w2 = th.rows(o, 640).reshape(10, 64).transpose();
    let b2 = th.rows(o + 640, 10).transpose();
    let z = h * w2 + b2.broadcast(256, 10);
    let loss = (z.row_logsumexp().sum() - z.dot(hot)) * (1.0 / 256.0);
    let f = g.function(loss)?;
    let t0: Vec<f64> = (0..n).map(|k| 0.2 * r(k, 17)).collect();
    let v: Vec<f64> = (0..n * 32).map(|k| r(k, 77)).collect();
    let mut out = vec![0.0; n * 32];
    let mut at = f.at(&[th.is(&t0)])?;
    let mut best = f64::MAX;
    let mut lin = f64::MAX;
    for _ in 0..reps {
        let t = std::time::Instant::now();
        at.update(&[th.is(&t0)])?;
        if many {
            at.hvp_many_into(&v, 32, &mut out)?
        } else {
            at.hvp_into(&[th.is(&v[..n])], &mut out[..n])?
        }
        best = best.min(t.elapsed().as_secs_f64());
        let t = std::time::Instant::now();
        if many {
            at.hvp_many_into(&v, 32, &mut out)?
        } else {
            at.hvp_into(&[th.is(&v[..n])], &mut out[..n])?
        }
        lin = lin.min(t.elapsed().as_secs_f64());
    }
    println!("mlp {mlp} many {many}: {:.1} us, lin {:.1}", best * 1e6, lin * 1e6);
    Ok(())
}
fn main() -> Result<()> {
    let a: Vec<String> = std::env::args().collect();
    match &a[1][..] {
        "mlp" => return net(true, a[2].parse().unwrap(), a.len() > 3),
        "soft" => return net(false, a[2].parse().unwrap(), a.len() > 3),
        _ => {}
    }
    let n: usize = a[2].parse().unwrap();
    let reps: usize = a[3].parse().unwrap();
    let g = Graph::new();
    let x = g.matrix("X", n, n);
    let y = g.matrix("Y", n, n);
    let f = g.function((x * x * y).norm())?;
    let xs: Vec<f64> = (0..n * n).map(|k| ((k * 7919 + 13) % 101) as f64 / 101.0 - 0.5).collect();
    let ys: Vec<f64> = (0..n * n).map(|k| ((k * 104729 + 7) % 97) as f64 / 97.0 - 0.5).collect();
    let mut at = f.at(&[x.is(&xs), y.is(&ys)])?;
    let mut out = vec![0.0; n * n * 2];
    let mut h = vec![0.0; n * n * n * n];
    for _ in 0..reps {
        match &a[1][..] {
            "lin" => at.hvp_into(&[x.is(&ys), y.is(&xs)], &mut out)?,
            "yy" => {
                at.update(&[x.is(&xs), y.is(&ys)])?;
                at.block_into(y, y, &mut h)?
            }
            "xy" => {
                at.update(&[x.is(&xs), y.is(&ys)])?;
                at.block_into(x, y, &mut h)?
            }
            "hvp" => {
                at.update(&[x.is(&xs), y.is(&ys)])?;
                at.hvp_into(&[x.is(&ys), y.is(&xs)], &mut out)?
            }
            _ => {}
        }
    }
    Ok(())
}
