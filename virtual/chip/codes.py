"""How a board's process ends, for the launcher to know what comes next."""

EXIT_UNPLUGGED = 0  # the launcher has gone
EXIT_CUT = 75  # the power was cut: the launcher starts the next boot
EXIT_RESET = 76  # the firmware asked for a reset: the launcher starts the same boot's rest
