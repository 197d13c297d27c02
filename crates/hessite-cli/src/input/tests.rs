//! Files as they should be, malformed and cut short.

use super::*;

fn table(text: &str) -> Result<DMatrix<f64>, Flaw> {
    delimited::read(text)
}

fn flaw<T: std::fmt::Debug>(read: Result<T, Flaw>) -> (Option<usize>, Option<usize>, String) {
    let flaw = read.expect_err("no error");
    (flaw.line, flaw.column, flaw.why)
}

#[test]
fn tables_have_any_usual_delimiter_and_maybe_a_heading() {
    let expected = DMatrix::from_row_slice(2, 2, &[1.0, 2.5, -3e2, 4.0]);
    for text in [
        "1,2.5\n-3e2,4",
        "1, 2.5\r\n-300 , 4\r\n",
        "1;2.5\n-300;4\n",
        "1\t2.5\n-300\t4\n",
        "1 2.5\n  -300   4  \n\n",
        "a,b\n1,2.5\n-300,4\n",
        "# comment\n\"a b\",c\n1,2.5\n# another\n-300,4\n",
        "\u{feff}1,2.5\n-300,4",
        "x y\n1 2.5\n-300 4",
        "\"1\",\"2.5\"\n-300,4",
        "\n\n1,2.5\n\n-300,4\n",
    ] {
        assert_eq!(table(text).unwrap_or_else(|e| panic!("{text:?}: {e:?}")), expected, "{text:?}");
    }
    assert_eq!(table("1\n2\n3").unwrap(), DMatrix::from_column_slice(3, 1, &[1.0, 2.0, 3.0]));
    assert_eq!(table("7").unwrap(), DMatrix::from_element(1, 1, 7.0));
}

#[test]
fn malformed_tables_are_refused_with_line_and_cell() {
    for (text, line, column, part) in [
        ("", None, None, "no numbers"),
        ("a,b\n", None, None, "no numbers"),
        ("1,2\n3\n", Some(2), None, "1 cells where line 1 has 2"),
        ("a,b\n1,2,3\n", Some(2), None, "3 cells where line 1 has 2"),
        ("1,2\n3,4,5", Some(2), None, "3 cells"),
        ("1 2\n\n3\n", Some(3), None, "1 cells"),
        ("1,2\n3,x\n", Some(2), Some(2), "\"x\" is no number"),
        ("1,b\n3,4\n", Some(1), Some(2), "\"b\" is no number"),
        ("1,2\n,4\n", Some(2), Some(1), "empty cell"),
        ("1,2,\n", Some(1), Some(3), "empty cell"),
        ("1;2\n3,5;4", Some(2), Some(1), "\"3,5\" is no number"),
        ("1,2\na,b\n", Some(2), Some(1), "\"a\" is no number"),
        ("0x10", None, None, "no numbers"),
    ] {
        let (at, cell, why) = flaw(table(text));
        assert_eq!((at, cell), (line, column), "{text:?}: {why}");
        assert!(why.contains(part), "{text:?}: {why}");
    }
}

#[test]
fn market_files_expand_to_all_entries() {
    let general = DMatrix::from_row_slice(2, 3, &[1.0, 0.0, 2.5, 0.0, -3.0, 0.0]);
    let mirrored = DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 2.0, 3.0]);
    let skew = DMatrix::from_row_slice(2, 2, &[0.0, -2.0, 2.0, 0.0]);
    for (text, expected) in [
        ("%%MatrixMarket matrix coordinate real general\n% words\n2 3 3\n1 1 1\n1 3 2.5\n2 2 -3\n", &general),
        ("%%matrixmarket MATRIX Coordinate REAL General\n\n2 3 3\n2 2 -3\n\n1 1 1\n1 3 2.5", &general),
        ("%%MatrixMarket matrix array real general\n2 3\n1\n0\n0\n-3\n2.5\n0\n", &general),
        ("%%MatrixMarket matrix array double general\n2 3\n1 0 0 -3\n2.5 0\n", &general),
        ("%%MatrixMarket matrix coordinate integer symmetric\n2 2 3\n1 1 1\n2 1 2\n2 2 3\n", &mirrored),
        ("%%MatrixMarket matrix array integer symmetric\n2 2\n1\n2\n3\n", &mirrored),
        ("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 2\n", &skew),
        ("%%MatrixMarket matrix array real skew-symmetric\n2 2\n2\n", &skew),
    ] {
        assert_eq!(&market::read(text).unwrap_or_else(|e| panic!("{text}: {e:?}")), expected, "{text}");
    }
    let pattern =
        market::read("%%MatrixMarket matrix coordinate pattern general\n2 2 2\n1 2\n2 1\n").unwrap();
    assert_eq!(pattern, DMatrix::from_row_slice(2, 2, &[0.0, 1.0, 1.0, 0.0]));
    let repeated =
        market::read("%%MatrixMarket matrix coordinate real general\n1 1 2\n1 1 2\n1 1 3\n").unwrap();
    assert_eq!(repeated[(0, 0)], 5.0);
    assert_eq!(market::read("%%MatrixMarket matrix array real general\n0 3\n").unwrap().shape(), (0, 3));
}

