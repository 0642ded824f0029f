"""Terraform with its AWS provider, as the tests of this folder run it.

`GARRISON_TERRAFORM_PLUGINS` names a folder with a mirror of the provider (`registry.terraform.io/hashicorp/aws/…`);
the `terraform` command is in it or on the path.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

CONFIGURATIONS = Path(__file__).parent
QUIET = ("-input=false", "-no-color")
CHANGES = 2


def terraform_binary(plugins: Path) -> str:
    inside = plugins / "terraform"
    found = str(inside) if inside.is_file() else shutil.which("terraform")
    return found or pytest.fail("no `terraform` in the folder of GARRISON_TERRAFORM_PLUGINS or on the path")


class Terraform:
    """One configuration in a folder of its own, with its state."""

    def __init__(self, binary: str, plugins: Path, folder: Path, configuration: str, **variables: object):
        self.binary = binary
        self.folder = folder
        folder.mkdir()
        shutil.copy(CONFIGURATIONS / "provider.tf", folder)
        for file in (CONFIGURATIONS / configuration).glob("*.tf"):
            shutil.copy(file, folder)
        settings = folder / "cli.tfrc"
        settings.write_text(
            f'provider_installation {{ filesystem_mirror {{ path = "{plugins}" }} }}\ndisable_checkpoint = true\n'
        )
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        self.environment = {
            **kept,
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "HOME": str(folder),
            # The provider lives for seconds: collecting its garbage takes a third of them.
            "GOGC": "400",
        }
        self.give(**variables)
        self.run("init", *QUIET)

    def give(self, **variables: object) -> None:
        """Gives variables a value from now on."""
        for name, value in variables.items():
            self.environment[f"TF_VAR_{name}"] = value if isinstance(value, str) else json.dumps(value)

    def run(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            [self.binary, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode in codes, f"terraform {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def apply(self, *arguments: str) -> None:
        self.run("apply", "-auto-approve", *QUIET, *arguments)

    def destroy(self) -> None:
        self.run("destroy", "-auto-approve", *QUIET)

    def plans_nothing(self) -> None:
        """With -detailed-exitcode 0 means no difference."""
        self.run("plan", "-detailed-exitcode", *QUIET)

    def changes_in_place(self) -> None:
        """Plans some change, applies it and has nothing left to plan; no resource may be replaced."""
        planned = self.run("plan", "-detailed-exitcode", "-out=changes", *QUIET, codes=(CHANGES,))
        assert "must be replaced" not in planned, planned
        self.run("apply", *QUIET, "changes")
        self.plans_nothing()

    def outputs(self) -> dict:
        return {name: entry["value"] for name, entry in json.loads(self.run("output", "-json")).items()}

    def ids(self) -> dict[str, str]:
        """The id of every managed resource that is there once, by its address."""
        state = json.loads((self.folder / "terraform.tfstate").read_text())
        return {
            f"{resource['type']}.{resource['name']}": resource["instances"][0]["attributes"].get("id")
            for resource in state["resources"]
            if resource["mode"] == "managed" and len(resource["instances"]) == 1
        }

    def kinds(self, *prefixes: str) -> tuple[set[str], set[str]]:
        """The resource and the data source types of the provider whose names begin so."""
        [schemas] = json.loads(self.run("providers", "schema", "-json"))["provider_schemas"].values()
        return tuple(
            {name for name in schemas[kind] if name.startswith(prefixes)}
            for kind in ("resource_schemas", "data_source_schemas")
        )

    def adopts(self, ids: dict[str, str]) -> None:
        """Forgets resources and imports them by their ids: the first with the command, the others with blocks."""
        self.run("state", "rm", *ids)
        [(address, id), *others] = ids.items()
        self.run("import", *QUIET, address, id)
        blocks = self.folder / "imports.tf"
        blocks.write_text("".join(f'import {{\n  to = {to}\n  id = "{of}"\n}}\n' for to, of in others))
        self.apply()
        blocks.unlink()
        self.plans_nothing()


@pytest.fixture
def terraform(tmp_path):
    """Makes a folder for a configuration: `terraform("kms", endpoint=…, access_key=…)`."""
    named = os.environ.get("GARRISON_TERRAFORM_PLUGINS")
    if not named:
        pytest.skip("GARRISON_TERRAFORM_PLUGINS does not name a folder with a mirror of Terraform's AWS provider")
    plugins = Path(named)
    assert (plugins / "registry.terraform.io/hashicorp/aws").is_dir(), f"{plugins} holds no mirror of the AWS provider"
    binary = terraform_binary(plugins)
    return lambda configuration, **variables: Terraform(
        binary, plugins, tmp_path / f"terraform-{configuration}", configuration, **variables
    )
