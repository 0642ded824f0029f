//! From commands to a plan.

use std::collections::HashMap;
use std::sync::Arc;

use memchr::memmem::Finder;

use super::DEFAULT_LIMIT;
use super::aggregate::Aggregation;
use super::ast::{Command, Extraction, Item, Node, Stage, Syntax};
use super::error::{Fault, Parsed};
use super::expression::Expression;
use super::fields::Discovery;
use super::plan::{Operation, Phase, Plan, Sink, SystemField};

/// The most `stats` commands of a query. Source: `CWL_QuerySyntax-Stats`, "Use multiple stats commands".
const MAX_STATS: usize = 2;

/// Compiles the commands of the query `text`.
pub(crate) fn compile(text: &str, stages: &[Stage]) -> Parsed<Plan> {
    let mut compiler = Compiler::new(text);
    for stage in stages {
        compiler.stage(stage)?;
    }
    Ok(compiler.finish())
}

pub(crate) struct Compiler<'t> {
    text: &'t str,
    /// Names that have been given, and the fields of events that have been named.
    pub(crate) names: HashMap<String, usize>,
    pub(crate) next_slot: usize,
    pub(crate) discovery: Discovery,
    pub(crate) system: Vec<(SystemField, usize)>,
    discover_before: Option<usize>,
    /// How many places the row of an event has, once there is a `stats`.
    event_width: Option<usize>,
    phases: Vec<Phase>,
    /// Of the present phase.
    operations: Vec<Operation>,
    keys: Vec<(usize, bool)>,
    distinct: Vec<usize>,
    stats: usize,
    /// Whether a `sort` or a `limit` came after the last `stats`.
    ordered: bool,
    shown: Vec<(String, usize)>,
    parsed: Vec<(String, usize)>,
    displayed: Option<Vec<(String, usize)>>,
    /// While the results of a `stats` are compiled: its aggregate functions.
    pub(crate) collecting: Option<Collecting>,
}

/// The aggregate functions of a `stats`, and the names that its results may be made of.
#[derive(Default)]
pub(crate) struct Collecting {
    pub(crate) aggregations: Vec<(Aggregation, usize)>,
    pub(crate) names: HashMap<String, usize>,
    pub(crate) next_slot: usize,
}

