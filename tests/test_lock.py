"""The lock for releases: every package that the program needs is in it, to one version, with hashes."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_dependency_is_locked_with_hashes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.split("[^a-z0-9-]", written.lower())[0] for written in project["dependencies"] if ";" not in written}
    packages = re.split(r"\n(?=[a-z])", (ROOT / "requirements.lock").read_text())
    locked = {re.match("[a-z0-9-]+", package)[0]: package for package in packages}
    assert needed - locked.keys() == set()
    for name, package in locked.items():
        assert re.match(r"[a-z0-9-]+==[0-9][^ ]* ", package), name
        assert re.search("--hash=sha256:[0-9a-f]{64}", package), name
