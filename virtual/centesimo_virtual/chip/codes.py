"""How a board's process ends, for the launcher to know what comes next."""

EXIT_UNPLUGGED = 0  # the launcher has gone
EXIT_CUT = 75  # the power was cut: the launcher starts the next boot
