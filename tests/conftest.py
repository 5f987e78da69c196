"""What every test run needs first."""

import signal

# A run in the background of a shell has the interrupt ignored, and so would every program that a test starts and stops.
signal.signal(signal.SIGINT, signal.default_int_handler)
