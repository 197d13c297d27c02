use super::*;

/// A tree in prefix notation.
fn prefix(tree: &Tree<'_>, id: Id) -> String {
    let list = |ids: &[Id]| ids.iter().map(|&x| prefix(tree, x)).collect::<Vec<_>>().join(" ");
    match &tree.nodes[id] {
        Node::Number(x) => x.to_string(),
        Node::Name(at) | Node::Text(at) => tree.piece(*at).into(),
        Node::Negated(x) => format!("(neg {})", prefix(tree, *x)),
        Node::Transposed(x) => format!("(t {})", prefix(tree, *x)),
        Node::Binary(op, x, y, _) => format!("({} {} {})", op.sign(), prefix(tree, *x), prefix(tree, *y)),
        Node::Call(name, xs) => format!("({} {})", tree.piece(*name), list(xs)),
        Node::Rows(rows) => format!("[{}]", rows.iter().map(|r| list(r)).collect::<Vec<_>>().join("; ")),
    }
}

/// Each row: an expression, and how MATLAB groups it.
const PRECEDENCE: &[(&str, &str)] = &[
    ("a+b*c", "(+ a (* b c))"),
    ("a*b+c", "(+ (* a b) c)"),
    ("a-b-c", "(- (- a b) c)"),
    ("a/b/c", "(/ (/ a b) c)"),
    ("a*b/c.*d./e", "(./ (.* (/ (* a b) c) d) e)"),
    ("a^b^c", "(^ (^ a b) c)"),
    ("a.^b^c", "(^ (.^ a b) c)"),
    ("-a^2", "(neg (^ a 2))"),
    ("-a.^2", "(neg (.^ a 2))"),
    ("-a'", "(neg (t a))"),
    ("-a*b", "(* (neg a) b)"),
    ("a*-b", "(* a (neg b))"),
    ("a*-b^2", "(* a (neg (^ b 2)))"),
    ("a--b", "(- a (neg b))"),
    ("a---b", "(- a b)"),
    ("- -a", "a"),
    ("---a", "(neg a)"),
    ("+a", "a"),
    ("2^-1", "(^ 2 (neg 1))"),
    ("2^-1^2", "(^ (^ 2 (neg 1)) 2)"),
    ("2.^-x", "(.^ 2 (neg x))"),
    ("a^b'", "(t (^ a b))"),
    ("a'^b", "(^ (t a) b)"),
    ("a''", "(t (t a))"),
    ("a'*b", "(* (t a) b)"),
    ("a'*b'", "(* (t a) (t b))"),
    ("a.'", "(t a)"),
    ("a.T@b", "(* (t a) b)"),
    ("(a+b)*c", "(* (+ a b) c)"),
    ("(a+b)'", "(t (+ a b))"),
    ("f(a)'", "(t (f a))"),
    ("f(a,b+c)*d", "(* (f a (+ b c)) d)"),
    ("f()", "(f )"),
    ("2.*a", "(.* 2 a)"),
    ("2./a", "(./ 2 a)"),
    ("1.5e-3*a", "(* 0.0015 a)"),
    ("1e3", "1000"),
    (".5+1.", "(+ 0.5 1)"),
    ("norm(a,'fro')", "(norm a 'fro')"),
    ("[1,2;3,4]", "[1 2; 3 4]"),
    ("[1 2\n3 4]", "[1 2; 3 4]"),
    ("[1 -2]", "[1 (neg 2)]"),
    ("[1 - 2]", "[(- 1 2)]"),
    ("[1 , -2 ; a' b']", "[1 (neg 2); (t a) (t b)]"),
    ("[a (b)]", "[a b]"),
    ("[f(a, b) c]", "[(f a b) c]"),
    ("[1,2;]", "[1 2]"),
    ("[]", "[]"),
    ("a−b·c∘d", "(- a (.* (* b c) d))"),
    ("Aᵀ*θ_1", "(* (t A) θ_1)"),
    (" a\t+\nb ", "(+ a b)"),
];

#[test]
fn operators_group_as_in_matlab() {
    for (text, expected) in PRECEDENCE {
        let tree = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(prefix(&tree, tree.nodes.len() - 1), *expected, "{text}");
    }
}

#[test]
fn operands_stand_before_what_uses_them() {
    for (text, _) in PRECEDENCE {
        let tree = parse(text).unwrap();
        for (id, node) in tree.nodes.iter().enumerate() {
            let operands: Vec<Id> = match node {
                Node::Negated(x) | Node::Transposed(x) => vec![*x],
                Node::Binary(_, x, y, _) => vec![*x, *y],
                Node::Call(_, xs) => xs.clone(),
                Node::Rows(rows) => rows.concat(),
                _ => vec![],
            };
            assert!(operands.iter().all(|&x| x < id), "{text}");
        }
    }
}

#[test]
fn long_chains_need_no_stack() {
    let x = DMatrix::from_element(1, 1, 2.0);
    let run = move || {
        let sum = vec!["X"; 100_000].join("+");
        assert_eq!(value(&sum, &[("X", &x)]).unwrap()[(0, 0)], 200_000.0);
        let transposed = format!("X{}", "'".repeat(100_000));
        assert_eq!(value(&transposed, &[("X", &x)]).unwrap()[(0, 0)], 2.0);
        let signs = format!("{}X", "-".repeat(100_001));
        assert_eq!(value(&signs, &[("X", &x)]).unwrap()[(0, 0)], -2.0);
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(run).unwrap().join().unwrap();
}

#[test]
fn nesting_has_a_limit_that_fits_the_stack_of_a_thread() {
    let nested = |n: usize| format!("{}1{}", "(".repeat(n), ")".repeat(n));
    assert_eq!(value(&nested(DEPTH), &[]).unwrap()[(0, 0)], 1.0);
    for deep in
        [nested(DEPTH + 1), nested(1_000_000), "f(".repeat(100_000), "-(".repeat(9999), "[".repeat(9999)]
    {
        let message = error(&deep, &[]).1;
        assert!(message.contains("nested deeper"), "{message}");
    }
}

/// A generator of pseudorandom numbers: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

#[test]
fn no_sequence_of_tokens_panics() {
    let names = functions::GROUPS.iter().flat_map(|g| g.functions).flat_map(|f| f.names.iter().copied());
    let mut words: Vec<&str> = names.collect();
    for _ in 0..12 {
        words.extend([
            "X", "Y", "v", "(", ")", "[", "]", ",", ";", "+", "-", "*", "/", ".*", "./", "^", ".^", "'",
            ".'", " ", "2", "0", ".5", "1e3", "3.", "pi", "inf", "'fro'", ".T", "(X)", "(X,Y)", "(v)",
        ]);
    }
    words.extend(["@", "ᵀ", "\"", "é", "\n", "=", "**", "1e999", "\u{0}", "🦀", "’", "99999999999"]);
    let x = DMatrix::from_fn(3, 2, |i, j| (i + 2 * j) as f64 - 1.5);
    let (y, v) = (x.transpose(), DMatrix::from_element(3, 1, 0.5));
    let mut random = Random(7);
    let mut valid = 0;
    for _ in 0..30_000 {
        let text: String = (0..1 + random.below(12)).map(|_| words[random.below(words.len())]).collect();
        match value(&text, &[("X", &x), ("Y", &y), ("v", &v)]) {
            Ok(_) => valid += 1,
            // Showing the error slices the text.
            Err(marked) => assert!(marked.to_string().contains("column"), "{text}"),
        }
    }
    assert!(valid > 300, "only {valid} of the random expressions are valid: the test tests little");
}
