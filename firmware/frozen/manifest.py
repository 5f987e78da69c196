"""What is frozen into the firmware: our packages, what the chip runs at start, and the port's own `rp2` module.

MicroPython's build executes this file; docs/firmware-build.md.
"""

# ruff: noqa: F821

import os

module("rp2.py", base_path="$(PORT_DIR)/modules")
module("_boot.py")
module("main.py")
for name in ("protocol", "firmware"):
    # By name, so that this folder is not part of the package.
    files = sorted(file for file in os.listdir("../../" + name) if file.endswith(".py"))
    package(name, files=files, base_path="../..")
