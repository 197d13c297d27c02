//! The absolute paths that a source file names, by a scan of its tokens: imports, re-exports, inline paths, macro
//! bodies. What `#[cfg(test)]` guards is left out.

/// What a file says.
#[derive(Default)]
pub struct Found {
    /// Line and path below the crate's root, an empty one for the root itself.
    pub paths: Vec<(usize, Vec<String>)>,
    /// Modules that tests alone declare.
    pub test_modules: Vec<Vec<String>>,
    /// Names that `pub use` exports, with where they come from (paths as written, without `crate`).
    pub exports: Vec<(String, Vec<String>)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Word(String),
    /// `::`
    Path,
    Sign(char),
}

struct Token {
    kind: Kind,
    line: usize,
}

/// `module` is the file's own place.
pub fn scan(text: &str, module: &[String]) -> Found {
    let tokens = tokens(text);
    let mut s =
        Scan { tokens: &tokens, at: 0, module: module.to_vec(), opened: Vec::new(), found: Found::default() };
    while s.at < tokens.len() {
        s.step();
    }
    s.found
}

/// Words, `::` and signs; comments, strings and character literals are gone, lifetimes too.
fn tokens(text: &str) -> Vec<Token> {
    let c: Vec<char> = text.chars().collect();
    let (mut k, mut line, mut out) = (0, 1, Vec::new());
    let at = |k: usize| c.get(k).copied().unwrap_or('\0');
    let word = |ch: char| ch.is_alphanumeric() || ch == '_';
    while k < c.len() {
        let start = k;
        match c[k] {
            '/' if at(k + 1) == '/' => k = (k..c.len()).find(|&k| c[k] == '\n').unwrap_or(c.len()),
            '/' if at(k + 1) == '*' => k = block_comment(&c, k),
            '"' => k = string(&c, k),
            '\'' => k = quote(&c, k),
            'r' if raw(&c, k).is_some() => k = raw(&c, k).unwrap_or(k + 1),
            'b' if at(k + 1) == 'r' && raw(&c, k + 1).is_some() => k = raw(&c, k + 1).unwrap_or(k + 1),
            ':' if at(k + 1) == ':' => {
                k += 2;
                out.push(Token { kind: Kind::Path, line });
            }
            ch if word(ch) => {
                k = (k..c.len()).find(|&k| !word(c[k])).unwrap_or(c.len());
                out.push(Token { kind: Kind::Word(c[start..k].iter().collect()), line });
            }
            ch => {
                k += 1;
                if !ch.is_whitespace() {
                    out.push(Token { kind: Kind::Sign(ch), line });
                }
            }
        }
        line += c[start..k].iter().filter(|&&ch| ch == '\n').count();
    }
    out
}

fn block_comment(c: &[char], mut k: usize) -> usize {
    let mut depth = 0;
    while k < c.len() {
        match (c[k], c.get(k + 1)) {
            ('/', Some('*')) => (depth, k) = (depth + 1, k + 2),
            ('*', Some('/')) => (depth, k) = (depth - 1, k + 2),
            _ => k += 1,
        }
        if depth == 0 {
            return k;
        }
    }
    k
}

fn string(c: &[char], mut k: usize) -> usize {
    k += 1;
    while k < c.len() && c[k] != '"' {
        k += if c[k] == '\\' { 2 } else { 1 };
    }
    k + 1
}

/// A character literal as a whole, of a lifetime the quote.
fn quote(c: &[char], k: usize) -> usize {
    match (c.get(k + 1), c.get(k + 2)) {
        (Some('\\'), _) => (k + 3..c.len()).find(|&k| c[k] == '\'').map_or(c.len(), |end| end + 1),
        (_, Some('\'')) => k + 3,
        _ => k + 1,
    }
}

/// The end of a raw string that starts with the `r` at `k`, if one does.
fn raw(c: &[char], k: usize) -> Option<usize> {
    let hashes = c[k + 1..].iter().take_while(|&&ch| ch == '#').count();
    if c.get(k + 1 + hashes) != Some(&'"') {
        return None;
    }
    let ends =
        |e: usize| c[e] == '"' && c[e + 1..].iter().take(hashes).filter(|&&ch| ch == '#').count() == hashes;
    let end = (k + 2 + hashes..c.len()).find(|&e| ends(e));
    Some(end.map_or(c.len(), |e| e + 1 + hashes))
}

struct Scan<'t> {
    tokens: &'t [Token],
    at: usize,
    module: Vec<String>,
    /// Per open brace, whether it opened a module.
    opened: Vec<bool>,
    found: Found,
}

