"""`centesimo serve` in processes of their own: what another terminal adds shows, what is wrong is said."""

import gzip
import json
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import urllib.request
from contextlib import closing

import pytest

from tests.events import changed, write
from tests.plain_board import PlainBoard, edges, on_pty
from tests.serving import CENTESIMO, ENVIRONMENT, PATIENCE_S, centesimo, serving

# Crew 1 starts at 09:00 and opens PC1, 30 s, 15 min later: 4/100 s late there.
FIRST = "timing_point,start_number,time_of_day,source\nA1,1,09:15:00.00,hand\nA2,1,09:15:30.04,hand\n"
RACE = "crono/2027/race/1/"


def load(folder, name, text):
    (folder / name).write_text(text)
    centesimo(folder, "load", str(folder / name))


def wait_for(news, fits):
    """Return the first news that fits."""
    return next(told for told in news if fits(told))


def test_what_another_terminal_loads_shows_and_it_ends_when_told_to(tmp_path):
    folder = write(tmp_path)
    with serving(folder, "--static", str(tmp_path / "www")) as server:
        before = server.json("api/race/1/crew/1")
        with server.news() as news:
            first = next(news)
            load(folder, "sheet.csv", FIRST)
            second = wait_for(news, lambda told: told["revision"] != first["revision"])
            assert first["revision"] == before["revision"]
            after = server.json("api/race/1/crew/1")
            assert after["revision"] == second["revision"]
            (trial,) = [score for score in after["scores"] if score["control"] == "PC1"]
            assert (trial["status"], trial["deviation"], trial["penalty"]) == ("scored", 4, "4")
            page = server.get(f"{RACE}crew/1/index.en.html")[2]
            assert "+0.04 s" in page
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(PATIENCE_S) == 0
            assert not list(news)
        # Ended, the folder holds the last revision.
        written = tmp_path / "www"
        assert json.loads((written / "crono/now.json").read_text())["revision"] == second["revision"]
        assert (written / RACE / "crew/1/index.en.html").read_text() == page


def test_a_board_that_is_given_to_it_shows(tmp_path):
    """Five edges without a known time: no passage that counts, and facts all the same."""
    folder = write(tmp_path)
    board = PlainBoard(edges(5), board_id=bytes(7) + b"\xa1")
    with on_pty(board.receive) as port, serving(folder, "--collect", port) as server:
        server.read_until("5 new records")
        with server.news() as news:
            wait_for(news, lambda told: told["revision"] == revision(folder))
    assert server.process.returncode == 0


def revision(folder):
    """Return the name of the facts as `ranking --revision` says it, as much of it as pages show."""
    command = [CENTESIMO, "ranking", "--revision", "--event", str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=ENVIRONMENT).stdout.strip()[:16]


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux bounds the files of a running process")
def test_a_full_disk_is_said_and_mends_itself(tmp_path):
    """No file of the server may have more than 4096 bytes for a while: what the board has cannot be stored."""
    folder, link = write(tmp_path / "event"), tmp_path / "port"
    board = PlainBoard(edges(400), board_id=bytes(7) + b"\xa1")
    with on_pty(board.receive) as port, serving(folder, "--collect", str(link)) as server:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        with server.news() as news:
            link.symlink_to(port)
            assert re.fullmatch(r"\d\d:\d\d:\d\d", wait_for(news, lambda told: "since" in told)["since"])
            server.read_until("error: .*/port: ")
            status, _, body = server.get("healthz")
            assert (status, json.loads(body)["status"]) == (503, "trouble")
            assert str(link) in json.loads(body)["trouble"]
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            wait_for(news, lambda told: "since" not in told)
        assert board.acknowledged == 400
        assert server.get("healthz")[0] == 200