#[test]
fn malformed_market_files_are_refused_with_their_line() {
    let coordinate = "%%MatrixMarket matrix coordinate real general\n";
    let array = "%%MatrixMarket matrix array real general\n";
    let lower = "%%MatrixMarket matrix coordinate real symmetric\n";
    for (text, line, part) in [
        ("".into(), Some(1), "first line"),
        ("%%MatrixMarket matrix\n".into(), Some(1), "first line"),
        ("%%MatrixMarket vector array real general\n".into(), Some(1), "\"vector\""),
        ("%%MatrixMarket matrix sparse real general\n".into(), Some(1), "\"sparse\""),
        ("%%MatrixMarket matrix array complex general\n".into(), Some(1), "\"complex\""),
        ("%%MatrixMarket matrix array pattern general\n".into(), Some(1), "\"pattern\""),
        ("%%MatrixMarket matrix array real hermitian\n".into(), Some(1), "\"hermitian\""),
        (coordinate.into(), None, "sizes is missing"),
        (format!("{coordinate}2 2\n"), Some(2), "three sizes"),
        (format!("{array}2 2 4\n"), Some(2), "two sizes"),
        (format!("{array}2 -2\n"), Some(2), "\"-2\""),
        (format!("{coordinate}2 2 2\n1 1 1\n"), None, "1 of the 2 entries"),
        (format!("{coordinate}2 2 1\n1 1 1\n2 2 2\n"), Some(4), "more than the 1"),
        (format!("{coordinate}2 2 1\n3 1 1\n"), Some(3), "outside of 2x2"),
        (format!("{coordinate}2 2 1\n0 1 1\n"), Some(3), "begin at 1"),
        (format!("{coordinate}2 2 1\n1.5 1 1\n"), Some(3), "outside"),
        (format!("{coordinate}2 2 1\n1 1\n"), Some(3), "row, column, value"),
        (format!("{coordinate}2 2 1\n1 1 x\n"), Some(3), "\"x\""),
        (format!("{coordinate}99999999 99999999 0\n"), Some(2), "more than fits"),
        (format!("{coordinate}18446744073709551615 2 0\n"), Some(2), "more than fits"),
        (format!("{array}2 2\n1\n2\n3\n"), None, "end before (2, 2)"),
        (format!("{array}2 2\n1\n2\n3\n4\n5\n"), Some(7), "more entries"),
        (format!("{lower}2 3 0\n"), Some(2), "square"),
        (format!("{lower}2 2 1\n1 2 1\n"), Some(3), "above the diagonal"),
        ("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n1 1 1\n".into(), Some(3), "diagonal"),
    ] {
        let (at, _, why) = flaw(market::read(&text));
        assert_eq!(at, line, "{text:?}: {why}");
        assert!(why.contains(part), "{text:?}: {why}");
    }
}

