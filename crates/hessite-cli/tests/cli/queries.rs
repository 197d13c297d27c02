//! Expressions, requests and their errors.

use super::*;

#[test]
fn the_value_is_always_printed() {
    assert_eq!(succeeds(&xxy(&[])), "L = norm(X*X*Y) = 54.703748\n");
    assert_eq!(succeeds(&xxy(&["--precision", "12"])), "L = norm(X*X*Y) = 54.703747586431\n");
    assert_eq!(succeeds(&["1+2*3"]), "L = 1+2*3 = 7.000000\n");
    assert_eq!(numbers(&succeeds(&["tanh(x)'", "x=[0;1e4]"])), [1.0, 2.0, 0.0, 1.0]);
}

#[test]
fn an_expression_may_begin_with_a_minus() {
    assert_eq!(succeeds(&["-norm(X)", "X=[3,4]"]), "L = -norm(X) = -5.000000\n");
    assert_eq!(succeeds(&["--", "-X", "X=2"]), "L = -X = -2.000000\n");
    assert_eq!(succeeds(&["-hypot(X,0)", "X=-2"]), "L = -hypot(X,0) = -2.000000\n");
}

#[test]
fn expression_and_matrices_come_in_any_order() {
    assert_eq!(succeeds(&["X=[3,4]", "norm(X)"]), "L = norm(X) = 5.000000\n");
    assert_eq!(
        succeeds(&["--gradient", "a", "b=2", "a*b", "a=3"]).lines().next(),
        Some("L = a*b = 6.000000")
    );
    assert!(fails(&["a=1", "b=2"]).contains("no expression"));
    assert!(fails(&["a", "b", "a=1"]).contains("\"b\": a matrix is given as NAME=FILE"));
    assert!(fails(&["a==1", "a=1"]).contains("column 2: `=`: there are no comparisons"));
}

/// The six indices of d(dZ/dX)/dY for Z = X·X·Y at X = [1, 2; 3, 4].
#[test]
fn second_derivatives_of_a_matrix_have_six_indices() {
    let arguments = ["X*X*Y", "X=[1,2;3,4]", "Y=[.5,-1;1.5,2]", "--second", "X,Y", "--precision", "1"];
    let text = succeeds(&arguments);
    assert!(text.contains("second X,Y   (2x2x2x2x2x2)   T[i,j,k,l,p,q] = d²Z_ij/dX_kl dY_pq"), "{text}");
    assert!(text.contains("T[1,0,1,0,:,:]   T[1,0,1,1,:,:]\n  [ 5.0  0.0 ]     [ 3.0  0.0 ]"), "{text}");
    let json: serde_json::Value =
        serde_json::from_str(&succeeds(&[&arguments[..], &["--format", "json"]].concat())).unwrap();
    let t = &json["results"][0]["entries"];
    let at = |index: [usize; 6]| index.iter().fold(t, |v, &i| &v[i]).as_f64().unwrap();
    // δ_jq (δ_ik X_lp + X_ik δ_lp).
    assert_eq!((at([0, 0, 0, 1, 0, 0]), at([0, 0, 0, 1, 1, 0]), at([0, 1, 0, 1, 1, 1])), (3.0, 5.0, 5.0));
    assert_eq!((at([0, 1, 0, 1, 1, 0]), at([1, 0, 1, 1, 1, 0])), (0.0, 8.0));
    let message = fails(&["X*X*Y", "X=eye(2)", "Y=eye(2)", "--second", "X"]);
    assert!(message.contains("--second X: two variables are needed, as in --second X,Y"), "{message}");
}

