//! Effective policies: management policies merged from the root down.
//!
//! Source: Organizations User Guide, "Inheritance operators" and "Inheritance examples". An operator for child policies binds
//! the policies of lower levels at the place where it stands: the value there, and whether names may be added below it.

use serde_json::{Map, Value};

use crate::grammar::{Operators, Setting};

/// A place in the merged policy.
#[derive(Debug, Clone, PartialEq)]
struct Merged {
    name: String,
    value: Option<Value>,
    /// What lower levels may do here.
    allowed: Operators,
    /// What they may do below the level that is being merged.
    next: Operators,
    children: Vec<Merged>,
}

impl Merged {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: None,
            allowed: Operators::ALL,
            next: Operators::ALL,
            children: Vec::new(),
        }
    }

    /// Applies a policy of the level that is being merged.
    fn apply(&mut self, setting: &Setting) {
        self.next = self.next.and(setting.allowed);
        if let Some(value) = setting.assign.as_ref().filter(|_| self.allowed.assign) {
            self.value = Some(value.clone());
        }
        if self.allowed.append && !setting.append.is_empty() {
            let mut values = listed(self.value.take());
            values.extend(setting.append.iter().cloned());
            self.value = Some(distinct(values));
        }
        if self.allowed.remove
            && let Some(Value::Array(values)) = &mut self.value
        {
            values.retain(|value| !setting.remove.contains(value));
        }
        for (name, child) in &setting.children {
            let known = self.children.iter().position(|merged| merged.name.eq_ignore_ascii_case(name));
            let at = match known {
                Some(at) => at,
                None if self.allowed.adds() => {
                    self.children.push(Self::new(name));
                    self.children.len() - 1
                }
                None => continue,
            };
            if let Some(merged) = self.children.get_mut(at) {
                merged.apply(child);
            }
        }
    }

    /// Ends a level: what its policies allow binds those of the next.
    fn descend(&mut self) {
        self.allowed = self.allowed.and(self.next);
        self.next = Operators::ALL;
        self.children.iter_mut().for_each(Self::descend);
    }

    fn json(self) -> Option<Value> {
        if let Some(value) = self.value {
            return Some(value).filter(|value| value.as_array().is_none_or(|values| !values.is_empty()));
        }
        let members: Map<String, Value> = self
            .children
            .into_iter()
            .filter_map(|child| {
                let name = child.name.clone();
                Some((name, child.json()?))
            })
            .collect();
        (!members.is_empty()).then_some(Value::Object(members))
    }
}

fn listed(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(values)) => values,
        other => other.into_iter().collect(),
    }
}

fn distinct(values: Vec<Value>) -> Value {
    let mut kept: Vec<Value> = Vec::with_capacity(values.len());
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    Value::Array(kept)
}

/// Merges the policies of a path: levels from the root down, the policies of each in the order of their attachment. Where
/// two policies of one level assign different values, the one that was attached first wins.
pub(crate) fn merge(levels: &[Vec<Setting>]) -> Option<Value> {
    let mut merged = Merged::new("");
    for level in levels {
        for policy in level.iter().rev() {
            merged.apply(policy);
        }
        merged.descend();
    }
    merged.json()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::grammar;

    fn merged(levels: &[&[Value]]) -> Option<Value> {
        let read = |policy: &Value| grammar::read(&policy.to_string(), None).unwrap();
        let levels: Vec<Vec<Setting>> = levels.iter().map(|level| level.iter().map(read).collect()).collect();
        merge(&levels)
    }

    fn values(setting: Value) -> Value {
        json!({"tags": {"color": {"tag_value": setting}}})
    }

    fn lock(operators: Value, mut setting: Value) -> Value {
        setting["@@operators_allowed_for_child_policies"] = operators;
        setting
    }

    #[test]
    fn operators_merge_down_the_path() {
        let assign = |list: Value| values(json!({"@@assign": list}));
        let append = |list: Value| values(json!({"@@append": list}));
        let remove = |list: Value| values(json!({"@@remove": list}));
        for (levels, expected) in [
            (vec![vec![assign(json!(["a"]))], vec![assign(json!(["b"]))]], Some(json!(["b"]))),
            (vec![vec![assign(json!(["a"]))], vec![append(json!(["b", "a"]))]], Some(json!(["a", "b"]))),
            (vec![vec![assign(json!(["a", "b"]))], vec![remove(json!(["b", "c"]))]], Some(json!(["a"]))),
            (vec![vec![append(json!(["a"]))], vec![], vec![append(json!(["b"]))]], Some(json!(["a", "b"]))),
            (vec![vec![assign(json!(["a"]))], vec![remove(json!(["a"]))]], None),
            (vec![vec![assign(json!(["first"])), assign(json!(["second"]))]], Some(json!(["first"]))),
            (vec![vec![]], None),
        ] {
            let levels: Vec<&[Value]> = levels.iter().map(Vec::as_slice).collect();
            let expected = expected.map(|list| json!({"tags": {"color": {"tag_value": list}}}));
            assert_eq!(merged(&levels), expected, "{levels:?}");
        }
    }

    #[test]
    fn parents_limit_their_children() {
        let root = values(lock(json!(["@@append"]), json!({"@@assign": ["a"]})));
        let child = values(json!({"@@assign": ["b"]}));
        assert_eq!(
            merged(&[std::slice::from_ref(&root), &[child]]),
            Some(json!({"tags": {"color": {"tag_value": ["a"]}}}))
        );
        let child = values(json!({"@@append": ["b"]}));
        assert_eq!(merged(&[&[root], &[child]]), Some(json!({"tags": {"color": {"tag_value": ["a", "b"]}}})));
    }

    #[test]
    fn a_locked_place_takes_no_new_names_and_lets_known_ones_change() {
        let root =
            json!({"tags": lock(json!(["@@none"]), json!({"color": {"tag_key": {"@@assign": "Color"}}}))});
        let child = json!({"tags": {
            "Color": {"tag_key": {"@@assign": "COLOR"}},
            "other": {"tag_key": {"@@assign": "Other"}},
        }});
        assert_eq!(merged(&[&[root], &[child]]), Some(json!({"tags": {"color": {"tag_key": "COLOR"}}})));
    }

    #[test]
    fn a_lock_binds_lower_levels_only_and_is_never_undone() {
        let locked = values(lock(json!(["@@none"]), json!({"@@assign": ["a"]})));
        let beside = values(json!({"@@append": ["b"]}));
        let open = values(lock(json!(["@@all"]), json!({"@@append": ["c"]})));
        let below = values(json!({"@@append": ["d"]}));
        assert_eq!(
            merged(&[&[beside, locked], &[open], &[below]]),
            Some(json!({"tags": {"color": {"tag_value": ["a", "b"]}}}))
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Appending along a path gives every value once, in order, wherever the levels are cut.
        #[test]
        fn appending_is_the_union(lists in prop::collection::vec(prop::collection::vec(0_u8..6, 1..4), 1..5)) {
            let policies: Vec<Value> = lists.iter().map(|list| values(json!({"@@append": list}))).collect();
            let levels: Vec<&[Value]> = policies.iter().map(std::slice::from_ref).collect();
            let mut union: Vec<u8> = Vec::new();
            for value in lists.concat() {
                if !union.contains(&value) {
                    union.push(value);
                }
            }
            prop_assert_eq!(merged(&levels), Some(json!({"tags": {"color": {"tag_value": union}}})));
        }
    }
}
