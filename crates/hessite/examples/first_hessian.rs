//! The example of the README: second derivatives of L = ‖XXY‖, the Frobenius norm.

use hessite::Graph;

fn main() -> hessite::Result<()> {
    let g = Graph::new();
    let x = g.matrix("X", 2, 2);
    let y = g.matrix("Y", 2, 2);
    let f = g.function((x * x * y).norm())?; // recorded, differentiated and planned once
    let at = f.at(&[x.is(&[1.0, 3.0, 2.0, 4.0]), y.is(&[0.5, 1.5, -1.0, 2.0])])?; // entries column by column
    println!("L = {:.4}", at.value());
    println!("{}", at.block(y, y)?); // d²L/dY²
    println!("{}", at.block(x, y)?); // d/dX[dL/dY]
    println!("{:.4}", at.hvp(&[y.is(&[1.0, 0.0, 0.0, 0.0])])?["X"]); // one direction, no matrix of the Hessian
    Ok(())
}