/// L = ½ tr X² of a symmetric X: the gradient among symmetric matrices is X, the Hessian by the lower triangle is
/// diag(1, 2, 1).
#[test]
fn matrices_may_have_a_structure() {
    fn of<'a>(more: &[&'a str]) -> Vec<&'a str> {
        [&["tr(X*X)/2 + sum(X*y)", "X=[1,2;2,5]", "y=[0;0]"], more].concat()
    }
    let asked = [
        "--structure",
        "X=symmetric",
        "--gradient",
        "X",
        "--hessian",
        "X",
        "--block",
        "X,X",
        "--hvp",
        "X=[0,1;1,0]",
    ];
    let text = succeeds(&of(&asked));
    assert!(
        text.contains(
            "g[i,j] = dL/dX_ij, among symmetric X\n  [ 1.000000  2.000000 ]\n  [ 2.000000  5.000000 ]"
        ),
        "{text}"
    );
    assert!(text.contains("those of a structure by their independent entries"), "{text}");
    assert!(text.contains("[ 0.000000  2.000000  0.000000 ]"), "{text}");
    assert!(text.contains("H[0,1,:,:]\n") && text.contains("[ 0.000000  0.500000 ]"), "{text}");
    assert!(text.contains("among symmetric X\n  [ 0.000000  1.000000 ]\n  [ 1.000000  0.000000 ]"), "{text}");
    for (more, part) in [
        (
            &["--structure", "X=triangular"][..],
            "--structure X=triangular: the kind is symmetric, skew, lower, diagonal or posdef",
        ),
        (&["--structure", "X"], "a name and a kind are needed"),
        (&["--structure", "Z=skew"], "no matrix \"Z\" is given"),
        (&["--structure", "y=skew"], "y is 2x1, and a square matrix is needed"),
        (&["--structure", "X=symmetric,X=skew"], "X has one already"),
        (&["--structure", "X=skew"], "X is declared skew-symmetric, and entry (0, 0) is 1, not 0"),
        (
            &["--structure", "X=symmetric", "--second", "X,y"],
            "--second X,y: of matrices without --structure only",
        ),
        (
            &["--structure", "X=symmetric", "--hvp", "X=[0,1;0,0]"],
            "X is declared symmetric, and entry (0, 1) is 1",
        ),
    ] {
        let message = fails(&of(more));
        assert!(message.contains(part), "{message}");
    }
}

/// ln det A = 2 Σ ln Lᵢᵢ is linear in the coordinates; tr A = Σ Lᵢⱼ² has 4 Lᵢᵢ² on the diagonal of its Hessian and 2 below.
#[test]
fn a_positive_definite_matrix_is_differentiated_by_its_coordinates() {
    let given = ["A=[4,2;2,10]", "--structure", "A=posdef", "--gradient", "A", "--format", "json"];
    let json = |of: &str, more: &[&str]| -> serde_json::Value {
        serde_json::from_str(&succeeds(&[&[of], &given[..], more].concat())).unwrap()
    };
    fn flat(of: &serde_json::Value) -> Vec<f64> {
        match of.as_array() {
            Some(list) => list.iter().flat_map(flat).collect(),
            None => vec![(of.as_f64().unwrap() * 1e9).round() / 1e9],
        }
    }
    let entries = |all: &serde_json::Value, k: usize| flat(&all["results"][k]["entries"]);
    let log = json("logdet(A)", &[]);
    assert_eq!(entries(&log, 0), [2.0, 0.0, 2.0]);
    let index = log["results"][0]["index"].as_str().unwrap();
    assert!(index.contains("A = L Lᵀ by L_ij below and ln L_ii on the diagonal"), "{index}");
    // L = [2, 0; 1, 3].
    let trace = json("tr(A)", &["--hessian", "A", "--block", "A,A", "--hvp", "A=[1;1;1]"]);
    assert_eq!(entries(&trace, 0), [8.0, 2.0, 18.0]);
    let hessian = [16.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 36.0];
    let all = trace["results"].as_array().unwrap().len();
    let found: Vec<Vec<f64>> = (1..all).map(|k| entries(&trace, k)).collect();
    assert_eq!(found, [hessian.to_vec(), hessian.to_vec(), vec![16.0, 2.0, 36.0]]);
    let message = fails(&[&["tr(A)"], &given[..], &["--hvp", "A=[1,0;0,1]"]].concat());
    assert!(message.contains("the direction is 2x2, A has the coordinates 3x1"), "{message}");
    let message = fails(&["tr(A)", "A=[1,2;2,1]", "--structure", "A=posdef"]);
    assert!(message.contains("A is declared positive definite"), "{message}");
}

