#!/usr/bin/env bash
# Builds sdist and wheel, installs the wheel with the extra `virtual` into an empty environment, and there, in an empty
# folder, runs `centesimo --help` and the tests' smoke part as the sdist has it: nothing of this folder can stand in for
# what the wheel lacks. Leaves both files in build/dist.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$PWD/.venv/bin/python
mkdir -p build
rm -rf build/dist
"$python" -m build --outdir build/dist . >build/package.log 2>&1 || { tail -n 20 build/package.log >&2; exit 1; }

empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
wheel=$(echo "$PWD"/build/dist/*.whl)
sdist=$(echo "$PWD"/build/dist/*.tar.gz)
cd "$empty"
"$python" -m venv env
env/bin/python -m pip install -qq --disable-pip-version-check "$wheel[virtual]" pytest
echo "installed: $(env/bin/python -c 'import centesimo; print(centesimo.__file__)')"
env/bin/centesimo --help | head -n 1
tar xzf "$sdist" --strip-components=1 --wildcards '*/tests/__init__.py' '*/tests/events.py' '*/tests/test_smoke.py' '*/CHANGELOG.md' '*/LICENSE' '*/docs/commands.md'
env/bin/python -m pytest -q -p no:cacheprovider tests/test_smoke.py
echo "whole: $(basename "$wheel"), $(basename "$sdist") ($(tar tzf "$sdist" | wc -l) files)"
