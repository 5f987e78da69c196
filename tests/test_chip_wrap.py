"""The emulated chip with a receiver at 115200 baud, over the wrap of the counter's lower 32 bits."""

from chip import SECOND, Chip
from chip_road import Road, image, passages

from protocol import record

WRAP_AT_NS = 22 * SECOND  # after power on


def test_the_counter_wraps_under_a_receiver_at_115200_baud():
    chip = Chip(image(), counter_us=2**32 - WRAP_AT_NS // 1000)
    road = Road(chip, 115200)
    chip.run_until(SECOND // 2)
    road.greet()
    assert road.until_locked(20) < 20
    assert chip.now_ns < WRAP_AT_NS - SECOND
    truth = passages(WRAP_AT_NS - SECOND, 10, 2 * SECOND, 4)
    for tube, instants in truth.items():
        for at_ns in instants:
            chip.edge(at_ns, tube)
    road.run(WRAP_AT_NS + 3 * SECOND)
    road.fetch()

    errors = road.errors_ns(truth)
    counters = sorted(edge.counter_us for edge in road.edges())
    assert counters[0] < 2**32 < counters[-1]
    assert max(abs(error_ns) for error_ns, _ in errors) <= 1500
    assert {edge.state for edge in road.edges()} == {record.LOCKED}
