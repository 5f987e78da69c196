"""What every test run needs first."""

import os
import signal
import tempfile
from pathlib import Path

# A run in the background of a shell has the interrupt ignored, and so would every program that a test starts and stops.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The key with which this computer signs is the person's own: tests have one of their own.
os.environ["CENTESIMO_DEVICE"] = str(Path(tempfile.mkdtemp(prefix="centesimo-device-")) / "device")
