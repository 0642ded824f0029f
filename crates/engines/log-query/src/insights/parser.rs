//! Reading a query: its commands.

use super::ast::{Command, Extraction, Item, Node, Stage};
use super::error::{Fault, Parsed};
use super::lexer::{Lexer, Token, Word};

/// How much memory one compiled regular expression may take, in bytes.
const REGEX_SIZE_LIMIT: usize = 1 << 20;

/// Commands of Logs Insights QL that are not built, each of which would be understood otherwise.
const NOT_BUILT: &[&str] = &[
    "anomaly",
    "diff",
    "expand",
    "filterindex",
    "fillmissing",
    "filldown",
    "join",
    "lookup",
    "logcompare",
    "outlier",
    "pattern",
    "relevantfields",
    "sessionize",
    "source",
    "unnest",
    "addtotals",
    "accum",
    "appendcols",
    "autoregress",
    "cidrlookup",
    "head",
    "tail",
];

/// Reads the commands of a query.
pub(crate) fn parse(text: &str) -> Parsed<Vec<Stage>> {
    let mut parser = Parser { lexer: Lexer::new(text), next: Lexer::new(text).next()?, depth: 0 };
    parser.lexer.at = parser.next.end;
    let mut stages = Vec::new();
    loop {
        stages.push(parser.stage()?);
        if parser.next.token == Token::End {
            return Ok(stages);
        }
        parser.expect("|")?;
    }
}

pub(crate) struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The word that has been read and not yet understood.
    pub(crate) next: Word,
    /// How many expressions the present one is in.
    pub(crate) depth: usize,
}

