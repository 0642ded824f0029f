"""A call to try: its parameters, and the resources that each of its actions is about."""

from __future__ import annotations

from dataclasses import dataclass, field

import facts


@dataclass
class Row:
    """What a row of the tables makes. A row that is a plain dictionary is one with nothing but arguments."""

    arguments: dict
    # The ARNs that an action is about, where they are not all those that the arguments name.
    about: dict[str, list[str]] = field(default_factory=dict)
    # Whose call it is; the first account's user as a rule.
    caller: object = None


@dataclass
class Case:
    """A call of which everything is known."""

    service: str
    operation: str
    arguments: dict
    # (action, ARN or `*`): all must be allowed.
    needs: list[tuple[str, str]]
    caller: object

    def call(self) -> dict:
        client = self.caller.client(self.service)
        names = {wire: name for name, wire in client.meta.method_to_api_mapping.items()}
        return getattr(client, names[self.operation])(**self.arguments)


def case(world, service: str, operation: str, rows: dict, members: dict) -> Case:
    """The case of an operation: parameters from its row and, for required members, from the table of members."""
    made = rows.get(operation, lambda _: {})(world)
    row = made if isinstance(made, Row) else Row(made)
    shape = world.client(service).meta.service_model.operation_model(operation).input_shape
    for member in shape.required_members if shape else []:
        if member not in row.arguments:
            assert member in members, f"{service}:{operation} needs {member}, and neither its row nor the members' table has it"
            row.arguments[member] = members[member](world)
    needs = []
    for action in facts.actions_of(f"{service}:{operation}"):
        named = row.about.get(action) or world.arns_in(row.arguments)
        collection = facts.collection(action)
        needs += [(action, world.collection(service, collection))] if collection else about(action, dict.fromkeys(named))
    return Case(service, operation, row.arguments, needs, row.caller or world.caller)


def about(action: str, arns: dict[str, None]) -> list[tuple[str, str]]:
    """Which of these ARNs an action asks about: those of the resource types that the fixture lists for it."""
    service = action.split(":")[0]
    needs = []
    types = facts.types_of(action)
    for name, demand in types.items():
        found = [(action, arn) for arn in arns if facts.pattern(service, name).fullmatch(arn)]
        assert found or demand != "required", f"{action} is about a {name}, and the call names none: {list(arns)}"
        needs += [(action, arn + facts.ending(action, name)) for _, arn in found]
    return needs or [(action, "*")]
