"""The log as a client: witnesses that are dead, slow or lying are named, since when, and nobody waits for them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from ledger import clock
from ledger.cosigning import Cosigners, Gathered
from ledger.proofs import build
from ledger.proofs.checkpoint import Checkpoint, cosign, sign
from ledger.proofs.keys import COSIGNATURE, PrivateKey
from ledger.proofs.policy import Policy
from ledger.proofs.tree import Edge, leaf_hash
from ledger.witness import Answer, Request, Witness

pytestmark = pytest.mark.fault

LOG = PrivateKey.of(bytes(32), "log.example/city")
LEAVES = [leaf_hash(str(number).encode()) for number in range(100)]
Answering = Callable[[bytes], Answer]


def key(number: int) -> PrivateKey:
    return PrivateKey.of(bytes([number]) * 32, f"witness.example/w{number}", COSIGNATURE)


def note(size: int, leaves: list[bytes] = LEAVES) -> str:
    return sign(Checkpoint("log.example/city", size, Edge.over(leaves[:size]).root()), LOG)


def prove(old: int, new: int) -> list[bytes]:
    return build.consistency(old, new).compute({(0, 0): b"".join(LEAVES[:new])})


@contextmanager
def serving(answering: Answering) -> Iterator[str]:
    """An HTTP server that answers so; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            answer = answering(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.media)
                self.send_header("Content-Length", str(len(answer.body.encode())))
                self.end_headers()
                self.wfile.write(answer.body.encode())
            except ConnectionError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/under/a/prefix"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def honest(tmp_path: Path) -> Iterator[Callable[[int], Witness]]:
    """`honest(3)`: a real witness with key 3."""
    opened: list[Witness] = []

    def make(number: int) -> Witness:
        opened.append(Witness(tmp_path / str(number), key(number), [LOG.vkey]))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def policy(quorum: str, *urls: str) -> Policy:
    lines = [f"witness w{number} {key(number).vkey.text} {url}" for number, url in enumerate(urls, 1)]
    names = " ".join(f"w{number}" for number in range(1, len(urls) + 1))
    return Policy.parse("\n".join([f"log {LOG.vkey.text}", *lines, f"group g {quorum} {names}", "quorum g", ""]))


def states(cosigners: Cosigners) -> list[str]:
    return [state.state for state in cosigners.states()]


def test_honest_witnesses_all_cosign_a_log_that_grows(honest: Callable[[int], Witness]) -> None:
    with serving(honest(1).add_checkpoint) as one, serving(honest(2).add_checkpoint) as two:
        trusted = policy("all", one, two)
        cosigners = Cosigners(trusted)
        assert states(cosigners) == ["unasked", "unasked"]
        for size in (1, 5, 64, 65, 100):
            gathered = cosigners.gather(note(size), prove)
            assert (gathered.met, gathered.names) == (True, ("w1", "w2"))
            assert trusted.verify(gathered.note).checkpoint.size == size
        assert states(cosigners) == ["ok", "ok"]
        assert cosigners.alarms() == []
        again = Cosigners(trusted)
        assert again.gather(note(100), prove).met, "a new process learns the sizes from the witnesses"
        older = Cosigners(trusted).gather(note(50), prove)
        assert (older.met, older.note) == (False, note(50))
        cosigners.close()
        again.close()


def test_dead_slow_and_lying_witnesses_are_named_and_nobody_waits(honest: Callable[[int], Witness]) -> None:
    slow, held = honest(3), Event()

    def late(body: bytes) -> Answer:
        held.wait(10)
        return slow.add_checkpoint(body)

    def lie(body: bytes) -> Answer:
        wrong = Checkpoint("log.example/city", 1, bytes(32))
        return Answer(200, cosign(wrong, key(4), int(clock.now().timestamp())).line)

    with serving(honest(1).add_checkpoint) as good, serving(late) as hangs, serving(lie) as lies:
        trusted = policy("1", good, "http://127.0.0.1:9", hangs, lies)
        cosigners = Cosigners(trusted, wait=2, more=0.2, timeout=20)
        before = monotonic()
        gathered = cosigners.gather(note(10), prove)
        assert (gathered.met, gathered.names) == (True, ("w1",))
        assert monotonic() - before < 8, "the slow one would have been 10 s"
        _settled(cosigners, ["ok", "dead", "slow", "lying"])
        since = [state.since for state in cosigners.states()]
        before = monotonic()
        for size in range(11, 31):
            assert trusted.verify(cosigners.gather(note(size), prove).note).checkpoint.size == size
        assert monotonic() - before < 8, "nobody is waited for twice"
        _settled(cosigners, ["ok", "dead", "slow", "lying"])
        assert [state.since for state in cosigners.states()][1:] == since[1:], "since when is not forgotten"
        alarms = cosigners.alarms()
        assert [f"witness w{n} is {what} since" in alarm for n, what, alarm in
                zip((2, 3, 4), ("dead", "slow", "lying"), alarms, strict=True)] == [True] * 3  # fmt: skip
        held.set()
        _settled(cosigners, ["ok", "dead", "slow", "lying"], lambda: slow.seen()[0].size == 30)
        assert cosigners.gather(note(31), prove).met
        _settled(cosigners, ["ok", "dead", "ok", "lying"])
        cosigners.close()