/// An NPY file by hand, version 1.
fn npy_file(header: &str, data: &[u8]) -> Vec<u8> {
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

fn npy_of(descr: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    npy_file(&format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n"), data)
}

fn le(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

#[test]
fn npy_files_come_in_both_orders_and_up_to_two_dimensions() {
    let data = le(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let read = |f: Vec<u8>| npy::read(&f).unwrap();
    let c = DMatrix::from_row_slice(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(read(npy_of("<f8", "False", "(2, 3)", &data)), c);
    let fortran = DMatrix::from_column_slice(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(read(npy_of("<f8", "True", "(2, 3)", &data)), fortran);
    assert_eq!(read(npy_of("<f8", "False", "(6,)", &data)).shape(), (6, 1));
    assert_eq!(read(npy_of("<f8", "False", "()", &data[..8])), DMatrix::from_element(1, 1, 1.0));
    assert_eq!(read(npy_of("<f8", "False", "(0, 3)", &[])).shape(), (0, 3));
}

#[test]
fn npy_files_have_any_type_of_number() {
    let one = |descr: &str, data: &[u8]| npy::read(&npy_of(descr, "False", "(1,)", data)).map(|m| m[(0, 0)]);
    for (descr, data, expected) in [
        (">f8", (-2.5f64).to_be_bytes().to_vec(), -2.5),
        ("<f4", 0.1f32.to_le_bytes().to_vec(), f64::from(0.1f32)),
        (">f4", 1.5f32.to_be_bytes().to_vec(), 1.5),
        ("<i8", (-7i64).to_le_bytes().to_vec(), -7.0),
        (">i4", (-7i32).to_be_bytes().to_vec(), -7.0),
        ("<i2", (-300i16).to_le_bytes().to_vec(), -300.0),
        ("|i1", vec![0xff], -1.0),
        ("<u8", 7u64.to_le_bytes().to_vec(), 7.0),
        ("<u4", 7u32.to_le_bytes().to_vec(), 7.0),
        ("<u2", 7u16.to_le_bytes().to_vec(), 7.0),
        ("|u1", vec![0xff], 255.0),
        ("|b1", vec![1], 1.0),
    ] {
        assert_eq!(one(descr, &data).unwrap_or_else(|e| panic!("{descr}: {e:?}")), expected, "{descr}");
    }
    for descr in ["<c16", "<f2", "<U3", "|S8", "|O", "<M8[ns]"] {
        let why = flaw(one(descr, &[0; 16])).2;
        assert!(why.contains("real numbers") || why.contains("header"), "{descr}: {why}");
    }
}

#[test]
fn malformed_npy_files_are_refused() {
    let data = le(&[1.0, 2.0]);
    let good = npy_of("<f8", "False", "(2,)", &data);
    assert!(npy::read(&good).is_ok());
    for len in 0..good.len() {
        assert!(npy::read(&good[..len]).is_err(), "cut to {len} bytes");
    }
    for (file, part) in [
        (b"1,2\n".to_vec(), "first bytes"),
        (npy_of("<f8", "False", "(3,)", &data), "truncated"),
        (npy_of("<f8", "False", "(99999999999,)", &data), "truncated"),
        (npy_of("<f8", "False", "(4294967296, 4294967296)", &data), "more entries than memory"),
        (npy_of("<f8", "False", "(99999999999999999999,)", &data), "more entries than memory"),
        (npy_of("<f8", "False", "(1, 1, 2)", &data), "3 dimensions"),
        (npy_of("<f8", "Maybe", "(2,)", &data), "header"),
        (npy_of("<f8", "False", "(-2,)", &data), "header"),
        (npy_of("<q8", "False", "(2,)", &data), "header"),
        (npy_file("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }", &data), "structured"),
        (npy_file("{}", &data), "header"),
        (npy_file(&"(".repeat(4000), &data), "header"),
        (npy_file(&" ".repeat(5000), &data), "header of 5000 bytes"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec(), "header of 4294967295 bytes"),
        (b"\x93NUMPY\x09\x00\x00\x00\x00\x00".to_vec(), "version"),
    ] {
        let why = flaw(npy::read(&file)).2;
        assert!(why.contains(part), "{why} has no {part:?}");
    }
}

#[test]
fn no_changed_byte_of_a_file_panics() {
    let npy = npy_of("<f8", "False", "(2, 1)", &le(&[1.0, 2.0]));
    let texts = [
        "%%MatrixMarket matrix coordinate real symmetric\n2 2 2\n1 1 1\n2 1 2\n",
        "%%MatrixMarket matrix array integer skew-symmetric\n2 2\n7\n",
        "a,b\n1,2\n3,4\n",
        "1 2\n3 4\n",
    ];
    for at in 0..npy.len() {
        for byte in 0..=255 {
            let mut file = npy.clone();
            file[at] = byte;
            // Any result will do: a changed digit may still be a number.
            let _ = npy::read(&file);
        }
    }
    for text in texts {
        for at in 0..text.len() {
            for byte in 0..128u8 {
                let mut file = text.as_bytes().to_vec();
                file[at] = byte;
                let file = String::from_utf8(file).unwrap();
                let _ = (market::read(&file), delimited::read(&file));
            }
        }
    }
}

#[test]
fn values_are_written_into_the_command() {
    let of = |text: &str| value("X", text).unwrap_or_else(|e| panic!("{text}: {e}")).matrix;
    let square = DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 3.0, 4.0]);
    for text in
        ["[1,2;3,4]", "[1 2; 3 4]", "[[1,2],[3,4]]", "[[1, 2], [3, 4]]", "[ [1, 2] ,[3, 4] ]", "[1,3;2,4]'"]
    {
        assert_eq!(of(text), square, "{text}");
    }
    assert_eq!(of("[[1],[2]]").shape(), (2, 1));
    assert_eq!(of("[[1,2]]").shape(), (1, 2));
    assert_eq!(of("-1/4"), DMatrix::from_element(1, 1, -0.25));
    assert_eq!(of("2*eye(3)"), DMatrix::identity(3, 3) * 2.0);
    for (text, part) in [
        ("[1,2", "never closed (the value of X, which is no file either)"),
        ("nosuch", "no value for `nosuch`"),
        ("nosuch.csv", "no such file, wanted for X"),
        ("no/such", "no such file, wanted for X"),
        ("log(0-1)", "this is not finite"),
        ("[[1,2],[3]]", "columns 2 != 1"),
    ] {
        let message = value("X", text).unwrap_err().to_string();
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn names_are_those_that_an_expression_can_use() {
    assert_eq!(named("X=x.csv").unwrap(), ("X", "x.csv"));
    assert_eq!(named(" θ_1 = 2 ").unwrap(), ("θ_1", "2"));
    assert_eq!(named("X=a=b.csv").unwrap(), ("X", "a=b.csv"));
    for wrong in ["X", "=1", "1X=1", "X Y=1", "X-1=2", "X=", "X= "] {
        assert!(named(wrong).is_err(), "{wrong}");
    }
}
