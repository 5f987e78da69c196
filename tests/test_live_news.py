"""News for readers: at once, then at most one a second; no reader waits for one that does not read."""

import asyncio

from centesimo.live.news import HEARTBEAT_S, News


class Reader:
    """A connection as a server gives it: what was sent, and whether it takes more."""

    def __init__(self):
        self.sent, self.takes, self.left = [], True, asyncio.Event()

    async def send(self, message):
        if not self.takes:
            await asyncio.Event().wait()
        if message["type"] == "http.response.body":
            self.sent.append(message["body"].decode())
            if not message["more_body"]:
                self.left.set()

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}


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
    """Return what each of some readers was sent in a course, which gets the news and the readers."""

    async def played():
        news, readers = News(), [Reader() for _ in range(count)]
        tasks = [asyncio.ensure_future(news.listen(reader.receive, reader.send, {})) for reader in readers]
        await asyncio.sleep(0)
        assert news.readers == count
        await course(news, readers)
        for reader in readers:
            reader.left.set()
        await asyncio.gather(*tasks)
        assert news.readers == 0
        return [reader.sent for reader in readers]

    with asyncio.Runner(loop_factory=Clock) as runner:
        return runner.run(played())


FIRST = "retry: 3000\n\n"


def test_the_first_goes_out_at_once_and_the_newest_of_a_second_when_it_is_over():
    async def course(news, readers):
        news.tell("a")
        await asyncio.sleep(0.001)
        assert readers[0].sent[1:] == ["data: a\n\n"]
        news.tell("b")
        news.tell("c")
        await asyncio.sleep(0.9)
        assert readers[0].sent[1:] == ["data: a\n\n"]
        await asyncio.sleep(0.2)
        news.tell("c")  # nothing new
        await asyncio.sleep(5)
        news.tell("d")
        await asyncio.sleep(0.001)

    assert told(course) == [[FIRST, "data: a\n\n", "data: c\n\n", "data: d\n\n"]]


def test_a_reader_who_takes_no_more_is_let_be_and_gets_the_newest_later():
    async def course(news, readers):
        readers[0].takes = False
        for text in "ab":
            news.tell(text)
            await asyncio.sleep(2)
        readers[0].takes = True
        await asyncio.sleep(HEARTBEAT_S)

    assert told(course, 2) == [[FIRST, "data: b\n\n"], [FIRST, "data: a\n\n", "data: b\n\n", ": \n\n"]]


def test_all_are_let_go_at_the_end():
    async def course(news, readers):
        news.close()
        assert readers[0].left.is_set()

    assert told(course) == [[FIRST, ""]]
