"""What is frozen into the firmware: our packages, what the chip runs at start, and the port's own `rp2` module.

MicroPython's build executes this file; docs/firmware-build.md.
"""

# ruff: noqa: F821

import os

module("rp2.py", base_path="$(PORT_DIR)/modules")
module("_boot.py")
module("main.py")
for root, name in (("protocol", "centesimo_protocol"), ("firmware", "centesimo_board")):
    files = sorted(file for file in os.listdir(f"../../{root}/{name}") if file.endswith(".py"))
    package(name, files=files, base_path="../../" + root)