impl<'t> Compiler<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            names: HashMap::new(),
            next_slot: 0,
            discovery: Discovery::default(),
            system: Vec::new(),
            discover_before: None,
            event_width: None,
            phases: Vec::new(),
            operations: Vec::new(),
            keys: Vec::new(),
            distinct: Vec::new(),
            stats: 0,
            ordered: false,
            shown: Vec::new(),
            parsed: Vec::new(),
            displayed: None,
            collecting: None,
        }
    }

    /// Whether rows are groups, and have no fields but their own.
    pub(crate) fn after_stats(&self) -> bool {
        self.stats > 0
    }

    fn stage(&mut self, stage: &Stage) -> Parsed<()> {
        let fault = |message: &str| Err(Fault::new(message, stage.start, stage.end));
        if !self.distinct.is_empty() && !matches!(stage.command, Command::Limit(_)) {
            return fault("only limit may follow dedup");
        }
        match &stage.command {
            Command::Fields(items) => {
                for item in items {
                    let column = self.item(item)?;
                    show(&mut self.shown, column);
                }
            }
            Command::Display(items) => {
                let columns: Parsed<Vec<_>> = items.iter().map(|item| self.item(item)).collect();
                self.displayed = Some(columns?);
            }
            Command::Filter(condition) => {
                let condition = self.expression(condition)?;
                self.operation(Operation::Filter(condition));
            }
            Command::Parse { source, extraction, names } => self.parse(source.as_ref(), extraction, names)?,
            Command::Sort(list) => {
                let mut keys = Vec::new();
                for (node, descending) in list {
                    keys.push((self.slot_of(node)?, *descending));
                }
                // Rows that are equal by this order stay in the order they had.
                keys.append(&mut self.keys);
                self.keys = keys;
                self.ordered = true;
            }
            Command::Limit(limit) => {
                self.gather((*limit).min(DEFAULT_LIMIT));
                self.ordered = true;
            }
            Command::Dedup(list) => {
                for node in list {
                    let slot = self.slot_of(node)?;
                    self.distinct.push(slot);
                }
            }
            Command::Stats { items, by } => {
                if self.stats == MAX_STATS {
                    return fault("a query has at most two stats commands");
                }
                if self.stats > 0 && self.ordered {
                    return fault("sort and limit come after the second stats command");
                }
                self.stats(items, by)?;
            }
            Command::Unmask => {}
        }
        Ok(())
    }

    /// Adds what is done to a row.
    fn operation(&mut self, operation: Operation) {
        let discovered = |slot: usize| self.discovery.has(slot);
        if self.phases.is_empty()
            && self.discover_before.is_none()
            && operation.source().looks_at(&discovered)
        {
            self.discover_before = Some(self.operations.len());
        }
        self.operations.push(operation);
    }

    /// Compiles an expression that is shown, and gives it its name.
    fn item(&mut self, item: &Item) -> Parsed<(String, usize)> {
        let name = item.alias.clone().unwrap_or_else(|| self.label(&item.node));
        let slot = self.slot_of(&item.node)?;
        self.names.insert(name.clone(), slot);
        Ok((name, slot))
    }

    /// The place of an expression's value, which is computed unless it has one.
    fn slot_of(&mut self, node: &Node) -> Parsed<usize> {
        match self.expression(node)? {
            Expression::Slot(slot) => Ok(slot),
            expression => {
                let slot = self.new_slot();
                self.operation(Operation::Compute { slot, expression });
                Ok(slot)
            }
        }
    }

    pub(crate) fn new_slot(&mut self) -> usize {
        self.next_slot += 1;
        self.next_slot - 1
    }

    fn parse(&mut self, source: Option<&Node>, extraction: &Extraction, names: &[String]) -> Parsed<()> {
        let source = match source {
            Some(node) => self.expression(node)?,
            None => self.field(&["@message".to_owned()], 0, 0)?,
        };
        let mut give = |name: &str| {
            let slot = self.new_slot();
            self.names.insert(name.to_owned(), slot);
            show(&mut self.parsed, (name.to_owned(), slot));
            slot
        };
        let operation = match extraction {
            Extraction::Glob(parts) => Operation::Glob {
                slots: names.iter().map(|name| give(name)).collect(),
                source,
                parts: parts.iter().map(|part| Finder::new(part).into_owned()).collect(),
            },
            Extraction::Regex(regex) => {
                let named = regex.capture_names().enumerate();
                Operation::Regex {
                    groups: named.filter_map(|(group, name)| Some((group, give(name?)))).collect(),
                    source,
                    regex: regex.clone(),
                }
            }
        };
        self.operation(operation);
        Ok(())
    }

    /// Ends the present phase: its rows gather, in order.
    fn gather(&mut self, limit: usize) {
        if self.phases.is_empty() && self.keys.is_empty() {
            // The newest first, as AWS shows events that are not sorted.
            if let Ok(Expression::Slot(slot)) = self.field(&["@timestamp".to_owned()], 0, 0) {
                self.keys.push((slot, true));
            }
        }
        let sink = Sink::Rows {
            keys: std::mem::take(&mut self.keys),
            distinct: std::mem::take(&mut self.distinct),
            limit,
        };
        self.phases.push(Phase { operations: std::mem::take(&mut self.operations), sink });
    }

    fn stats(&mut self, items: &[Item], by: &[Item]) -> Parsed<()> {
        let mut groups = Vec::new();
        let mut collecting = Collecting { next_slot: by.len(), ..Collecting::default() };
        let mut columns = Vec::new();
        for (slot, item) in by.iter().enumerate() {
            groups.push(self.expression(&item.node)?);
            let name = item.alias.clone().unwrap_or_else(|| self.label(&item.node));
            collecting.names.insert(name.clone(), slot);
            collecting.names.insert(self.label(&item.node), slot);
            columns.push((name, slot));
        }
        self.collecting = Some(collecting);
        let mut computed = Vec::new();
        for item in items {
            let name = item.alias.clone().unwrap_or_else(|| self.label(&item.node));
            let expression = self.expression(&item.node)?;
            let Some(collecting) = &mut self.collecting else { continue };
            let slot = match expression {
                Expression::Slot(slot) => slot,
                expression => {
                    let slot = collecting.next_slot;
                    collecting.next_slot += 1;
                    computed.push(Operation::Compute { slot, expression });
                    slot
                }
            };
            collecting.names.insert(name.clone(), slot);
            show(&mut columns, (name, slot));
        }
        let Some(collecting) = self.collecting.take() else { return Ok(()) };
        widen(&mut self.phases, self.next_slot);
        self.event_width.get_or_insert(self.next_slot);
        let sink =
            Sink::Groups { by: groups, aggregations: collecting.aggregations, width: collecting.next_slot };
        self.phases.push(Phase { operations: std::mem::replace(&mut self.operations, computed), sink });
        self.names = columns.iter().cloned().collect();
        self.next_slot = collecting.next_slot;
        self.stats += 1;
        (self.ordered, self.shown, self.displayed) = (false, columns, None);
        self.parsed.clear();
        self.keys.clear();
        Ok(())
    }

    fn finish(mut self) -> Plan {
        let gathered = matches!(self.phases.last(), Some(Phase { sink: Sink::Rows { .. }, .. }));
        let columns = self.columns();
        if !gathered || !self.operations.is_empty() || !self.keys.is_empty() || !self.distinct.is_empty() {
            self.gather(DEFAULT_LIMIT);
        }
        widen(&mut self.phases, self.next_slot);
        Plan {
            system: self.system,
            discovery: self.discovery,
            discover_before: self.discover_before.unwrap_or(usize::MAX),
            width: self.event_width.unwrap_or(self.next_slot),
            phases: self.phases,
            columns: columns.into_iter().map(|(name, slot)| (Arc::from(name), slot)).collect(),
        }
    }

    fn columns(&mut self) -> Vec<(String, usize)> {
        let mut columns = std::mem::take(&mut self.shown);
        let event_field = |compiler: &mut Self, name: &str| match compiler.field(&[name.to_owned()], 0, 0) {
            Ok(Expression::Slot(slot)) => Some((name.to_owned(), slot)),
            _ => None,
        };
        if columns.is_empty() && !self.after_stats() {
            columns.extend(["@timestamp", "@message"].iter().filter_map(|name| event_field(self, name)));
        }
        std::mem::take(&mut self.parsed).into_iter().for_each(|column| show(&mut columns, column));
        let mut columns = self.displayed.take().unwrap_or(columns);
        if !self.after_stats()
            && let Some(column) = event_field(self, "@ptr")
        {
            show(&mut columns, column);
        }
        columns
    }

    /// The name of an expression that is given none: its text, without needless white space.
    pub(crate) fn label(&self, node: &Node) -> String {
        if let Syntax::Name(parts) = &node.syntax {
            return parts.join(".");
        }
        let text = self.text.get(node.start..node.end).unwrap_or_default();
        let mut label = String::with_capacity(text.len());
        let mut quote = None;
        for c in text.chars() {
            let tight =
                label.ends_with(['(', ' ']) || matches!(c, ')' | ',') || c == '(' && ends_name(&label);
            match quote {
                Some(open) if open == c => quote = None,
                Some(_) => {}
                None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
                None if c.is_whitespace() => {
                    if !label.ends_with(['(', ' ']) {
                        label.push(' ');
                    }
                    continue;
                }
                None if tight && label.ends_with(' ') && matches!(c, ')' | ',' | '(') => {
                    label.pop();
                }
                None => {}
            }
            label.push(c);
        }
        label
    }
}

/// Whether a name stands before the white space at the end.
fn ends_name(label: &str) -> bool {
    label.trim_end().ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Adds a column, or puts it in the place of one with the same name.
fn show(columns: &mut Vec<(String, usize)>, column: (String, usize)) {
    match columns.iter_mut().find(|(name, _)| *name == column.0) {
        Some(old) => *old = column,
        None => columns.push(column),
    }
}

/// Rows of groups have places for what later commands compute.
fn widen(phases: &mut [Phase], slots: usize) {
    for phase in phases {
        if let Sink::Groups { width, .. } = &mut phase.sink {
            *width = (*width).max(slots);
        }
    }
}
