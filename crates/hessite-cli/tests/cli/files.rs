//! Files in and out.

use super::*;
use std::fs::{read, read_to_string, write};

#[test]
fn matrices_come_from_any_of_the_formats() {
    let here = folder("formats");
    write(here.join("x.csv"), "a,b\n1,2\n3,4\n").unwrap();
    write(here.join("y.mtx"), "%%MatrixMarket matrix array real general\n2 2\n.5\n1.5\n-1\n2\n").unwrap();
    let said = hessite_in(
        &here,
        &["norm(X*X*Y)", "X=x.csv", "Y=y.mtx", "--block", "X,Y", "--format", "npy", "--out", "r/"],
    );
    assert_eq!((said.code, &said.err[..]), (Some(0), ""));
    assert_eq!(said.out, "L = norm(X*X*Y) = 54.703748\nwrote r/value.npy\nwrote r/block_X_Y.npy\n");

    // Written by one run and read by the next: the value, and a gradient.
    let said =
        hessite_in(&here, &["v - norm(X*X*Y)", "v=r/value.npy", "X=x.csv", "Y=y.mtx", "--precision", "17"]);
    assert_eq!(said.out, "L = v - norm(X*X*Y) = 0.00000000000000000\n");
    let args = ["norm(X*X*Y)", "X=x.csv", "Y=y.mtx", "--gradient", "X", "--format", "npy", "--out", "g.npy"];
    assert_eq!(hessite_in(&here, &args).out, "L = norm(X*X*Y) = 54.703748\nwrote g.npy\n");
    let said = hessite_in(&here, &["G", "G=g.npy", "--precision", "4"]);
    assert!(
        said.out.contains("[ 1.3482  11.2195 ]") || said.out.contains("[  1.3482  11.2195 ]"),
        "{}",
        said.out
    );
}

