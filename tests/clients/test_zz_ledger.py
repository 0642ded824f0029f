"""After all other tests: every operation was called, and every error that the model lists for it was seen or explained."""

import tomllib
from pathlib import Path

import pytest
from botocore.session import get_session

import ledger

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent


@pytest.fixture(scope="module")
def model():
    return get_session().get_service_model("kms")


@pytest.fixture(scope="module")
def manifest() -> dict:
    return tomllib.loads((REPOSITORY / "models" / "kms.toml").read_text())


@pytest.fixture
def whole(request):
    """These comparisons make sense when every module of KMS tests has run."""
    collected = {item.path.name for item in request.session.items}
    missing = {path.name for path in HERE.glob("test_*.py")} - collected - {"test_terraform.py"}
    if missing:
        pytest.skip(f"the ledger is of the whole suite; not selected: {', '.join(sorted(missing))}")


def test_the_coverage_list_says_50_of_56(model, manifest):
    assert len(manifest["operations"]) == 50
    assert sorted([*manifest["operations"], *manifest["not_built"]]) == sorted(model.operation_names)
    assert len(model.operation_names) == 56
    coverage = (REPOSITORY / "docs" / "coverage.md").read_text()
    assert "50 of 56" in coverage


def test_every_operation_was_called(whole, manifest):
    assert set(manifest["operations"]) - ledger.CALLED == set()


def explained() -> dict[tuple[str, str], str]:
    """(operation or `*`, error) to the reason why no test can produce it."""
    entries = tomllib.loads((HERE / "unreachable_errors.toml").read_text())["error"]
    pairs = {}
    for entry in entries:
        assert entry["why"].strip(), entry
        for operation in entry["operations"]:
            assert (operation, entry["name"]) not in pairs, entry
            pairs[operation, entry["name"]] = entry["why"]
    return pairs


def test_every_listed_error_was_seen_or_is_explained(whole, model, manifest):
    reasons = explained()
    listed = {
        (operation, shape.name) for operation in manifest["operations"] for shape in model.operation_model(operation).error_shapes
    }
    seen = set(ledger.REFUSED)
    unexplained = {pair for pair in listed - seen if pair not in reasons and ("*", pair[1]) not in reasons}
    assert not unexplained, "\n".join(" ".join(pair) for pair in sorted(unexplained))
    # An explanation that a test refutes, or that is for nothing, goes.
    everywhere = {error for operation, error in reasons if operation == "*"}
    refuted = {pair for pair in seen & listed if pair in reasons or pair[1] in everywhere}
    assert not refuted, f"explained as unreachable, and yet seen: {sorted(refuted)}"
    idle = {pair for pair in reasons if pair[0] != "*" and pair not in listed}
    assert not idle, f"explained, but the model does not list them: {sorted(idle)}"
