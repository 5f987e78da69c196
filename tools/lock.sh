#!/usr/bin/env bash
# Writes requirements.lock: every package that the program needs, to the version and with the SHA-256 of each of its
# files, for releases and for who installs them (pip install --require-hashes -r requirements.lock); and beside it, as
# build/centesimo.cdx.json, the list of parts (CycloneDX) that tools look up known faults in.
set -euo pipefail
cd "$(dirname "$0")/.."
env=$(mktemp -d)
trap 'rm -rf "$env"' EXIT
"$PWD/.venv/bin/python" -m venv "$env"
"$env/bin/python" -m pip install -qq --disable-pip-version-check pip-tools cyclonedx-bom
"$env/bin/pip-compile" -q --generate-hashes --strip-extras --no-annotate --no-header \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o requirements.lock pyproject.toml
mkdir -p build
"$env/bin/cyclonedx-py" requirements requirements.lock -o build/centesimo.cdx.json
echo "requirements.lock: $(grep -c == requirements.lock) packages; build/centesimo.cdx.json"
