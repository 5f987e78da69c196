# A Raspberry Pi Pico; mpconfigboard.h says where our build differs from the stock one.
set(PICO_BOARD "pico")
set(PICO_PLATFORM "rp2040")