impl Scan<'_> {
    fn word(&self, at: usize) -> &str {
        match self.tokens.get(at).map(|t| &t.kind) {
            Some(Kind::Word(w)) => w,
            _ => "",
        }
    }

    fn is(&self, at: usize, sign: char) -> bool {
        self.tokens.get(at).is_some_and(|t| t.kind == Kind::Sign(sign))
    }

    fn is_path(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|t| t.kind == Kind::Path)
    }

    fn step(&mut self) {
        let at = self.at;
        if self.is(at, '#') && self.is(at + 1, '[') && self.word(at + 2) == "cfg" && self.guards_tests(at) {
            return self.skip_item();
        }
        match self.word(at) {
            "mod" if self.is(at + 2, '{') => {
                self.module.push(self.word(at + 1).to_owned());
                self.opened.push(true);
                self.at += 3;
            }
            "use" if !self.is(at + 1, '<') => {
                let public = at > 0 && (self.word(at - 1) == "pub" || self.is(at - 1, ')'));
                self.at += 1;
                self.tree(&[], public);
            }
            "crate" | "super" | "self" if self.is_path(at + 1) && !(at > 0 && self.is_path(at - 1)) => {
                self.tree(&[], false)
            }
            _ => {
                if self.is(at, '{') {
                    self.opened.push(false);
                } else if self.is(at, '}') && self.opened.pop() == Some(true) {
                    self.module.pop();
                }
                self.at += 1;
            }
        }
    }

    /// Whether the attribute at `at` is `#[cfg(test)]` or `#[cfg(all(test, …))]`.
    fn guards_tests(&self, at: usize) -> bool {
        self.is(at + 3, '(')
            && (self.word(at + 4) == "test" || self.word(at + 4) == "all" && self.word(at + 6) == "test")
    }

    /// Past the attributes and the item that they guard, up to its `;` or closing brace.
    fn skip_item(&mut self) {
        while self.is(self.at, '#') {
            self.skip_group();
        }
        let mut k = self.at;
        while ["pub", "crate", "super", "in"].contains(&self.word(k)) || self.is(k, '(') || self.is(k, ')') {
            k += 1;
        }
        if self.word(k) == "mod" && self.is(k + 2, ';') {
            let path = self.module.iter().cloned().chain([self.word(k + 1).to_owned()]).collect();
            self.found.test_modules.push(path);
        }
        let import = self.word(k) == "use";
        while self.at < self.tokens.len() && !self.is(self.at, ';') {
            if self.is(self.at, '{') {
                self.skip_group();
                if !import {
                    return;
                }
            } else if self.is(self.at, '(') || self.is(self.at, '[') {
                self.skip_group();
            } else {
                self.at += 1;
            }
        }
        self.at += 1;
    }

    /// Past the next balanced group of brackets.
    fn skip_group(&mut self) {
        let mut depth = 0;
        while self.at < self.tokens.len() {
            if let Kind::Sign(c) = self.tokens[self.at].kind {
                depth += i32::from("([{".contains(c)) - i32::from(")]}".contains(c));
                if ")]}".contains(c) && depth == 0 {
                    self.at += 1;
                    return;
                }
            }
            self.at += 1;
        }
    }

    /// A path or a tree of them after `prefix`; notes every leaf.
    fn tree(&mut self, prefix: &[String], public: bool) {
        let line = self.tokens.get(self.at).map_or(0, |t| t.line);
        let mut path = prefix.to_vec();
        if self.is_path(self.at) {
            self.at += 1;
        }
        loop {
            if self.is(self.at, '{') {
                self.at += 1;
                while self.at < self.tokens.len() && !self.is(self.at, '}') {
                    let before = self.at;
                    self.tree(&path, public);
                    // A comma, or something that is no tree: an inline path before a block.
                    self.at = (self.at + usize::from(self.is(self.at, ','))).max(before + 1);
                }
                self.at += 1;
                return;
            }
            if self.is(self.at, '*') {
                self.at += 1;
                return self.leaf(line, path, None);
            }
            let word = self.word(self.at).to_owned();
            if !word.is_empty() {
                path.push(word);
                self.at += 1;
            }
            if !self.is_path(self.at) {
                break;
            }
            self.at += 1;
        }
        let mut name = path.last().cloned();
        if self.word(self.at) == "as" {
            name = Some(self.word(self.at + 1).to_owned());
            self.at += 2;
        }
        self.leaf(line, path, name.filter(|_| public));
    }

    fn leaf(&mut self, line: usize, path: Vec<String>, exported: Option<String>) {
        let path: Vec<String> = path.into_iter().filter(|p| p != "self").collect();
        if let Some(name) = exported {
            self.found.exports.push((name, path.iter().filter(|p| *p != "crate").cloned().collect()));
        }
        let supers = path.iter().take_while(|p| *p == "super").count();
        let absolute = match path.first().map(String::as_str) {
            Some("crate") => path[1..].to_vec(),
            Some("super") => {
                let up = self.module.len().saturating_sub(supers);
                self.module[..up].iter().chain(&path[supers..]).cloned().collect()
            }
            _ => return,
        };
        self.found.paths.push((line, absolute));
    }
}
