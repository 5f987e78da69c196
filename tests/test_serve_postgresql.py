"""`centesimo serve --store postgresql+psycopg://...` before a real PostgreSQL: what another terminal loads shows."""

import sqlalchemy as sa

from tests.events import write
from tests.serving import ENVIRONMENT, serving
from tests.test_postgresql import new_url, server
from tests.test_serve import FIRST, RACE, load, revision, wait_for

__all__ = ["new_url", "server"]


def test_what_another_terminal_loads_shows(tmp_path, new_url, monkeypatch):
    url = new_url()
    folder = write(tmp_path)
    with serving(folder, "--store", url) as served, served.news() as news:
        first = next(news)
        monkeypatch.setitem(ENVIRONMENT, "CENTESIMO_STORE", url)
        load(folder, "sheet.csv", FIRST)
        second = wait_for(news, lambda told: told["revision"] != first["revision"])
        (trial,) = [score for score in served.json("api/race/1/crew/1")["scores"] if score["control"] == "PC1"]
        assert (trial["status"], trial["deviation"], trial["penalty"]) == ("scored", 4, "4")
        assert "+0.04" in served.get(f"{RACE}crew/1/index.en.html")[2]
        assert revision(folder) == second["revision"]
    assert not (folder / "centesimo.sqlite").exists()


def test_a_database_that_goes_away_and_comes_back(tmp_path, new_url, server, monkeypatch):
    url = new_url()
    folder = write(tmp_path)
    monkeypatch.setitem(ENVIRONMENT, "CENTESIMO_STORE", url)
    admin = sa.create_engine(server("postgres"), isolation_level="AUTOCOMMIT")
    name = sa.make_url(url).database
    with serving(folder, "--store", url) as served, served.news() as news, admin.connect() as connection:
        first = next(news)
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        wait_for(news, lambda told: "since" in told)
        assert served.get("healthz")[0] == 503
        assert served.get(RACE)[0] == 200
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        wait_for(news, lambda told: "since" not in told)
        load(folder, "sheet.csv", FIRST)
        wait_for(news, lambda told: told["revision"] != first["revision"])
    admin.dispose()