#[test]
fn blocks_are_four_dimensional_arrays() {
    let here = folder("four");
    let args = [
        "sum(x)*sum(Y.^2)/2",
        "x=[1;2;3]",
        "Y=[1,2;3,4]",
        "--block",
        "x,Y",
        "--format",
        "npy",
        "--out",
        "run",
    ];
    assert_eq!(hessite_in(&here, &args).code, Some(0));
    let bytes = read(here.join("run_block_x_Y.npy")).unwrap();
    let header = String::from_utf8_lossy(&bytes[10..128]).to_string();
    assert!(header.contains("'shape': (3, 1, 2, 2,") && header.contains("'fortran_order': True"), "{header}");
    // d²L/dx_i dY_kl = Y_kl; i runs fastest, then k, then l.
    let data = &bytes[bytes.len() - 12 * 8..];
    let numbers: Vec<f64> = data.chunks(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect();
    assert_eq!(numbers, [1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 2.0, 2.0, 2.0, 4.0, 4.0, 4.0]);
}

#[test]
fn files_are_not_overwritten_without_force() {
    let here = folder("force");
    for format in ["text", "json"] {
        write(here.join("out"), "precious").unwrap();
        let args = ["X", "X=2", "--format", format, "--out", "out"];
        let said = hessite_in(&here, &args);
        assert_eq!(said.code, Some(2));
        assert!(said.err.contains("out: the file exists; --force overwrites it"), "{}", said.err);
        assert_eq!(read_to_string(here.join("out")).unwrap(), "precious");
        assert_eq!(hessite_in(&here, &[&args[..], &["--force"]].concat()).code, Some(0));
        assert!(read_to_string(here.join("out")).unwrap().contains('2'));
    }
    std::fs::create_dir(here.join("r")).unwrap();
    write(here.join("r/gradient_X.npy"), "precious").unwrap();
    let args = ["X", "X=2", "--gradient", "X", "--format", "npy", "--out", "r"];
    assert_eq!(hessite_in(&here, &args).code, Some(2));
    assert!(!here.join("r/value.npy").exists(), "all targets are looked at before one is written");
    assert_eq!(read_to_string(here.join("r/gradient_X.npy")).unwrap(), "precious");
}

#[test]
fn an_input_is_never_overwritten() {
    let here = folder("input");
    write(here.join("x.csv"), "1,2\n").unwrap();
    let said = hessite_in(&here, &["norm(X)", "X=x.csv", "--out", "./x.csv", "--force"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("this is an input"), "{}", said.err);
    assert_eq!(read_to_string(here.join("x.csv")).unwrap(), "1,2\n");
}

#[test]
fn results_do_not_overwrite_each_other() {
    let here = folder("twice");
    let run = |blocks: &[&str]| {
        let args = ["a*b_c + a_b*c", "a=1", "b_c=2", "a_b=3", "c=4", "--format", "npy", "--out", "r/"];
        hessite_in(&here, &[&args[..], blocks].concat())
    };
    let said = run(&["--block", "a,b_c", "--block", "a_b,c", "--force"]);
    assert!(said.code == Some(2) && said.err.contains("two results would go there"), "{}", said.err);
    assert_eq!(
        run(&["--block", "a,b_c", "--block", "a,b_c"]).code,
        Some(0),
        "the same one is asked for twice"
    );
}

#[test]
fn an_output_that_fails_leaves_nothing() {
    let here = folder("nowhere");
    write(here.join("file"), "").unwrap();
    let said = hessite_in(&here, &["X", "X=2", "--out", "file/out.txt"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("file"), "{}", said.err);
    let said = hessite_in(
        &here,
        &["X", "X=2", "--gradient", "X", "--jacobian", "X", "--format", "npy", "--out", "a.npy"],
    );
    assert!(said.code == Some(2) && said.err.contains("2 arrays don't go into one file"), "{}", said.err);
}

#[test]
fn malformed_files_are_named_with_their_line() {
    let here = folder("malformed");
    write(here.join("ragged.csv"), "1,2\n3\n").unwrap();
    write(here.join("word.csv"), "1,2\n3,x\n").unwrap();
    write(here.join("short.mtx"), "%%MatrixMarket matrix coordinate real general\n2 2 3\n1 1 1\n").unwrap();
    write(here.join("text.npy"), "1,2\n").unwrap();
    write(here.join("latin.csv"), b"1,2\n3,\xe9\n").unwrap();
    write(here.join("nan.csv"), "1,nan\n").unwrap();
    for (file, part) in [
        ("ragged.csv", "ragged.csv, line 2: 1 cells where line 1 has 2"),
        ("word.csv", "word.csv, line 2, column 2: \"x\" is no number"),
        ("short.mtx", "short.mtx: truncated: 1 of the 3 entries"),
        ("text.npy", "text.npy: no NPY file"),
        ("latin.csv", "latin.csv, line 2: bytes that are no UTF-8"),
        ("nan.csv", "X: entry (0, 1) is NaN; a finite number is needed (--mode ieee"),
        ("absent.csv", "absent.csv: no such file, wanted for X"),
        (".", "directory"),
    ] {
        let said = hessite_in(&here, &["sum(X)", &format!("X={file}")]);
        assert_eq!((said.code, &said.out[..]), (Some(2), ""), "{file}");
        assert!(said.err.contains(part), "{file}: {}", said.err);
    }
}

#[test]
fn json_goes_to_a_file() {
    let here = folder("json");
    let args = ["norm(X)", "X=[3,4]", "--gradient", "X", "--format", "json", "--out", "new/"];
    let said = hessite_in(&here, &args);
    assert_eq!((said.code, &said.out[..], &said.err[..]), (Some(0), "", ""));
    let json: serde_json::Value =
        serde_json::from_str(&read_to_string(here.join("new/hessite.json")).unwrap()).unwrap();
    assert_eq!(json["value"], 5.0);
    let gradient = &json["results"][0]["entries"][0];
    assert!([0.6, 0.8].iter().enumerate().all(|(k, g)| (gradient[k].as_f64().unwrap() - g).abs() < 1e-15));
    assert_eq!(json["matrices"]["X"]["shape"], serde_json::json!([1, 2]));
}
