"""The live pages behind a web server: a folder of files behind nginx, and nginx as a cache before the server itself.

nginx and wrk are Debian's; where they are not installed the rows are left out, which the first row says.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

Row = tuple[str, float, str]
Serving = Callable[..., AbstractContextManager[tuple[str, int]]]
FRONT_PORT = 18_765
WRK_S, WRK_CONNECTIONS = 10, 200
WRITTEN_S = 300
NGINX = """\
{user}
worker_processes 2;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  include /etc/nginx/mime.types;
  access_log off;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  proxy_cache_path {folder}/cache keys_zone=live:10m;
  server {{
    listen 127.0.0.1:{port};
    {location}
  }}
}}
"""
OF_FILES = """\
root {static}; gzip on; gzip_types application/json; sendfile on;
    location ~ now {{ add_header cache-control "public, max-age=1, stale-while-revalidate=10"; }}
    location /crono/f/ {{ add_header cache-control "public, max-age=31536000, immutable"; }}"""
AS_CACHE = """\
location / {{
      proxy_pass {origin};
      proxy_http_version 1.1;
      proxy_set_header connection "";
      proxy_cache live;
      proxy_cache_lock on;
      proxy_cache_use_stale updating;
      proxy_cache_background_update on;
    }}
    location /api/events {{ proxy_pass {origin}; proxy_http_version 1.1; proxy_buffering off; }}"""


def run(folder: Path, serving: Serving) -> list[Row]:
    """Return the figures of an event folder."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not nginx or not shutil.which("wrk"):
        return [("nginx and wrk, Debian's packages, are not here: rows of a front left out", 0, "")]
    static, log = folder / "www", folder / "access.log"
    rows: list[Row] = []
    with serving(folder, "--static", str(static), "--access-log", str(log)) as (origin, _):
        written_s = _until_written(static)
        year = next(path.name for path in (static / "crono").iterdir() if path.name.isdecimal())
        page = f"crono/{year}/race/1/index.en.html"
        names = [path for path in static.rglob("*") if path.is_file()]
        size_by_file = {stat.st_ino: stat.st_size for stat in map(Path.stat, names)}  # some have two names
        rows.append(("a folder of files: how many names", len(names), ""))
        rows.append(("a folder of files: how much", sum(size_by_file.values()) / 1e6, "MB"))
        rows.append(("a folder of files: from nothing to the last one", written_s, "s"))
        with _nginx(nginx, folder, OF_FILES.format(static=static)):
            for path in ("crono/now.json", page):
                rows.append((f"files behind nginx: {path.rpartition('/')[2]}", _wrk(path), "answers/s"))
        for path in ("crono/now.json", page):
            rows.append((f"serve alone: {path.rpartition('/')[2]}", _wrk(path, origin), "answers/s"))
        with _nginx(nginx, folder, AS_CACHE.format(origin=origin)):
            for path in ("crono/now.json", page):
                log.write_text("")
                answers = _wrk(path)
                asked = sum(f"GET /{path} " in line for line in log.read_text().splitlines())
                rows.append((f"nginx as a cache: {path.rpartition('/')[2]}", answers, "answers/s"))
                rows.append(("of these at the server", asked / WRK_S, "requests/s"))
    return rows


def _until_written(static: Path) -> float:
    """Wait until the folder has its last file; return how long it took, in s."""
    began_s = time.monotonic()
    last = static / "api/races.json"
    while not last.exists() or time.time() - max(path.stat().st_mtime for path in (static / "api").iterdir()) < 3:
        if time.monotonic() - began_s > WRITTEN_S:
            raise RuntimeError(f"the folder was not written in {WRITTEN_S} s")
        time.sleep(0.5)
    return time.monotonic() - began_s - 3


@contextmanager
def _nginx(nginx: str, folder: Path, location: str) -> Iterator[None]:
    config = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # its workers read and write in this folder
    config.write_text(NGINX.format(user=user, folder=folder, port=FRONT_PORT, location=location))
    command: Sequence[str] = (nginx, "-c", str(config), "-e", str(folder / "error.log"))
    with subprocess.Popen(command) as process:
        try:
            time.sleep(1)
            yield
        finally:
            process.terminate()


def _wrk(path: str, origin: str = f"http://127.0.0.1:{FRONT_PORT}") -> float:
    """Return how many answers a second WRK_CONNECTIONS get."""
    command = ["wrk", "-t1", f"-c{WRK_CONNECTIONS}", f"-d{WRK_S}s", "-H", "accept-encoding: gzip", f"{origin}/{path}"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return float(found[1]) if found else 0.0
