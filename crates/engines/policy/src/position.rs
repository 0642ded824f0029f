//! Where in its text a policy's statements stand, as the policy simulator tells.

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, counted from 1.
    pub line: usize,
    /// The column of the next character, counted from 1.
    pub column: usize,
}

/// Where a statement stands: AWS gives the places right behind its opening and its closing brace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatementPosition {
    /// Behind the opening brace.
    pub start: Position,
    /// Behind the closing brace.
    pub end: Position,
}

/// The places of the statements of the policy document `text`, in their order; none for a text that is no policy.
///
/// Source: IAM API Reference, "Statement"; the convention is that of the examples of `simulate-custom-policy` and
/// `simulate-principal-policy` in the AWS CLI Command Reference.
pub fn statement_positions(text: &str) -> Vec<StatementPosition> {
    let mut scanner = Scanner::default();
    text.chars().for_each(|character| scanner.read(character));
    scanner.found
}

/// Reads a JSON text character by character, without checking it.
#[derive(Default)]
struct Scanner {
    place: Place,
    /// The brackets that are open.
    open: Vec<char>,
    /// Inside a string: what of it has been read, and whether a backslash came last.
    string: Option<(String, bool)>,
    /// The last string and whether a colon came after it: at the outermost level, the name of a member.
    last: String,
    in_statement: bool,
    start: Option<Position>,
    found: Vec<StatementPosition>,
}

#[derive(Default)]
struct Place {
    lines: usize,
    columns: usize,
}

impl Scanner {
    fn read(&mut self, character: char) {
        if character == '\n' {
            self.place = Place { lines: self.place.lines + 1, columns: 0 };
        } else {
            self.place.columns += 1;
        }
        match &mut self.string {
            Some((_, escaped @ true)) => *escaped = false,
            Some((text, escaped)) => match character {
                '"' => {
                    self.last = std::mem::take(text);
                    self.string = None;
                }
                '\\' => *escaped = true,
                other => text.push(other),
            },
            None => self.read_outside(character),
        }
    }

    fn read_outside(&mut self, character: char) {
        match character {
            '"' => self.string = Some(Default::default()),
            ':' if self.open.len() == 1 => self.in_statement = self.last == "Statement",
            '{' | '[' => {
                self.open.push(character);
                if character == '{' && self.is_statement_level() {
                    self.start = Some(self.position());
                }
            }
            '}' | ']' => {
                if character == '}'
                    && self.is_statement_level()
                    && let Some(start) = self.start.take()
                {
                    self.found.push(StatementPosition { start, end: self.position() });
                }
                self.open.pop();
            }
            _ => {}
        }
    }

    /// Whether the innermost bracket is that of a statement.
    fn is_statement_level(&self) -> bool {
        self.in_statement && matches!(*self.open, ['{', '{'] | ['{', '[', '{'])
    }

    fn position(&self) -> Position {
        Position { line: self.place.lines + 1, column: self.place.columns + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<[usize; 4]> {
        let list = statement_positions(text).into_iter();
        list.map(|at| [at.start.line, at.start.column, at.end.line, at.end.column]).collect()
    }

    #[test]
    fn statements_are_found_as_the_simulator_finds_them() {
        // The document and the answer of AWS CLI Command Reference, `iam simulate-custom-policy`.
        let one = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}"#;
        assert_eq!(places(one), [[1, 38, 1, 167]]);
        let many = "{\n  \"Id\": \"}{\\\"Statement\\\":{\",\n  \"Statement\": [\n    {\"Sid\": \"é\"},\n    {\n      \"Condition\": {\"a\": {}}\n    }\n  ],\n \"Version\": \"x\"\n}";
        assert_eq!(places(many), [[4, 6, 4, 17], [5, 6, 7, 6]]);
    }

    #[test]
    fn other_texts_have_none() {
        for text in [
            "",
            "{}",
            "[]",
            "}}}]",
            "{\"Statement\": \"x\"}",
            "{\"statement\": {}}",
            "{\"Id\": {\"Statement\": {}}}",
        ] {
            assert_eq!(places(text), Vec::<[usize; 4]>::new(), "{text}");
        }
    }
}