def _settled(cosigners: Cosigners, wanted: list[str], also: Callable[[], bool] = lambda: True) -> None:
    end = monotonic() + 5
    while monotonic() < end and (states(cosigners) != wanted or not also()):
        sleep(0.02)
    assert states(cosigners) == wanted
    assert also()


def test_a_quorum_that_is_not_met_in_time_is_said_so(honest: Callable[[int], Witness]) -> None:
    held = Event()

    def late(body: bytes) -> Answer:
        held.wait(10)
        return Answer(500, "")

    with serving(honest(1).add_checkpoint) as good, serving(late) as hangs:
        cosigners = Cosigners(policy("all", good, hangs), wait=0.3)
        before = monotonic()
        gathered = cosigners.gather(note(10), prove)
        assert 0.2 < monotonic() - before < 8
        assert (gathered.met, gathered.names) == (False, ("w1",))
        held.set()
        cosigners.close()


def only(answering: Answering) -> tuple[Gathered, str, str]:
    with serving(answering) as url:
        cosigners = Cosigners(policy("all", url))
        gathered = cosigners.gather(note(10), prove)
        state = cosigners.states()[0]
        cosigners.close()
        return gathered, state.state, state.detail


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Answer(404, "unknown\n"), "refusing"),
        (Answer(403, "unsigned\n"), "refusing"),
        (Answer(500, ""), "dead"),
        (Answer(200, "<html>\n"), "dead"),
        (Answer(200, ""), "dead"),
        (Answer(409, "many\n", "text/x.tlog.size"), "dead"),
        (Answer(409, "3\n", "text/x.tlog.size"), "dead"),
        (Answer(422, "bad proof\n"), "contradicting"),
        (Answer(409, "another root\n"), "contradicting"),
        (Answer(409, "11\n", "text/x.tlog.size"), "contradicting"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_other_answer_has_a_name(answer: Answer, state: str) -> None:
    gathered, found, detail = only(lambda _: answer)
    assert (gathered.met, found) == (False, state)
    assert gathered.note == note(10)
    assert detail


@pytest.mark.parametrize("lie", ["stranger", "yesterday", "forged", "another size"])
def test_a_cosignature_counts_only_when_it_is_right(lie: str) -> None:
    def answering(body: bytes) -> Answer:
        asked, now = Request.parse(body).checkpoint, int(clock.now().timestamp())
        if lie == "stranger":
            return Answer(200, cosign(asked, key(9), now).line)
        if lie == "yesterday":
            return Answer(200, cosign(asked, key(1), now - 86_400).line)
        if lie == "another size":
            return Answer(200, cosign(Checkpoint(asked.origin, 9, asked.root), key(1), now).line)
        line = cosign(asked, key(1), now).line
        return Answer(200, line[:-8] + ("B" if line[-8] != "B" else "C") + line[-7:])

    gathered, state, _ = only(answering)
    assert (gathered.met, gathered.names, gathered.note, state) == (False, (), note(10), "lying")


def test_a_witness_that_has_forgotten_is_lying(honest: Callable[[int], Witness]) -> None:
    first, second = honest(1), honest(2)
    second.signer = first.signer
    now = [first]
    with serving(lambda body: now[0].add_checkpoint(body)) as url:
        cosigners = Cosigners(policy("all", url))
        assert cosigners.gather(note(20), prove).met
        now[0] = second
        gathered = cosigners.gather(note(30), prove)
        assert (gathered.met, states(cosigners)) == (False, ["lying"])
        assert cosigners.states()[0].detail == "it cosigned 20 and now says 0"
        cosigners.close()


def test_no_proof_of_ours_is_no_fault_of_the_witness(
    honest: Callable[[int], Witness], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(old: int, new: int) -> list[bytes]:
        raise LookupError("a tile is missing")

    with serving(honest(1).add_checkpoint) as url:
        cosigners = Cosigners(policy("all", url))
        assert cosigners.gather(note(5), prove).met
        assert not cosigners.gather(note(6), broken).met
        assert "LookupError" in cosigners.alarms()[0]
        assert cosigners.gather(note(7), prove).met, "the thread lives"
        cosigners.close()
    assert "no proof for the witness w1" in caplog.text


def test_a_policy_without_addresses_asks_nobody_and_waits_for_nobody() -> None:
    trusted = Policy.parse(f"log {LOG.vkey.text}\nwitness w1 {key(1).vkey.text}\nquorum w1\n")
    before = monotonic()
    gathered = Cosigners(trusted).gather(note(3), prove)
    assert (gathered.met, gathered.note) == (False, note(3))
    assert monotonic() - before < 1.5