#[test]
fn gradients_blocks_hessian_and_products_agree() {
    let json = |more: &[&str]| -> serde_json::Value {
        serde_json::from_str(&succeeds(&xxy(&[more, &["--format", "json"]].concat()))).unwrap()
    };
    let all = json(&[
        "--gradient",
        "X,Y",
        "--block",
        "X,Y",
        "--block",
        "Y,X",
        "--hessian",
        "X,Y",
        "--hvp",
        "X=[0,0;0,0]",
        "--hvp",
        "Y=[0,1;0,0]",
        "--jacobian",
        "X",
    ]);
    let results = all["results"].as_array().unwrap();
    let kinds: Vec<&str> = results.iter().map(|r| r["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["gradient", "gradient", "block", "block", "hessian", "hvp", "hvp", "jacobian"]);
    let at = |k: usize, index: &[usize]| -> f64 {
        index.iter().fold(&results[k]["entries"], |v, &i| &v[i]).as_f64().unwrap()
    };
    assert!((at(2, &[0, 0, 0, 0]) - 3.4885).abs() < 1e-4);
    let sides = [0, 1].into_iter();
    for (i, j) in sides.clone().flat_map(|i| [(i, 0), (i, 1)]) {
        assert_eq!(at(7, &[0, 0, i, j]), at(0, &[i, j]), "the Jacobian of a scalar is its gradient");
        assert!((at(5, &[i, j]) - at(2, &[i, j, 0, 1])).abs() < 1e-13, "H·v reads column (0, 1)");
        for (k, l) in sides.clone().flat_map(|k| [(k, 0), (k, 1)]) {
            assert!((at(2, &[i, j, k, l]) - at(3, &[k, l, i, j])).abs() < 1e-13);
            // The Hessian is stacked column by column.
            assert!((at(2, &[i, j, k, l]) - at(4, &[i + 2 * j, 4 + k + 2 * l])).abs() < 1e-13);
        }
    }
    // Σ_k H[i,j,k,k] and Σ_i H[i,i,k,l] of the trace tricks.
    let expected = [[2.7769, 4.2288], [4.5944, 7.5015]];
    let other = [[5.1524, 3.6153], [7.3245, 5.1260]];
    for (i, j) in sides.clone().flat_map(|i| [(i, 0), (i, 1)]) {
        assert!((at(2, &[i, j, 0, 0]) + at(2, &[i, j, 1, 1]) - expected[i][j]).abs() < 6e-5);
        assert!((at(2, &[0, 0, i, j]) + at(2, &[1, 1, i, j]) - other[i][j]).abs() < 6e-5);
    }
}

#[test]
fn the_text_shows_blocks_with_their_convention() {
    let text = succeeds(&xxy(&["--block", "X,Y", "--precision", "4"]));
    assert!(text.contains("block X,Y   (2x2x2x2)   H[i,j,k,l] = d²L/dX_ij dY_kl"), "{text}");
    assert!(text.contains("H[0,0,:,:]") && text.contains("3.4885"), "{text}");
    let long = succeeds(&["norm(x)", "x=ones(300,1)", "--block", "x,x"]);
    assert!(long.contains('…') && long.contains("--full") && long.lines().count() < 40);
    assert!(long.lines().all(|l| l.chars().count() <= 100), "{long}");
    let full = succeeds(&["norm(x)", "x=ones(300,1)", "--block", "x,x", "--full"]);
    assert_eq!(full.lines().filter(|l| l.contains('[') && !l.contains("block")).count(), 300);
}

#[test]
fn constants_are_not_differentiated() {
    let args =
        ["norm2(A*x-b)/2", "A=[1,2;3,4;5,6]", "x=[1;1]", "b=[1;2;3]", "--data", "A,b", "--hessian", "all"];
    let text = succeeds(&args);
    // AᵀA
    assert!(text.contains("hessian x   (2x2)") && text.contains("[ 35.000000  44.000000 ]"), "{text}");
    let error = fails(&["norm(A*x)", "A=[1,2]", "x=[1;1]", "--data", "A", "--gradient", "A"]);
    assert!(error.contains("A is --data, a constant"), "{error}");
}

#[test]
fn a_bare_direction_belongs_to_the_only_variable() {
    let text = succeeds(&["sum(x.^3)", "x=[1;2]", "--hvp", "[1;1]"]);
    assert!(text.contains("6.000000") && text.contains("12.000000"), "{text}");
    assert!(fails(&xxy(&["--hvp", "[1,2,3]"])).contains("neither a vector of all 8 entries stacked nor"));
    assert!(fails(&xxy(&["--hvp", "X=[1,0]"])).contains("the direction is 1x2, X is 2x2"));
    assert!(fails(&xxy(&["--hvp", "X=eye(2)", "--hvp", "X=eye(2)"])).contains("two directions"));
    assert!(fails(&xxy(&["--hvp", "Z=eye(2)"])).contains("no matrix \"Z\""));
}

#[test]
fn a_bare_direction_among_several_variables_is_stacked_or_goes_by_its_shape() {
    let named = succeeds(&xxy(&["--hvp", "X=[1,2;3,4]", "--hvp", "Y=[5,6;7,8]"]));
    assert_eq!(succeeds(&xxy(&["--hvp", "[1;3;2;4;5;7;6;8]"])), named);
    assert_eq!(
        succeeds(&["sum(x)*sum(Y)^2", "x=[1;2;3]", "Y=[1,2;3,4]", "--hvp", "[1,0;0,0]"]),
        succeeds(&["sum(x)*sum(Y)^2", "x=[1;2;3]", "Y=[1,2;3,4]", "--hvp", "Y=[1,0;0,0]"])
    );
    let said = hessite(&xxy(&["--hvp", "[1,0;0,0]"]));
    assert_eq!((said.code, said.out), (Some(0), succeeds(&xxy(&["--hvp", "X=[1,0;0,0]"]))));
    assert!(said.err.contains("taken as the direction of X; for Y write --hvp Y="), "{}", said.err);
}

#[test]
fn errors_have_exit_code_2_and_a_caret() {
    let error = fails(&["norm(X*Y)", "X=ones(3,2)", "Y=eye(4)"]);
    assert_eq!(error, "error: column 7: X*Y: X is 3x2, Y is 4x4 (inner 2 != 4)\n  norm(X*Y)\n        ^\n");
    for (args, part) in [
        (&["norm(X*", "X=1"][..], "column 8: the expression ends"),
        (&["norm(X)"], "no value for `X`"),
        (&["X", "X"], "NAME=FILE or NAME=VALUE"),
        (&["X", "X=1", "X=2"], "X is given twice"),
        (&["X", "X=1", "--gradient", "Y"], "no matrix \"Y\" is given"),
        (&["norm(theta)", "theta=1", "--gradient", "tehta"], "did you mean theta?"),
        (&["X", "X=1", "--block", "X"], "two variables are needed"),
        (
            &["X", "X=eye(2)", "--gradient", "X"],
            "needs a scalar expression; this one is 2x2. Use --jacobian or --second",
        ),
        (
            &["norm(X)", "X=ones(100,1)", "--block", "X,X", "--budget", "1KiB"],
            "over the budget of 1.0 KiB; instead: --hvp",
        ),
        (&["log(X)", "X=-1"], "column 1: the value is not finite: this gives NaN"),
        (
            &["1+sum(sqrt(X))", "X=[0,1]", "--gradient", "X"],
            "column 7: the gradient is not finite: this gives inf",
        ),
        (&["sum(abs(X))", "X=[0,1]", "--mode", "strict"], "column 5: not differentiable here"),
        (&["X", "X=1", "--format", "npy"], "--out"),
        (&["X", "X=1", "--budget", "much"], "unknown unit"),
        (&["X", "X=1", "--threads", "0"], "0"),
        (&["X", "X=1", "--nonsense"], "--nonsense"),
    ] {
        let error = fails(args);
        assert!(error.contains(part), "{args:?}: {error}");
        assert!(!error.contains(".rs:"), "a line of Rust means nothing here: {error}");
    }
}

#[test]
fn a_matrix_that_is_not_used_is_noted() {
    let said = hessite(&["norm(X)", "X=1", "W=2"]);
    assert_eq!(said.code, Some(0));
    assert_eq!(said.err, "note: W is not in the expression; its derivatives are zero\n");
}

#[test]
fn ieee_mode_lets_infinities_pass() {
    assert_eq!(succeeds(&["log(X)", "X=0", "--mode", "ieee"]), "L = log(X) = -inf\n");
    let json = succeeds(&["log(X)", "X=0", "--mode", "ieee", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(json["value"].is_null());
}

#[test]
fn results_are_the_same_for_any_number_of_threads() {
    let run = |n: &str| {
        let args =
            ["norm(X*X*Y)", "X=eye(30)+ones(30)/7", "Y=ones(30,4)", "--block", "X,Y", "--format", "json"];
        succeeds(&[&args[..], &["--threads", n]].concat())
    };
    assert_eq!(run("1"), run("3"));
}

#[test]
fn a_check_that_passes_has_exit_code_0() {
    let said = hessite(&xxy(&["--check"]));
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("ertificate"), "{}", said.out);
    let said = hessite(&xxy(&["--check", "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["check"]["passed"], true);
}

#[test]
fn a_check_that_fails_has_exit_code_1_and_shows_the_kink() {
    // The gradient of relu at 0 is the selected 1; differences give 1/2.
    for more in [&[][..], &["--format", "json"]] {
        let said = hessite(&[&["sum(relu(X))", "X=[0,1]", "--check"][..], more].concat());
        assert_eq!((said.code, &said.err[..]), (Some(1), ""), "{}", said.out);
        assert!(said.out.contains("kink") && !said.out.contains(".rs"), "{}", said.out);
    }
    let said = hessite(&["sum(relu(X))", "X=[0,1]", "--check"]);
    assert!(said.out.contains("  column 5: not differentiable here, at entry (0, 0)\n"), "{}", said.out);
    assert!(said.out.contains("    sum(relu(X))\n        ^^^^\n"), "{}", said.out);
    assert!(said.out.lines().all(|l| l.chars().count() <= 100), "{}", said.out);
}

#[test]
fn the_cost_is_estimated() {
    let text = succeeds(&xxy(&["--estimate"]));
    assert!(text.contains("variables") && text.contains("512 bytes"), "{text}");
}

#[test]
fn a_long_expression_is_evaluated_and_shown_short() {
    // Longer arguments are refused by the system, at 128 KiB.
    let sum = vec!["X"; 60_000].join("+");
    let text = succeeds(&[&sum, "X=1", "--gradient", "X"]);
    assert!(text.starts_with("L = X+X+") && text.contains('…') && text.contains("60000.000000"), "{text}");
}

#[test]
fn an_operation_without_a_result_is_pointed_at() {
    for (expression, a, column, why) in [
        (r"1 + sum(A\[1;2])", "A=[1,2;2,4]", "column 10", "singular"),
        ("logdet(A)", "A=[1,2;2,1]", "column 1", "needs a positive determinant, not -3"),
        ("2*sum(chol(A))", "A=[1,2;2,1]", "column 7", "leading minor of size 2"),
        ("sum(chol(A))", "A=[3,2;1,3]", "column 5", "not symmetric"),
        ("sum(pinv(A))", "A=[1,2;2,4]", "column 5", "rank 1"),
    ] {
        let message = fails(&[expression, a, "--gradient", "A"]);
        assert!(message.contains(column) && message.contains(why), "{expression}: {message}");
    }
    // The value is there; only the derivative is not.
    let message = fails(&["logabsdet(A)", "A=[1,2;2,4]", "--gradient", "A", "--mode", "ieee"]);
    assert!(message.contains("singular"), "{message}");
}
