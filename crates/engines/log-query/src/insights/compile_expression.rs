//! From expressions as they are written to expressions over the places of a row.

use super::aggregate::Aggregation;
use super::ast::{Node, Syntax};
use super::compile::Compiler;
use super::error::{Fault, Parsed};
use super::expression::Expression;
use super::function::{Aggregate, Function};
use super::period::Period;
use super::plan::SystemField;
use super::value::Value;

impl Compiler<'_> {
    pub(crate) fn expression(&mut self, node: &Node) -> Parsed<Expression> {
        // What a `stats` has yielded is known by its text: `sort count(*)`.
        let known = match &self.collecting {
            Some(collecting) => collecting.names.get(&self.label(node)).copied(),
            None if self.after_stats() => self.names.get(&self.label(node)).copied(),
            None => None,
        };
        if let Some(slot) = known {
            return Ok(Expression::Slot(slot));
        }
        Ok(match &node.syntax {
            Syntax::Name(parts) => self.field(parts, node.start, node.end)?,
            Syntax::Part { of, path } => match &of.syntax {
                Syntax::Name(parts) => {
                    self.field(&[parts.as_slice(), path].concat(), node.start, node.end)?
                }
                _ => Expression::Part(self.boxed(of)?, path.clone()),
            },
            Syntax::Text(text) => Expression::Constant(Value::Text(text.clone().into())),
            Syntax::Number(number) => Expression::Constant(Value::number_from(*number)),
            Syntax::Bool(value) => Expression::Constant(Value::Bool(*value)),
            Syntax::Period(_) => {
                return Err(Fault::new(
                    "a period of time is an argument of bin, datefloor and dateceil",
                    node.start,
                    node.end,
                ));
            }
            Syntax::Negative(inner) => Expression::Negative(self.boxed(inner)?),
            Syntax::Not(inner) => Expression::Not(self.boxed(inner)?),
            Syntax::And(left, right) => Expression::And(self.boxed(left)?, self.boxed(right)?),
            Syntax::Or(left, right) => Expression::Or(self.boxed(left)?, self.boxed(right)?),
            Syntax::Compare(operator, left, right) => {
                Expression::Compare(*operator, self.boxed(left)?, self.boxed(right)?)
            }
            Syntax::Arithmetic(operator, left, right) => {
                Expression::Arithmetic(*operator, self.boxed(left)?, self.boxed(right)?)
            }
            Syntax::Like { value, pattern, negated } => {
                Expression::Like { value: self.boxed(value)?, pattern: pattern.clone(), negated: *negated }
            }
            Syntax::In { value, list, negated } => {
                Expression::In { value: self.boxed(value)?, list: self.all(list)?, negated: *negated }
            }
            Syntax::Call { name, arguments } => self.call(node, name, arguments)?,
        })
    }

    fn boxed(&mut self, node: &Node) -> Parsed<Box<Expression>> {
        self.expression(node).map(Box::new)
    }

    fn all(&mut self, nodes: &[Node]) -> Parsed<Vec<Expression>> {
        nodes.iter().map(|node| self.expression(node)).collect()
    }

    /// The value of a name: one that was given, a field that every event has, or one that is to be discovered.
    pub(crate) fn field(&mut self, parts: &[String], start: usize, end: usize) -> Parsed<Expression> {
        let name = parts.join(".");
        if let Some(collecting) = &self.collecting {
            let message = format!("{name} is neither aggregated nor grouped by");
            let slot = collecting.names.get(&name).copied();
            return slot.map(Expression::Slot).ok_or_else(|| Fault::new(message, start, end));
        }
        if let Some(slot) = self.names.get(&name) {
            return Ok(Expression::Slot(*slot));
        }
        // A part of something that has a name: `json_message.status`.
        for length in (1..parts.len()).rev() {
            let Some((head, path)) = parts.split_at_checked(length) else { continue };
            if let Some(slot) = self.names.get(&head.join("."))
                && !self.is_discovered(*slot)
            {
                return Ok(Expression::Part(Box::new(Expression::Slot(*slot)), path.to_vec()));
            }
        }
        if self.after_stats() {
            return Err(Fault::new(format!("{name} is not a result of the stats command"), start, end));
        }
        let new = self.next_slot;
        let slot = match SystemField::named(&name) {
            Some(field) => {
                self.system.push((field, new));
                new
            }
            None => self.discovery.slot(&name, new),
        };
        if slot == new {
            self.next_slot += 1;
        }
        self.names.entry(name).or_insert(slot);
        Ok(Expression::Slot(slot))
    }

    /// Whether the value at this place comes from an event as it is, and so has no parts.
    fn is_discovered(&self, slot: usize) -> bool {
        self.discovery.has(slot) || self.system.iter().any(|(_, other)| *other == slot)
    }

    fn call(&mut self, node: &Node, name: &str, arguments: &[Node]) -> Parsed<Expression> {
        let fault = |message: String| Err(Fault::new(message, node.start, node.end));
        let count = |least: usize, most: usize| {
            if (least..=most).contains(&arguments.len()) {
                return Ok(());
            }
            Err(Fault::new(format!("{name} has another number of arguments"), node.start, node.end))
        };
        if let Some(rounded) = self.rounded(name, arguments)? {
            return Ok(rounded);
        }
        if let Some((function, least, most)) = Aggregate::named(name) {
            count(least, most)?;
            return self.aggregate(node, function, arguments);
        }
        match Function::named(name) {
            Some((function, least, most)) => {
                count(least, most)?;
                Ok(Expression::Call(function, self.all(arguments)?))
            }
            None => fault(format!("the function {name} is not supported")),
        }
    }

    /// `bin`, `datefloor` and `dateceil`, the functions of a period; `None` for others.
    fn rounded(&mut self, name: &str, arguments: &[Node]) -> Parsed<Option<Expression>> {
        let period = |node: &Node| match node.syntax {
            Syntax::Period(period) => Ok(period),
            _ => Err(Fault::new("unexpected symbol found: a period of time is needed", node.start, node.end)),
        };
        let round = |time: Expression, period: Period, up: bool| {
            Ok(Some(Expression::Round { time: Box::new(time), period, up }))
        };
        match (name.to_ascii_lowercase().as_str(), arguments) {
            ("bin", [length]) => round(
                self.field(&["@timestamp".to_owned()], length.start, length.end)?,
                period(length)?,
                false,
            ),
            ("datefloor", [time, length]) => round(self.expression(time)?, period(length)?, false),
            ("dateceil", [time, length]) => round(self.expression(time)?, period(length)?, true),
            _ => Ok(None),
        }
    }

    /// An aggregate function, whose arguments are of the rows that are aggregated.
    fn aggregate(&mut self, node: &Node, function: Aggregate, arguments: &[Node]) -> Parsed<Expression> {
        let fault = |message: &str| Fault::new(message, node.start, node.end);
        let Some(mut collecting) = self.collecting.take() else {
            return Err(fault("aggregate functions stand in stats, and not in each other"));
        };
        let percent = match arguments.get(1).map(|node| &node.syntax) {
            Some(Syntax::Number(percent)) if (0.0..=100.0).contains(percent) => *percent,
            None => 0.0,
            Some(_) => return Err(fault("the second argument of pct is a number from 0 to 100")),
        };
        let argument = arguments.first().map(|node| self.expression(node)).transpose()?;
        let time = if function.is_timed() {
            Some(self.field(&["@timestamp".to_owned()], node.start, node.end)?)
        } else {
            None
        };
        let slot = collecting.next_slot;
        collecting.next_slot += 1;
        collecting.aggregations.push((Aggregation { function, argument, percent, time }, slot));
        self.collecting = Some(collecting);
        Ok(Expression::Slot(slot))
    }
}
