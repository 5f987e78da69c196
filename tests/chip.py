"""The chip on the desk: the shipped UF2 on an emulated Pico, with all that happens at its pins at exact times.

rp2040py (PyPI) executes the firmware as it is dragged onto a board. Instants are ns of emulated time since its power
came on; nothing here waits for the wall clock. Erasing and programming flash take no time in the emulator:
`flash_stall_ns` adds what the real part takes, while the processor stands still and everything else goes on.
"""

import dataclasses
import heapq
from collections.abc import Callable
from pathlib import Path

from rp2040py.boards import BOARDS
from rp2040py.device.base_device import BaseDevice
from rp2040py.memory_map import FLASH_START_ADDRESS
from rp2040py.peripherals import uart
from rp2040py.peripherals.pio_registers import WaitType
from rp2040py.peripherals.usb import EP0_IN_BUFFER_CONTROL, SIE_RESUME, SIE_STATUS, SIE_SUSPENDED

MS = 1_000_000
SECOND = 1_000_000_000
CYCLE_NS = 8  # at 125 MHz
FLASH_NS = {"erase": 45 * MS, "program": MS}  # W25Q16, typically: a sector, a page
PULSE_PIN = 2
TUBE_PINS = {1: 6, 2: 7, 3: 8, 4: 9}
_SETTLE_STEPS = 16  # cycles of an edge's way through PIO and DMA
_BAUD_SCALE = 48 / 125  # rp2040py believes that the UARTs run at 125 MHz; the firmware sets 48
_VSYS, _TEMPERATURE = 3, 4  # channels of the ADC
_SECTOR_ERASE, _PAGE_PROGRAM = 0x20, 0x02


def _quiet_uart(self: uart.RPUART) -> None:
    """rp2040py 0.3.6 holds the transmit interrupt for ever, and MicroPython never leaves its handler."""
    self.rp2040.set_interrupt(self.irq, bool(self._interrupt_status & self._interrupt_mask))


uart.RPUART.check_interrupts = _quiet_uart


