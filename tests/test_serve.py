"""`centesimo serve` in processes of their own: what another terminal adds shows, and how it ends and is refused."""

import signal
import socket
import subprocess

from tests.events import write
from tests.serving import CENTESIMO, ENVIRONMENT, PATIENCE_S, centesimo, serving

# Crew 1 starts at 09:00 and opens PC1, 30 s, 15 min later: 4/100 s late there.
FIRST = "timing_point,start_number,time_of_day,source\nA1,1,09:15:00.00,hand\nA2,1,09:15:30.04,hand\n"
RACE = "crono/2027/race/1/"


def load(folder, name, text):
    (folder / name).write_text(text)
    centesimo(folder, "load", str(folder / name))


def test_what_another_terminal_loads_shows(tmp_path):
    folder = write(tmp_path)
    with serving(folder) as server:
        before = server.json("api/race/1/crew/1")
        with server.news() as news:
            first = next(news)
            load(folder, "sheet.csv", FIRST)
            second = next(news)
        assert first["revision"] == before["revision"] != second["revision"]
        after = server.json("api/race/1/crew/1")
        assert after["revision"] == second["revision"]
        (trial,) = [score for score in after["scores"] if score["control"] == "PC1"]
        assert (trial["status"], trial["deviation"], trial["penalty"]) == ("scored", 4, "4")
        assert "+0.04 s" in server.get(f"{RACE}crew/1/")[2]


def test_it_ends_when_it_is_told_to(tmp_path):
    for number in (signal.SIGINT, signal.SIGTERM):
        with serving(write(tmp_path)) as server, server.news() as news:
            next(news)
            server.process.send_signal(number)
            assert server.process.wait(PATIENCE_S) == 0
            assert not list(news)


def test_a_port_that_is_taken_is_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        command = [CENTESIMO, "serve", str(write(tmp_path)), "--port", port]
        refused = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert refused.returncode == 1
    assert (
        refused.stderr == f"error: port {port} of 127.0.0.1 is taken: expected a free one; name another with --port\n"
    )
