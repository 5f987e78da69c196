"""A `centesimo serve` of its own process for a test, and what a reader does with it; nothing waits by the clock."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

CENTESIMO = str(Path(sys.executable).with_name("centesimo"))
PATIENCE_S = 60
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}


class Serving:
    """A running server."""

    def __init__(self, process):
        self.process = process
        self.lines = []
        self.url = ""

    def read_until(self, pattern):
        """Return the match of the first line that it says of this pattern."""
        for line in self.process.stdout:
            self.lines.append(line)
            if match := re.search(pattern, line):
                return match
        raise AssertionError(f"it ended before it said {pattern!r}: {''.join(self.lines)}")

    def get(self, path, **headers):
        """Return status, headers and body of an address."""
        request = urllib.request.Request(
            self.url + path, headers={key.replace("_", "-"): value for key, value in headers.items()}
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def json(self, path):
        """Return the JSON at an address."""
        status, _, body = self.get(path)
        assert status == 200, (status, body)
        return json.loads(body)

    @contextmanager
    def news(self):
        """Give an iterator over what readers are told, one value a revision or trouble."""
        with urllib.request.urlopen(f"{self.url}api/events", timeout=PATIENCE_S) as stream:
            yield (json.loads(line[6:]) for line in stream if line.startswith(b"data: "))


@contextmanager
def serving(folder, *options):
    """Run `centesimo serve` on an event folder, at a free port, until the block ends."""
    command = [CENTESIMO, "serve", str(folder), "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT)
    server = Serving(process)
    try:
        server.url = server.read_until(r"(http://\S+/)").group(1)
        with server.news() as news:  # of the first revision
            next(news)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        finally:
            process.kill()
            process.stdout.close()


def centesimo(folder, *words):
    """Run another verb, as in another terminal."""
    subprocess.run([CENTESIMO, *words, "--event", str(folder)], check=True, capture_output=True, env=ENVIRONMENT)
