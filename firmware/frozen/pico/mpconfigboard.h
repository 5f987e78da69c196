// MicroPython on a Raspberry Pi Pico as a timing board: where our build differs from the stock one, and why.

#define MICROPY_HW_BOARD_NAME                   "Centesimo on Raspberry Pi Pico"

// The journal's and the settings' area: firmware/centesimo_board/board.py, FLASH_SIZE.
#define MICROPY_HW_FLASH_STORAGE_BYTES          (1408 * 1024)

// Two frames of the most records: the loop fills one while the host takes the other.
#define CFG_TUD_CDC_TX_BUFSIZE                  (2048)

// Opening the port at 1200 baud, as programs that try rates do, must not turn the board into a USB stick.
#define MICROPY_HW_USB_CDC_1200BPS_TOUCH        (0)

// What the host's list of ports shows.
#define MICROPY_HW_USB_MANUFACTURER_STRING      "centesimo"
#define MICROPY_HW_USB_PRODUCT_FS_STRING        "centesimo timing board"
#define MICROPY_HW_USB_CDC_INTERFACE_STRING     "centesimo"
