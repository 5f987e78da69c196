// A Raspberry Pi Pico 2: as the Pico, but for its name.
#include "../pico/mpconfigboard.h"

#undef MICROPY_HW_BOARD_NAME
#define MICROPY_HW_BOARD_NAME                   "Centesimo on Raspberry Pi Pico 2"
