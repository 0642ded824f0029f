//! Reading a query: its expressions.
//!
//! From the weakest to the strongest: `or`, `and`, `not`, comparisons, `+ -`, `* / %`, `^`, a sign, parts of a value.

use memchr::memmem::Finder;

use super::ast::{Arithmetic, Comparison, Match, Node, Syntax};
use super::error::{Fault, Parsed};
use super::lexer::{Token, Word};
use super::parser::{Parser, compile};
use super::period::Period;

/// The deepest nesting of an expression.
const MAX_DEPTH: usize = 64;

/// The deepest tree of an expression. The tree of a chain of operators is as deep as the chain is long.
const MAX_TREE_DEPTH: usize = 500;

impl Parser<'_> {
    pub(crate) fn expression(&mut self) -> Parsed<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::new("an expression is nested too deeply", self.next.start, self.next.end));
        }
        let node = self.chain(Self::conjunction, |parser| {
            Ok(parser.eat_keyword("or")?.then_some(Syntax::Or as fn(Box<Node>, Box<Node>) -> Syntax))
        })?;
        self.depth -= 1;
        if self.depth == 0 && node.depth() > MAX_TREE_DEPTH {
            return Err(Fault::new("an expression is too long", node.start, node.end));
        }
        Ok(node)
    }

    fn conjunction(&mut self) -> Parsed<Node> {
        self.chain(Self::negation, |parser| {
            Ok(parser.eat_keyword("and")?.then_some(Syntax::And as fn(Box<Node>, Box<Node>) -> Syntax))
        })
    }

    /// Operands of equal strength, from left to right. `operator` reads what joins two of them.
    fn chain<F: Fn(Box<Node>, Box<Node>) -> Syntax>(
        &mut self,
        operand: impl Fn(&mut Self) -> Parsed<Node>,
        operator: impl Fn(&mut Self) -> Parsed<Option<F>>,
    ) -> Parsed<Node> {
        let mut left = operand(self)?;
        while let Some(join) = operator(self)? {
            let right = operand(self)?;
            let (start, end) = (left.start, right.end);
            left = Node { syntax: join(Box::new(left), Box::new(right)), start, end };
        }
        Ok(left)
    }

    fn negation(&mut self) -> Parsed<Node> {
        let mut starts = Vec::new();
        while self.keyword().is_some_and(|word| word == "not") && starts.len() < MAX_DEPTH {
            starts.push(self.take()?.start);
        }
        let mut node = self.comparison()?;
        while let Some(start) = starts.pop() {
            node = Node { end: node.end, syntax: Syntax::Not(Box::new(node)), start };
        }
        Ok(node)
    }

    fn comparison(&mut self) -> Parsed<Node> {
        let left = self.sum()?;
        let operators = [
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("=", Comparison::Equal),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        for (symbol, operator) in operators {
            if self.eat(symbol)? {
                let right = self.sum()?;
                let (start, end) = (left.start, right.end);
                let syntax = Syntax::Compare(operator, Box::new(left), Box::new(right));
                return Ok(Node { syntax, start, end });
            }
        }
        if self.eat("=~")? {
            return self.like(left, false, true);
        }
        let negated = self.eat_keyword("not")?;
        if self.eat_keyword("like")? {
            return self.like(left, negated, false);
        }
        if self.eat_keyword("in")? {
            return self.membership(left, negated);
        }
        if negated { Err(self.unexpected()) } else { Ok(left) }
    }

    /// What follows `like`, or `=~` when `regex_text`: then a text is a regular expression too.
    fn like(&mut self, left: Node, negated: bool, regex_text: bool) -> Parsed<Node> {
        let Word { start: first, end: last, .. } = self.next;
        let pattern = if let Some(regex) = self.regex()? {
            Match::Regex(Box::new(regex))
        } else {
            let Word { token: Token::Text(text), .. } = self.next.clone() else {
                return Err(self.unexpected());
            };
            self.take()?;
            if regex_text {
                Match::Regex(Box::new(compile(&text, first, last)?))
            } else {
                Match::Part(Box::new(Finder::new(&text).into_owned()))
            }
        };
        let (start, end) = (left.start, self.next.start);
        Ok(Node { syntax: Syntax::Like { value: Box::new(left), pattern, negated }, start, end })
    }

    fn membership(&mut self, left: Node, negated: bool) -> Parsed<Node> {
        if matches!(self.next.token, Token::Symbol("(")) {
            return Err(Fault::new("subqueries are not supported", self.next.start, self.next.end));
        }
        self.expect("[")?;
        let list = if matches!(self.next.token, Token::Symbol("]")) {
            Vec::new()
        } else {
            self.list(Self::expression)?
        };
        let (start, end) = (left.start, self.next.end);
        self.expect("]")?;
        Ok(Node { syntax: Syntax::In { value: Box::new(left), list, negated }, start, end })
    }

    fn sum(&mut self) -> Parsed<Node> {
        self.chain(Self::product, |parser| {
            let operator = parser.arithmetic(&[("+", Arithmetic::Add), ("-", Arithmetic::Subtract)])?;
            Ok(operator.map(join))
        })
    }

    fn product(&mut self) -> Parsed<Node> {
        self.chain(Self::power, |parser| {
            let operator = parser.arithmetic(&[
                ("*", Arithmetic::Multiply),
                ("/", Arithmetic::Divide),
                ("%", Arithmetic::Remainder),
            ])?;
            Ok(operator.map(join))
        })
    }

    /// Powers, of which the right one comes first.
    fn power(&mut self) -> Parsed<Node> {
        let mut operands = vec![self.signed()?];
        while operands.len() < MAX_DEPTH && self.eat("^")? {
            operands.push(self.signed()?);
        }
        let mut node = operands.pop().ok_or_else(|| self.unexpected())?;
        while let Some(base) = operands.pop() {
            let (start, end) = (base.start, node.end);
            let syntax = Syntax::Arithmetic(Arithmetic::Power, Box::new(base), Box::new(node));
            node = Node { syntax, start, end };
        }
        Ok(node)
    }

    /// Passes an operator if one of these comes next.
    fn arithmetic(&mut self, operators: &[(&str, Arithmetic)]) -> Parsed<Option<Arithmetic>> {
        for (symbol, operator) in operators {
            if self.eat(symbol)? {
                return Ok(Some(*operator));
            }
        }
        Ok(None)
    }

    fn signed(&mut self) -> Parsed<Node> {
        let start = self.next.start;
        if self.eat("-")? {
            let inner = self.operand()?;
            return Ok(Node { end: inner.end, syntax: Syntax::Negative(Box::new(inner)), start });
        }
        self.operand()
    }

    /// A value, and the parts of it that are taken.
    pub(crate) fn operand(&mut self) -> Parsed<Node> {
        let mut node = self.primary()?;
        let mut path = Vec::new();
        let mut end = node.end;
        loop {
            if self.eat("[")? {
                let Token::Number(index) = self.next.token else { return Err(self.unexpected()) };
                path.push(super::whole(index).to_string());
                self.take()?;
                end = self.next.end;
                self.expect("]")?;
            } else if matches!(self.next.token, Token::Symbol(".")) && self.next.start == end {
                self.take()?;
                let Token::Name { parts, .. } = &self.next.token else { return Err(self.unexpected()) };
                path.extend(parts.iter().cloned());
                end = self.take()?.end;
            } else {
                break;
            }
        }
        if !path.is_empty() {
            let start = node.start;
            node = Node { syntax: Syntax::Part { of: Box::new(node), path }, start, end };
        }
        Ok(node)
    }

    fn primary(&mut self) -> Parsed<Node> {
        let Word { token, start, end } = self.next.clone();
        let syntax = match token {
            Token::Text(text) => Syntax::Text(text),
            Token::Number(number) => Syntax::Number(number),
            Token::Period(count, unit) => {
                let period = Period::new(count, &unit);
                Syntax::Period(period.ok_or_else(|| Fault::new("an unknown unit of time", start, end))?)
            }
            Token::Symbol("(") => {
                self.take()?;
                let mut inner = self.expression()?;
                inner.start = start;
                inner.end = self.next.end;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Name { parts, quoted } => return self.named(parts, quoted, start, end),
            Token::Symbol(_) | Token::End => return Err(self.unexpected()),
        };
        self.take()?;
        Ok(Node { syntax, start, end })
    }

    /// A field, a call, or one of the words that are values.
    fn named(&mut self, parts: Vec<String>, quoted: bool, start: usize, end: usize) -> Parsed<Node> {
        let word = self.keyword();
        self.take()?;
        let syntax = match (word.as_deref(), parts.as_slice()) {
            (Some("true"), _) => Syntax::Bool(true),
            (Some("false"), _) => Syntax::Bool(false),
            (Some("and" | "or" | "in" | "like" | "as" | "by"), _) => {
                return Err(Fault::new("unexpected symbol found", start, end));
            }
            (_, [name]) if !quoted && matches!(self.next.token, Token::Symbol("(")) => {
                return self.call(name.clone(), start);
            }
            _ => Syntax::Name(parts),
        };
        Ok(Node { syntax, start, end })
    }

    fn call(&mut self, name: String, start: usize) -> Parsed<Node> {
        self.expect("(")?;
        let arguments = if matches!(self.next.token, Token::Symbol(")")) || self.eat("*")? {
            Vec::new()
        } else {
            self.list(Self::expression)?
        };
        let end = self.next.end;
        self.expect(")")?;
        Ok(Node { syntax: Syntax::Call { name, arguments }, start, end })
    }
}

/// What joins two operands.
fn join(operator: Arithmetic) -> impl Fn(Box<Node>, Box<Node>) -> Syntax {
    move |left, right| Syntax::Arithmetic(operator, left, right)
}