impl Parser<'_> {
    /// The next word, which is passed.
    pub(crate) fn take(&mut self) -> Parsed<Word> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.next, next))
    }

    /// The next word is not what may stand there.
    pub(crate) fn unexpected(&self) -> Fault {
        let Word { start, end, .. } = self.next;
        let word = self.lexer.text.get(start..end).unwrap_or_default();
        let found = if word.is_empty() { "the end" } else { word };
        Fault::new(format!("unexpected symbol found {found}"), start, end)
    }

    /// Passes `symbol` if it comes next.
    pub(crate) fn eat(&mut self, symbol: &str) -> Parsed<bool> {
        let found = matches!(self.next.token, Token::Symbol(next) if next == symbol);
        if found {
            self.take()?;
        }
        Ok(found)
    }

    pub(crate) fn expect(&mut self, symbol: &str) -> Parsed<()> {
        if self.eat(symbol)? { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The next word, in lower case, if it is one and not in backticks.
    pub(crate) fn keyword(&self) -> Option<String> {
        match &self.next.token {
            Token::Name { parts, quoted: false } => match parts.as_slice() {
                [word] => Some(word.to_ascii_lowercase()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Passes `word` if it comes next.
    pub(crate) fn eat_keyword(&mut self, word: &str) -> Parsed<bool> {
        let found = self.keyword().is_some_and(|next| next == word);
        if found {
            self.take()?;
        }
        Ok(found)
    }

    /// Reads a regular expression, if a slash comes next.
    pub(crate) fn regex(&mut self) -> Parsed<Option<regex::Regex>> {
        if self.next.token != Token::Symbol("/") {
            return Ok(None);
        }
        let start = self.next.start;
        let pattern = self.lexer.regex(start)?;
        let end = self.lexer.at;
        self.next = self.lexer.next()?;
        compile(&pattern, start, end).map(Some)
    }

    fn stage(&mut self) -> Parsed<Stage> {
        let Word { start, end, .. } = self.next;
        let Some(word) = self.keyword() else { return Err(self.unexpected()) };
        let command = match word.as_str() {
            "fields" => self.after_word(|p| p.items().map(Command::Fields)),
            "display" => self.after_word(|p| p.items().map(Command::Display)),
            "filter" => self.after_word(|p| p.expression().map(Command::Filter)),
            "stats" => self.after_word(Self::stats),
            "sort" => self.after_word(|p| p.list(Self::sort_key).map(Command::Sort)),
            "limit" => self.after_word(Self::limit),
            "parse" => self.after_word(Self::extraction),
            "dedup" => self.after_word(|p| p.list(Self::expression).map(Command::Dedup)),
            "unmask" => self.after_word(|_| Ok(Command::Unmask)),
            other if NOT_BUILT.contains(&other) => {
                Err(Fault::new(format!("the command {other} is not supported"), start, end))
            }
            _ => Err(self.unexpected()),
        }?;
        Ok(Stage { command, start, end })
    }

    fn after_word(&mut self, read: impl Fn(&mut Self) -> Parsed<Command>) -> Parsed<Command> {
        self.take()?;
        read(self)
    }

    /// One or more of what `read` reads, with commas between them.
    pub(crate) fn list<T>(&mut self, read: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut list = vec![read(self)?];
        while self.eat(",")? {
            list.push(read(self)?);
        }
        Ok(list)
    }

    fn items(&mut self) -> Parsed<Vec<Item>> {
        self.list(|parser| {
            let node = parser.expression()?;
            let alias = if parser.eat_keyword("as")? { Some(parser.name()?) } else { None };
            Ok(Item { node, alias })
        })
    }

    /// A name that is given to something.
    fn name(&mut self) -> Parsed<String> {
        match &self.next.token {
            Token::Name { parts, .. } => {
                let name = parts.join(".");
                self.take()?;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn stats(&mut self) -> Parsed<Command> {
        let items = self.items()?;
        let by = if self.eat_keyword("by")? { self.items()? } else { Vec::new() };
        Ok(Command::Stats { items, by })
    }

    fn sort_key(&mut self) -> Parsed<(Node, bool)> {
        let node = self.expression()?;
        let descending = self.eat_keyword("desc")?;
        if !descending {
            self.eat_keyword("asc")?;
        }
        Ok((node, descending))
    }

    fn limit(&mut self) -> Parsed<Command> {
        let Token::Number(number) = self.next.token else { return Err(self.unexpected()) };
        if number.fract() != 0.0 || number < 1.0 {
            return Err(Fault::new("a limit is a whole number above zero", self.next.start, self.next.end));
        }
        self.take()?;
        // A cast of a float saturates, and what is above the most that a query returns is lowered to it.
        Ok(Command::Limit(super::whole(number)))
    }

    fn extraction(&mut self) -> Parsed<Command> {
        let begins_pattern = matches!(self.next.token, Token::Symbol("/") | Token::Text(_));
        let source = if begins_pattern { None } else { Some(self.operand()?) };
        let start = self.next.start;
        let extraction = match (&self.next.token, self.next.token == Token::Symbol("/")) {
            (_, true) => Extraction::Regex(Box::new(self.regex()?.ok_or_else(|| self.unexpected())?)),
            (Token::Text(text), _) => {
                let glob = Extraction::Glob(text.split('*').map(str::to_owned).collect());
                self.take()?;
                glob
            }
            _ => return Err(self.unexpected()),
        };
        let end = self.next.start;
        let names = if self.eat_keyword("as")? { self.list(Self::name)? } else { Vec::new() };
        let (expected, given) = match &extraction {
            Extraction::Glob(parts) => (parts.len() - 1, names.len()),
            // Names after a regular expression are ignored: its groups are named.
            Extraction::Regex(regex) => (regex.capture_names().flatten().count().max(1), 0),
        };
        match extraction {
            Extraction::Glob(_) if expected == 0 || expected != given => {
                Err(Fault::new("parse needs a name for each asterisk", start, end))
            }
            Extraction::Regex(regex) if regex.capture_names().flatten().next().is_none() => {
                Err(Fault::new("parse needs a named group in its regular expression", start, end))
            }
            extraction => Ok(Command::Parse { source, extraction, names }),
        }
    }
}

/// Compiles a regular expression that stands between `start` and `end`.
pub(crate) fn compile(pattern: &str, start: usize, end: usize) -> Parsed<regex::Regex> {
    let built = regex::RegexBuilder::new(pattern).size_limit(REGEX_SIZE_LIMIT).build();
    built.map_err(|_| Fault::new("not a regular expression, or a too large one", start, end))
}
