"""News for readers: at once, then at most one a second; no reader waits for one that does not read."""

import asyncio

from centesimo.live.news import HEARTBEAT_S, News

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class Connection:
    """A connection as a server gives it: what was sent, and the reader that it was handed to."""

    def __init__(self):
        self.sent, self.reader, self.is_closed = [], None, False

    def set_protocol(self, reader):
        self.reader = reader

    def write(self, body):
        self.sent.append(body.decode())

    def close(self):
        self.is_closed = True


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time goes on only when nothing else is left to do, at once."""

    at_s = 100.0

    def time(self):
        return self.at_s

    def _run_once(self):
        if not self._ready and self._scheduled:
            self.at_s = max(self.at_s, self._scheduled[0]._when)
        super()._run_once()


def told(course, count=1):
    """Return what each of some readers was sent in a course, which gets the news and the connections."""

    async def played():
        news, connections, left = News(), [Connection() for _ in range(count)], []
        readers = [news.take(connection, HEAD, left.append) for connection in connections]
        assert len(news.readers) == count
        await course(news, connections)
        for reader in readers:
            reader.connection_lost(None)
        assert (left, news.readers) == (readers, set())
        assert [reader.sent for reader in readers] == [len("".join(one.sent)) for one in connections]
        return [connection.sent for connection in connections]

    with asyncio.Runner(loop_factory=Clock) as runner:
        return runner.run(played())


FIRST = "HTTP/1.1 200 OK\r\n\r\nretry: 3000\n\n"


def test_the_first_goes_out_at_once_and_the_newest_of_a_second_when_it_is_over():
    async def course(news, connections):
        news.tell("a")
        await asyncio.sleep(0.001)
        assert connections[0].sent[1:] == ["data: a\n\n"]
        news.tell("b")
        news.tell("c")
        await asyncio.sleep(0.9)
        assert connections[0].sent[1:] == ["data: a\n\n"]
        await asyncio.sleep(0.2)
        news.tell("c")  # nothing new
        await asyncio.sleep(5)
        news.tell("d")
        await asyncio.sleep(0.001)

    assert told(course) == [[FIRST, "data: a\n\n", "data: c\n\n", "data: d\n\n"]]


def test_a_reader_who_takes_no_more_is_let_be_and_gets_the_newest_later():
    async def course(news, connections):
        connections[0].reader.pause_writing()
        for text in "ab":
            news.tell(text)
            await asyncio.sleep(2)
        connections[0].reader.resume_writing()
        await asyncio.sleep(HEARTBEAT_S)

    assert told(course, 2) == [[FIRST, "data: b\n\n", ": \n\n"], [FIRST, "data: a\n\n", "data: b\n\n", ": \n\n"]]


def test_all_are_let_go_at_the_end():
    async def course(news, connections):
        news.close()
        assert connections[0].is_closed
        late = Connection()
        news.take(late, HEAD, lambda reader: None).connection_lost(None)
        assert late.is_closed

    assert told(course) == [[FIRST]]
