#!/bin/sh
# Makes .venv in this folder with everything that pyproject.toml asks for; run by make, once and after a change of it.
# A bare Debian has Python but no pip for a new environment: then the wheel in Debian's python3-pip-whl is unpacked
# beside it, without root and without installing anything.
set -eu
python=$1

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "error: expected Python 3.11 or newer as '$python'; name another one: make PYTHON=python3.12 ..." >&2
    exit 1
}
[ -x .venv/bin/python ] || {
    echo "Making .venv with $("$python" --version) ..."
    rm -rf .venv
    "$python" -m venv --without-pip .venv
}
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    if ! .venv/bin/python -m ensurepip --default-pip >/dev/null 2>&1; then
        mkdir -p .venv/debian
        (cd .venv/debian && apt-get download -q python3-pip-whl >/dev/null && dpkg -x python3-pip-whl_*.deb .) || {
            echo "error: this Python has no pip for a new environment; install it: apt install python3-venv" >&2
            exit 1
        }
        .venv/bin/python "$(echo .venv/debian/usr/share/python-wheels/pip-*.whl)/pip" install --quiet pip
    fi
fi
echo "Installing what pyproject.toml asks for (once, about a minute) ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
touch .venv/ready
