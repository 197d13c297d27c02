use super::*;

#[test]
fn parse_errors_point_at_the_column() {
    for (text, column, part) in [
        ("", 1, "empty"),
        ("   ", 4, "empty"),
        ("a+", 3, "ends where an operand"),
        ("a*/b", 3, "found `/`"),
        ("(a+b", 1, "`(` is never closed"),
        ("f(a, (b)", 2, "`(` is never closed"),
        ("[1, 2", 1, "`[` is never closed"),
        ("a)", 2, "unexpected `)`"),
        ("(a]", 3, "unexpected `]`"),
        ("a b", 3, "operator is missing before `b`"),
        ("a (b", 3, "never closed"),
        ("2x", 1, "write 2*x"),
        ("1 2", 3, "operator is missing"),
        ("a, b", 2, "unexpected `,`"),
        ("a; b", 2, "rows of a matrix"),
        ("f(a,)", 5, "found `)`"),
        ("a ** b", 3, "**"),
        ("a == b", 3, "comparisons"),
        ("a # b", 3, "unexpected character"),
        ("é + ?", 5, "unexpected character"),
        ("norm(a, 'fro)", 9, "quote is never closed"),
        ("1e999", 1, "larger than a double"),
        ("[[1,2],[3,4]]", 1, "NumPy"),
        ("1..2", 3, "operator is missing"),
    ] {
        let (at, message) = match parse(text) {
            Err(e) => (e.column(), e.message),
            Ok(_) => panic!("{text} parses"),
        };
        assert_eq!(at, column, "{text}: {message}");
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn errors_of_shape_name_the_operands_and_point_at_the_operator() {
    let (x, y, v) = (DMatrix::zeros(3, 2), DMatrix::zeros(4, 4), DMatrix::zeros(3, 1));
    for (text, column, expected) in [
        ("norm(X*Y)", 7, "X*Y: X is 3x2, Y is 4x4 (inner 2 != 4)"),
        ("X*X", 2, "X*X: X is 3x2 (inner 2 != 3)"),
        ("X + Y", 3, "X+Y: X is 3x2, Y is 4x4 (the shapes must be equal, or 1 where they differ)"),
        ("X.*X'", 2, "X.*X': X is 3x2, X' is 2x3 (the shapes must be equal, or 1 where they differ)"),
        (
            "(X+1)/Y",
            6,
            "(X+1)/Y: (X+1) is 3x2, Y is 4x4 (the divisor must be a scalar or square with as many columns; ./ divides entry by entry)",
        ),
        ("X^2", 2, "X^2: X is 3x2 (a square matrix is needed; .^ takes powers of the entries)"),
        ("Y^0.5", 2, "Y^0.5: Y is 4x4 (the exponent must be an integer; .^ takes powers of the entries)"),
        ("Y\\X", 2, "Y\\X: Y is 4x4, X is 3x2 (4 rows != 3)"),
        (
            "1/v",
            2,
            "1/v: v is 3x1 (the divisor must be a scalar or square with as many columns; ./ divides entry by entry)",
        ),
        ("solve(Y,X)", 1, "solve: Y is 4x4, X is 3x2 (4 rows != 3)"),
        ("inv(X)", 1, "inv: X is 3x2 (a square matrix is needed)"),
        ("logdet(X)", 1, "logdet: X is 3x2 (a square matrix is needed)"),
        ("solve_spd(X,X)", 1, "solve_spd: X is 3x2 (a square matrix is needed)"),
        ("qr_q(X')", 1, "qr_q: X' is 2x3 (as many rows as columns or more are needed)"),
        (
            "Y^v",
            2,
            "Y^v: Y is 4x4, v is 3x1 (the exponent must be a constant; .^ takes powers of the entries)",
        ),
        ("tr(X)", 1, "tr: X is 3x2 (a square matrix is needed)"),
        ("1+dot(X,Y)", 3, "dot: X is 3x2, Y is 4x4 (the shapes must be equal)"),
        ("hypot(X,Y)", 1, "hypot: X is 3x2, Y is 4x4 (the shapes must be equal, or 1 where they differ)"),
        ("[X, Y]", 5, "X is 3x2, Y is 4x4 (rows 3 != 4)"),
        ("[X; v]", 5, "X is 3x2, v is 3x1 (columns 2 != 1)"),
        ("[1, 2; 3]", 8, "1, 2 is 1x2, 3 is 1x1 (columns 2 != 1)"),
        ("reshape(X,4,2)", 1, "reshape: X is 3x2 (6 entries don't make 4x2)"),
        ("diag(X)", 1, "diag: X is 3x2 (a vector or a square matrix is needed)"),
        ("broadcast(X,3,4)", 1, "broadcast: X is 3x2 (it can't be repeated to 3x4)"),
        ("max(zeros(0,2))", 1, "max: zeros(0,2) is 0x2 (an empty matrix has none)"),
        (
            "select(X,Y,v)",
            1,
            "select: X is 3x2, Y is 4x4, v is 3x1 (the shapes must be equal, or 1 where they differ)",
        ),
    ] {
        assert_eq!(error(text, &[("X", &x), ("Y", &y), ("v", &v)]), (column, expected.to_string()), "{text}");
    }
}

#[test]
fn errors_of_names_and_arguments_say_what_to_do() {
    let x = DMatrix::zeros(2, 2);
    for (text, column, part) in [
        ("X+Z", 3, "no value for `Z`; add Z=FILE"),
        ("x*2", 1, "did you mean `X`?"),
        ("sin", 1, "is a function; write sin(...)"),
        ("nrom(X)", 1, "did you mean `norm`?"),
        ("frobnicate(X)", 1, "`hessite functions` lists them"),
        ("X(1,2)", 1, "entries are not picked"),
        ("1+sin(X,X)", 3, "sin(X) takes 1 argument, got 2"),
        ("hypot(X)", 1, "hypot(X, Y) takes 2 arguments, got 1"),
        ("clamp(X,0)", 1, "takes 3 arguments, got 2"),
        ("clamp(X,1,0)", 1, "must not be above"),
        ("sum(X,3)", 7, "1 (down each column) or 2"),
        ("logm(ones(2,3))", 1, "a square matrix is needed"),
        ("norm(X,'spec')", 8, "'fro', 'nuc', 1, 2 or inf"),
        ("norm(X,0.5)", 8, "another number from 1 on"),
        ("select_rows(X,2)", 15, "there are 2, counted from 0"),
        ("select_columns(X,[0,0.5])", 18, "an index is a constant"),
        ("gather(X,X)", 10, "an index is a constant"),
        ("cross(X,X)", 1, "two columns or two rows of 3"),
        ("conv(X,X)", 1, "two vectors"),
        ("conv([1,2],[1,2,3],'valid')", 1, "longer"),
        ("conv([1,2],[1,2],'big')", 18, "'full', 'same' or 'valid'"),
        ("quadform(X,[1,2])", 1, "a square matrix"),
        ("eye(X)", 5, "a size is needed"),
        ("eye(-1)", 5, "a size is needed"),
        ("eye(1.5)", 5, "a size is needed"),
        ("'fro'", 1, "an option of a function"),
        ("X+'fro'", 3, "an option of a function"),
        ("1/0", 2, "1 / 0 is inf"),
        ("(0-8)^0.5", 6, "-8 ^ 0.5 is NaN"),
        ("ones(100000)", 1, "over the budget of 1.0 GiB"),
        ("ones(100000,1)*ones(1,100000)", 15, "over the budget"),
        ("ones(4000000000,4000000000)", 1, "don't fit in memory"),
        ("eye(100000)", 1, "over the budget"),
    ] {
        let (at, message) = error(text, &[("X", &x)]);
        assert_eq!(at, column, "{text}: {message}");
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn carets_stand_under_the_piece() {
    let shown = |text: &str| parse(text).unwrap_err().to_string();
    assert_eq!(shown("a*/b"), "column 3: expected an operand, found `/`\n  a*/b\n    ^");
    let lines: Vec<String> = shown("é\t+ ?").lines().map(String::from).collect();
    assert_eq!(lines[1..], ["  é + ?", "      ^"]);

    let long = format!("{}?{}", "a+".repeat(200), "+b".repeat(200));
    let lines: Vec<String> = shown(&long).lines().map(String::from).collect();
    assert!(lines[0].starts_with("column 401:"));
    let caret = lines[2].chars().position(|c| c == '^').unwrap();
    assert_eq!(lines[1].chars().nth(caret), Some('?'));
    assert!(lines[1].chars().count() < 100 && lines[1].starts_with("  …") && lines[1].ends_with('…'));
}