def test_answers(tmp_path):
    bilingual = changed("event.toml", "[event]\n", '[event]\nlanguages = ["en", "it"]\n')
    with serving(write(tmp_path, bilingual)) as server:
        status, headers, body = server.get(RACE, accept_language="it", accept_encoding="identity")
        assert (status, headers["content-language"], headers["cache-control"]) == (
            200,
            "it",
            "public, max-age=1, stale-while-revalidate=10",
        )
        assert "accept-language" in headers["vary"]
        assert headers["content-security-policy"].startswith("default-src 'self';")
        assert "<style" not in body
        assert not re.search(r"<script(?! src)|\son\w+=|https?://", body)
        assert server.get(RACE, accept_language="it", if_none_match=headers["etag"])[0] == 304
        with urllib.request.urlopen(
            urllib.request.Request(server.url + RACE, headers={"accept-encoding": "gzip", "accept-language": "it"})
        ) as packed:
            assert gzip.decompress(packed.read()).decode() == body
        for path, most in (("crono/now.json", 100), (f"{RACE}now.it.json", 1000)):
            _, headers, told = server.get(path, accept_encoding="identity")
            assert json.loads(told)["revision"]
            assert len(told) < most
            assert server.get(path, if_none_match=headers["etag"])[0] == 304
        digest = re.search(r'data-part="b0" data-digest="(\w+)"', body)[1]
        status, headers, piece = server.get(f"crono/f/{digest}.html", accept_encoding="identity")
        assert (status, headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
        assert piece in body
        status, _, body = server.get("crono/2027/race/7/")
        assert status == 404
        assert re.findall(r'href="(/crono\S+)">(\w+)<', body) == [
            ("/crono/2027/race/1/", "Classic"),
            ("/crono/2027/race/2/", "Modern"),
        ]
        assert server.get("api/race/7/ranking")[0] == 404
        assert json.loads(server.get("api/race/7/ranking")[2])["races"] == ["1", "2"]
        for path in ("..%2f..%2fetc/passwd", "crono/f/..%2f..%2fevent.toml", "event.toml", "centesimo.sqlite"):
            assert server.get(path)[0] == 404, path
        assert server.get("healthz")[0] == 200
        assert re.search(r"^centesimo_revisions_total \d+$", server.get("metrics")[2], re.MULTILINE)


def test_a_mistake_in_the_folder_and_a_store_that_is_gone(tmp_path):
    folder = write(tmp_path)
    load(folder, "sheet.csv", FIRST)
    with serving(folder) as server, server.news() as news:
        first = next(news)
        write(folder, changed("event.toml", "interval_s = 60", "interval_s = 0"))
        server.read_until(r"event.toml:\d+: expected interval_s")
        health = json.loads(server.get("healthz")[2])
        assert "interval_s" in health["mistake"]
        assert health["revision"] == first["revision"]
        assert "interval_s" not in server.get(RACE)[2]
        write(folder)
        server.read_until("right again")
        shutil.move(folder / "centesimo.sqlite", folder / "elsewhere")
        told = wait_for(news, lambda told: "since" in told)
        assert re.fullmatch(r"\d\d:\d\d:\d\d", told["since"])
        status, _, body = server.get("healthz")
        assert (status, json.loads(body)["status"]) == (503, "trouble")
        assert server.get(RACE)[0] == 200
        shutil.move(folder / "elsewhere", folder / "centesimo.sqlite")
        told = wait_for(news, lambda told: "since" not in told)
        assert told["revision"] == first["revision"]


def test_it_follows_on_when_nobody_reads_what_it_says(tmp_path):
    folder = write(tmp_path)
    with serving(folder) as server, server.news() as news:
        first = next(news)
        server.process.stdout.close()
        write(folder, changed("event.toml", "interval_s = 60", "interval_s = 0"))  # of which it says a line
        while not server.json("healthz")["mistake"]:
            pass
        write(folder)
        load(folder, "sheet.csv", FIRST)
        wait_for(news, lambda told: told["revision"] != first["revision"])
        assert server.json("api/race/1/crew/1")["revision"] != first["revision"]


def test_a_port_that_is_taken_is_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        command = [CENTESIMO, "serve", str(write(tmp_path)), "--port", port]
        refused = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert refused.returncode == 1
    what = f"port {port} of 127.0.0.1 is taken: expected a free one; name another with --port"
    assert refused.stderr == f"error: {what}\n"


def test_the_access_log_has_a_line_for_each_answer(tmp_path):
    log = tmp_path / "access.log"
    with serving(write(tmp_path), "--access-log", str(log)) as server:
        server.get(f"{RACE}?a=1", user_agent='curl "x"', accept_encoding="identity")
        server.get("nowhere")
        first = log.read_text().splitlines()
        log.rename(tmp_path / "access.log.1")
        server.get("healthz")
        second = log.read_text().splitlines()
    line = r'127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET /%s HTTP/1\.1" %s \d+ "-" "%s"'
    assert re.fullmatch(line % (re.escape(RACE) + r"\?a=1", 200, r"curl \\x22x\\x22"), first[-2])
    assert re.fullmatch(line % ("nowhere", 404, r"Python-urllib/\d\.\d+"), first[-1])
    assert [entry.split()[6] for entry in second] == ["/healthz"]


def test_an_access_log_that_cannot_be_is_one_line(tmp_path):
    command = [CENTESIMO, "serve", str(write(tmp_path)), "--port", "0", "--access-log", str(tmp_path / "no/log")]
    refused = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert (refused.returncode, refused.stderr) == (
        1,
        f"error: {tmp_path / 'no/log'}: expected a file that can be written, got: No such file or directory\n",
    )


def test_two_of_them_show_one_event(tmp_path):
    folder = write(tmp_path)
    with serving(folder) as one, serving(folder) as other, one.news() as news, other.news() as as_well:
        first = next(news)
        load(folder, "sheet.csv", FIRST)
        told = wait_for(news, lambda told: told["revision"] != first["revision"])
        assert wait_for(as_well, lambda told: told["revision"] != first["revision"])["revision"] == told["revision"]


def test_a_store_that_another_one_took_the_place_of(tmp_path):
    folder, elsewhere = write(tmp_path / "here"), write(tmp_path / "there")
    load(folder, "sheet.csv", FIRST)
    load(elsewhere, "sheet.csv", FIRST.replace("30.04", "30.09"))
    with serving(folder) as server, server.news() as news:
        first = next(news)
        (elsewhere / "centesimo.sqlite").replace(folder / "centesimo.sqlite")
        told = wait_for(news, lambda told: told["revision"] != first["revision"] and "since" not in told)
        (trial,) = [score for score in server.json("api/race/1/crew/1")["scores"] if score["control"] == "PC1"]
        assert trial["deviation"] == 9
        assert told["revision"] == revision(folder)


def test_a_store_that_another_program_has_for_itself(tmp_path):
    folder = write(tmp_path)
    with serving(folder) as server, server.news() as news:
        first = next(news)
        with closing(sqlite3.connect(folder / "centesimo.sqlite", isolation_level=None)) as holder:
            holder.execute("PRAGMA locking_mode = EXCLUSIVE")
            holder.execute("BEGIN EXCLUSIVE")
            assert "is in use: another program" in server.read_until(r"error: .*").group()
            wait_for(news, lambda told: "since" in told)
            assert server.get(RACE)[0] == 200
            holder.execute("ROLLBACK")
        wait_for(news, lambda told: "since" not in told)
        load(folder, "sheet.csv", FIRST)
        wait_for(news, lambda told: told["revision"] != first["revision"])
