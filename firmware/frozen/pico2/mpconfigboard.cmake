# A Raspberry Pi Pico 2; mpconfigboard.h says where our build differs from the stock one.
set(PICO_BOARD "pico2")
set(PICO_PLATFORM "rp2350-arm-s")