class Chip:
    """One emulated board, from power on. `said` is what it wrote to USB and nobody took yet.

    flash_ops  (instant, "erase" or "program", offset, bytes programmed) of everything done to the flash

    `flash` is what an earlier board's flash() gave: its power was cut then. `counter_us` is what the microsecond
    counter begins at (0 on a real board).
    """

    def __init__(self, image: Path, flash: bytes = b"", counter_us: int = 0):
        self.device = BaseDevice(board=dataclasses.replace(BOARDS["pico"], image=str(image)))
        self.mcu = self.device.mcu
        self.clock = self.mcu.clock
        self.said = bytearray()
        self.heard_by_receiver = bytearray()
        self.flash_stall_ns: Callable[[str], int] = lambda operation: 0
        self.flash_ops: list[tuple[int, str, int, bytes]] = []
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._alarm = self.clock.create_alarm(self._do_due)
        self._due_ns: int | None = None
        self._count = 0
        self._stop = self.clock.create_alarm(self._halt)
        self._settle = self.clock.create_alarm(self._settle_on)
        self._settling = 0
        self.device.cdc.on_serial_data = self.said.extend
        self.mcu.uart[0].on_byte = self.heard_by_receiver.append
        self._watch_flash()
        self._silence_usb()
        self._hold_usb_back()
        self._mend_reset()
        for pin in (PULSE_PIN, *TUBE_PINS.values()):
            self.set_pin(pin, pin != PULSE_PIN)
        self.mcu.adc.channel_values[_VSYS] = 2069  # 5.00 V / 3 of 3.3 V in 12 bits
        self.mcu.adc.channel_values[_TEMPERATURE] = 876  # 0.706 V: 27 degrees
        self.mcu.timer._epoch_nanos -= counter_us * 1000
        if flash:
            self.mcu.flash[:] = flash
        self.mcu.core.pc = FLASH_START_ADDRESS

    @property
    def now_ns(self) -> int:
        """Emulated ns since power on."""
        return round(self.clock.nanos)

    def at(self, when_ns: int, action: Callable[[], None]) -> None:
        """Do something at an instant that has not passed."""
        self._count += 1
        heapq.heappush(self._agenda, (when_ns, self._count, action))
        self._link()

    def run_until(self, when_ns: int) -> None:
        """Let the chip run to an instant."""
        if when_ns <= self.now_ns:
            return
        self._stop.schedule(when_ns - self.clock.nanos)
        self.device.simulator.stopped = False
        while not self.device.simulator.stopped:
            self.device.simulator._execute_batch()
            self._rest_pio()

    def run_while(self, condition: Callable[[], bool], limit_ns: int, step_ns: int = 2 * MS) -> None:
        """Let the chip run as long as a condition holds; AssertionError when it still does after `limit_ns`."""
        end_ns = self.now_ns + limit_ns
        while condition():
            assert self.now_ns < end_ns, f"expected an end within {limit_ns / SECOND} s of emulated time"
            self.run_until(self.now_ns + step_ns)

    def stall(self, length_ns: int) -> None:
        """Let time pass with the processor standing still, deaf to interrupts; pins, PIO and DMA go on."""
        end_ns = self.clock.nanos + length_ns
        while self.clock.nanos < end_ns:
            step_ns = end_ns - self.clock.nanos
            if self.clock.has_scheduled_alarm:
                step_ns = min(step_ns, max(self.clock.nanos_to_next_alarm, CYCLE_NS))
            self.clock.tick(step_ns)
            for pio in self.mcu.pio:
                if not pio.stopped:
                    pio.advance(int(step_ns / CYCLE_NS) or 1)
            self._rest_pio()

    def set_pin(self, pin: int, level: bool) -> None:
        """Set the level that a pin is driven to from outside, now."""
        # Before the pin: a machine that is woken is due from now on.
        for pio in self.mcu.pio:
            if any(machine.enabled for machine in pio.machines):
                pio.stopped = False
        self.mcu.gpio[pin].set_input_value(level)
        # A sleeping processor lets the emulator jump to the next alarm, with one step of PIO: keep the jumps short.
        self._settling = _SETTLE_STEPS
        self._settle.schedule(CYCLE_NS)

    def skip(self, length_ns: int) -> None:
        """Move the microsecond counter on, while nothing else happens."""
        self.mcu.timer._epoch_nanos -= length_ns

    def edge(self, when_ns: int, tube: int, closed_ns: int = 500) -> None:
        """Close a tube's contact (1 .. 4) at an instant, for a time."""
        self.at(when_ns, lambda: self.set_pin(TUBE_PINS[tube], False))
        self.at(when_ns + closed_ns, lambda: self.set_pin(TUBE_PINS[tube], True))

    def pulse(self, when_ns: int, length_ns: int = 100 * MS) -> None:
        """Let the receiver's pulse rise at an instant, for a time."""
        self.at(when_ns, lambda: self.set_pin(PULSE_PIN, True))
        self.at(when_ns + length_ns, lambda: self.set_pin(PULSE_PIN, False))

    def hold(self, tube: int, stage: int, from_ns: int, until_ns: int) -> None:
        """Let a tube's DMA channel stand still for a time, as if others had the bus.

        stage: 0 the channel that copies the counter, 1 the one that takes the edge from the FIFO and starts it.
        """
        channel = self.mcu.dma.channels[2 * tube + stage]  # the firmware claims them in this order

        def let_go() -> None:
            del channel.schedule_transfer
            if channel.active:
                channel.schedule_transfer()

        self.at(from_ns, lambda: setattr(channel, "schedule_transfer", lambda: None))
        self.at(until_ns, let_go)

    def speak(self, when_ns: int, text: bytes, baud: int) -> None:
        """Send the receiver's bytes from an instant on, each at its time on the line.

        A board that listens at another speed gets one byte of rubbish for two.
        """
        byte_ns = 10 * SECOND // baud
        for place, byte in enumerate(text):
            self.at(when_ns + (place + 1) * byte_ns, lambda byte=byte, place=place: self._hear(byte, place, baud))

    def send(self, message: bytes) -> None:
        """Put bytes of the host into USB; at most 512 that the chip has not taken."""
        for byte in message:
            self.device.cdc.send_serial_byte(byte)
        asked, self._asked = self._asked, None
        if asked:
            self._serve(*asked)

    def take(self) -> bytes:
        """Return what the chip has written to USB since the last call."""
        taken = bytes(self.said)
        self.said.clear()
        return taken

    def suspend_usb(self) -> None:
        """Let the bus fall silent, as when the cable is pulled from a board with a battery or the laptop sleeps."""
        usb = self.mcu.usb_ctrl
        self._held_back = []
        usb._sie_status |= SIE_SUSPENDED
        usb._sie_status_updated()

    def resume_usb(self) -> None:
        """Let the bus go on, with what the chip wanted to send meanwhile."""
        usb = self.mcu.usb_ctrl
        held_back, self._held_back = self._held_back or [], None
        usb._sie_status |= SIE_RESUME
        usb._sie_status_updated()
        for offset, value in held_back:
            usb.dpram_updated(offset, value)

    def flash(self) -> bytes:
        """Return the flash, as a power cut would leave it."""
        return bytes(self.mcu.flash)

    def asleep(self) -> Callable[[], float]:
        """Return what gives the share of the processor's time that it has slept since now."""
        cycles, begin_ns = self.mcu.core.cycles, self.now_ns
        return lambda: 1 - (self.mcu.core.cycles - cycles) * CYCLE_NS / (self.now_ns - begin_ns)

    def _hear(self, byte: int, place: int, baud: int) -> None:
        port = self.mcu.uart[0]
        if not port.enabled:  # the chip has just been reset
            return
        if abs(port.baud_rate * _BAUD_SCALE - baud) < baud // 50:
            port.feed_byte(byte)
        elif place % 2:
            port.feed_byte(byte | 0x80)

    def _settle_on(self) -> None:
        self._settling -= 1
        if self._settling:
            self._settle.schedule(CYCLE_NS)

    def _rest_pio(self) -> None:
        """Take PIO out of the emulator's loop while all its machines wait for a pin; half as fast otherwise.

        One that waits for its first word goes on: set_pin() wakes PIO, a word in the FIFO does not.
        """
        for pio in self.mcu.pio:
            machines = [machine for machine in pio.machines if machine.enabled]
            if all(machine.waiting and machine.wait_type == WaitType.PIN for machine in machines):
                pio.stopped = True

    def _halt(self) -> None:
        self.device.simulator.stopped = True

    def _link(self) -> None:
        if self._agenda and self._agenda[0][0] != self._due_ns:
            self._due_ns = self._agenda[0][0]
            self._alarm.schedule(self._due_ns - self.clock.nanos)

    def _do_due(self) -> None:
        self._due_ns = None
        while self._agenda and self._agenda[0][0] <= self.clock.nanos:
            heapq.heappop(self._agenda)[2]()
        self._link()

    def _silence_usb(self) -> None:
        """Send nothing when there is nothing to send; rp2040py sends an empty packet, and again, which is work."""
        self._asked: tuple[int, int] | None = None
        self._serve = self.mcu.usb_ctrl.on_endpoint_read

        def read(endpoint: int, size: int) -> None:
            if endpoint == 0 or self.device.cdc.tx_fifo.item_count:
                self._serve(endpoint, size)
            else:
                self._asked = (endpoint, size)

        self.mcu.usb_ctrl.on_endpoint_read = read

    def _hold_usb_back(self) -> None:
        """Take no packet while the bus is suspended; rp2040py knows no suspended bus, and never clears its flag."""
        usb = self.mcu.usb_ctrl
        self._held_back: list[tuple[int, int]] | None = None
        update, write = usb.dpram_updated, usb.write_uint32

        def updated(offset: int, value: int) -> None:
            is_to_host = offset > EP0_IN_BUFFER_CONTROL and not offset & 4
            if self._held_back is not None and is_to_host:
                self._held_back.append((offset, value))
            else:
                update(offset, value)

        def written(offset: int, value: int) -> None:
            if offset == SIE_STATUS:
                usb._sie_status &= ~(usb.raw_write_value & SIE_SUSPENDED)
            write(offset, value)

        usb.dpram_updated, usb.write_uint32 = updated, written

    def _mend_reset(self) -> None:
        """Leave no transfer running over a reset; rp2040py's DMA stays busy, and then does not start anew."""
        forget = self.mcu.usb_ctrl.on_reset

        def reset() -> None:
            self._asked = None
            if self._held_back:
                self._held_back.clear()
            for channel in self.mcu.dma.channels:
                channel.abort()
            forget()

        self.mcu.usb_ctrl.on_reset = reset

    def _watch_flash(self) -> None:
        ssi = self.mcu.ssi
        apply = ssi._apply_command

        def watched() -> None:
            command, page = bytes(ssi._tx_buffer[:4]), bytes(ssi._tx_buffer[4:])
            apply()
            if command[:1] and command[0] in (_SECTOR_ERASE, _PAGE_PROGRAM):
                operation = "erase" if command[0] == _SECTOR_ERASE else "program"
                self.flash_ops.append((self.now_ns, operation, int.from_bytes(command[1:], "big"), page))
                stall_ns = self.flash_stall_ns(operation)
                if stall_ns:
                    self.stall(stall_ns)

        ssi._apply_command = watched
