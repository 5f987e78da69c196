"""The live pages behind a web server: a folder of files behind nginx, and nginx as a cache before the server itself.

Caddy stands before both too, though it has no cache of its own. nginx, wrk and caddy are Debian's; where they are not
installed the rows are left out, which a row says.
"""

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bench.live_readers import asked, revision_of

Row = tuple[str, float, str]
Serving = Callable[..., AbstractContextManager[tuple[str, int]]]
FRONT_PORT = 18_765
FRONT = f"http://127.0.0.1:{FRONT_PORT}"
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

CADDY = """\
{{
  admin off
  auto_https off
  storage file_system {folder}/caddy
}}
http://:{port} {{
  {site}
}}
"""
CADDY_FILES = """\
root * {static}
  encode gzip
  @fresh path_regexp now
  header @fresh cache-control "public, max-age=1, stale-while-revalidate=10"
  header /crono/f/* cache-control "public, max-age=31536000, immutable"
  file_server"""
CADDY_PROXY = "reverse_proxy {origin}"


def run(folder: Path, serving: Serving) -> Iterator[Row]:
    """Yield the figures of an event folder."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    caddy = shutil.which("caddy")
    if not nginx or not shutil.which("wrk"):
        yield "nginx and wrk, Debian's packages, are not here: rows of a front left out", 0, ""
        return
    static, log = folder / "www", folder / "access.log"
    with serving(folder, "--static", str(static), "--access-log", str(log)) as (origin, _):
        written_s = _until_written(static)
        year = next(path.name for path in (static / "crono").iterdir() if path.name.isdecimal())
        paths = "crono/now.json", f"crono/{year}/race/1/index.en.html"
        names = [path for path in static.rglob("*") if path.is_file()]
        size_by_file = {stat.st_ino: stat.st_size for stat in map(Path.stat, names)}  # some have two names
        yield "a folder of files: how many names", len(names), ""
        yield "a folder of files: how much", sum(size_by_file.values()) / 1e6, "MB"
        yield "a folder of files: from nothing to the last one", written_s, "s"
        with _nginx(nginx, folder, OF_FILES.format(static=static)):
            yield from _answers("files behind nginx", paths)
        yield from _answers("serve alone", paths, origin)
        with _nginx(nginx, folder, AS_CACHE.format(origin=origin)):
            for path in paths:
                log.write_text("")
                yield from _answers("nginx as a cache", [path])
                asked_for = sum(f"GET /{path} " in line for line in log.read_text().splitlines())
                yield "of these at the server", asked_for / WRK_S, "requests/s"
        if not caddy:
            yield "caddy, Debian's package, is not here: its rows left out", 0, ""
            return
        with _running([caddy, "run", "--config", _caddyfile(folder, CADDY_FILES.format(static=static))]):
            yield from _answers("files behind caddy", paths)
        with _running([caddy, "run", "--config", _caddyfile(folder, CADDY_PROXY.format(origin=origin[7:]))]):
            yield from _answers("caddy before serve, which caches nothing", paths)
            yield "the first news through caddy", 1000 * asyncio.run(_first_news()), "ms"


def _answers(what: str, paths: Sequence[str], origin: str = FRONT) -> Iterator[Row]:
    for path in paths:
        yield f"{what}: {path.rpartition('/')[2]}", _wrk(path, origin), "answers/s"


async def _first_news() -> float:
    began_s = time.perf_counter()
    reader, writer = await asked(FRONT, "/api/events")
    await revision_of(reader)
    writer.close()
    return time.perf_counter() - began_s


def _caddyfile(folder: Path, site: str) -> str:
    path = folder / "Caddyfile"
    path.write_text(CADDY.format(folder=folder, port=FRONT_PORT, site=site))
    return str(path)


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
    with _running([nginx, "-c", str(config), "-e", str(folder / "error.log")]):
        yield


@contextmanager
def _running(command: Sequence[str]) -> Iterator[None]:
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            time.sleep(1)
            yield
        finally:
            process.terminate()


def _wrk(path: str, origin: str) -> float:
    """Return how many answers a second WRK_CONNECTIONS get."""
    command = ["wrk", "-t1", f"-c{WRK_CONNECTIONS}", f"-d{WRK_S}s", "-H", "accept-encoding: gzip", f"{origin}/{path}"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return float(found[1]) if found else 0.0
