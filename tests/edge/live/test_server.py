from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
import struct
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager

import cv2
import numpy as np
import pytest

from edge.live import LivePage, open_live
from edge.stream import Event, Face, Frame, FrameResult, StageTimes
from landmarks.boxes import Box
from landmarks.errors import UsageError

websockets = pytest.importorskip("websockets", reason="needs edge-landmarks[live]")
from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

TOKEN = "a-token-for-tests"
TIMES = StageTimes(find_ms=1.0, crop_ms=0.5, infer_ms=4.0, decode_ms=0.25)


def _result(index, side=64):
    """A frame whose grey and whose points say its index."""
    image = np.full((side, side, 3), index % 250, np.uint8)
    points = np.full((68, 2), index % 250, np.float32)
    face = Face(0, Box(0, 0, 9, 9), 0.8, 0.9, points)
    return FrameResult(Frame(index, "planted", None, image), (face,), TIMES)


@contextmanager
def _camera(sink, make=_result):
    """Frames without end, written from a thread of their own, as a pipeline does."""
    stop = threading.Event()
    written = []

    def run():
        index = 0
        while not stop.wait(0.002):
            sink.write(make(index))
            written.append(index)
            index += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join()


def _watch(sink, token=None, **options):
    offers = ["edge-landmarks", *([f"token.{token}"] if token else [])]
    url = re.sub("^http", "ws", sink.url.split("#")[0]) + "frames"
    return connect(url, subprotocols=offers, **options)


def _frame(connection):
    connection.send("next")
    message = connection.recv(timeout=10)
    length = int.from_bytes(message[:4], "big")
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def _get(sink, path="", **headers):
    request = urllib.request.Request(sink.url.split("#")[0] + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, b""


def test_the_page_is_served_with_its_files_and_nothing_else():
    with open_live(LivePage("0")) as sink:
        status, headers, body = _get(sink)
        assert status == 200
        assert headers["Content-Security-Policy"].startswith(
            "default-src 'none'; script-src 'self'"
        )
        names = re.findall(r'(?:src|href)="([^"]+)"', body.decode())
        assert {"page.js", "page.css", "icon.svg"} <= set(names)
        assert [_get(sink, name)[0] for name in names] == [200] * len(names)
        for path in ("nothing", "../access.py", "%2e%2e/access.py", "index.html/"):
            assert _get(sink, path)[0] == 404


def test_a_name_of_another_machine_is_refused():
    with open_live(LivePage("0")) as sink:
        for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "x@y", ""):
            assert _get(sink, Host=host)[0] in (400, 421), host
        for host in ("localhost:9000", "127.0.0.1", "[::1]:8080", socket.gethostname()):
            assert _get(sink, Host=host)[0] == 200, host
        with pytest.raises(InvalidStatus, match="403"):
            _watch(sink, origin="http://evil.example")


def test_frames_need_the_token_and_the_page_does_not(capsys):
    with open_live(LivePage("0.0.0.0:0")) as sink:
        token = sink.url.split("#token=")[1]
        assert f"live: {sink.url}\n" in capsys.readouterr().err
        sink.url = f"http://127.0.0.1:{sink.url.split(':')[2]}"
        assert _get(sink)[0] == 200
        for wrong in (None, TOKEN, token[:-1], token + "x"):
            with pytest.raises(InvalidStatus, match="401"):
                _watch(sink, wrong)
            assert _get(sink, "access", Authorization=f"Bearer {wrong}")[0] == 401
        assert _get(sink, "access", Authorization=f"Bearer {token}")[0] == 200
        with _camera(sink), _watch(sink, token) as page:
            assert page.subprotocol == "edge-landmarks"
            assert _frame(page)[0]["faces"]


def test_picture_and_points_are_of_the_same_frame():
    with open_live(LivePage("0")) as sink, _camera(sink), _watch(sink) as page:
        frames = [_frame(page) for _ in range(8)]
    indices = [facts["frame"] for facts, _ in frames]
    assert indices == sorted(set(indices))
    for facts, jpeg in frames:
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        level = facts["frame"] % 250
        assert image.shape == (64, 64, 3)
        assert abs(float(image.mean()) - level) <= 2
        assert facts["faces"][0]["points"][5] == [level, level]
        assert facts["size"] == [64, 64]
    facts = frames[-1][0]
    assert facts["stages_ms"] == {"find": 1.0, "crop": 0.5, "infer": 4.0, "decode": 0.25}
    assert facts["fps"] > 1
    assert facts["age_ms"] >= 0
    assert facts["latency_ms"] is None, "no sensor said when"


def test_landmarks_alone_where_the_picture_is_not_to_be_sent():
    with open_live(LivePage("0", with_picture=False)) as sink, _camera(sink), _watch(sink) as page:
        facts, jpeg = _frame(page)
    assert facts["faces"]
    assert jpeg == b""


def _open_without_reading(sink, asks):
    """A page that asks for frames and reads none: its socket, after the handshake."""
    page = socket.create_connection(("127.0.0.1", int(sink.url.split(":")[2].strip("/"))))
    page.sendall(
        b"GET /frames HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert page.recv(12) == b"HTTP/1.1 101"
    page.sendall(b"\x81\x84\0\0\0\0next" * asks)
    return page


def test_a_page_that_does_not_read_holds_up_neither_pipeline_nor_others():
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)

    def heavy(index):
        return FrameResult(Frame(index, "noise", None, noise), (), TIMES)

    with open_live(LivePage("0")) as sink, _camera(sink, heavy) as written:
        with _open_without_reading(sink, asks=200), _watch(sink) as quick:
            before = len(written)
            seen = [_frame(quick)[0]["frame"] for _ in range(20)]
            assert seen == sorted(set(seen)), "every frame is newer than the one before"
            assert seen[0] >= before, "and none was waiting"
            assert len(written) > before + 20, "the pipeline went on"


def test_pages_that_vanish_leave_nothing_behind():
    with open_live(LivePage("0")) as sink:  # no camera: all of them wait
        loop = sink._audience._loop

        def counts():
            return len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks(loop))

        before = counts()
        for _ in range(20):
            with _open_without_reading(sink, asks=5) as page:
                # no goodbye: the connection is reset
                page.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        until = time.monotonic() + 10
        while counts() != before and time.monotonic() < until:
            time.sleep(0.02)
        assert counts() == before


def test_a_page_that_left_without_a_word_is_let_go(monkeypatch):
    monkeypatch.setattr("edge.live.server.KEEPALIVE_S", 0.05)
    with open_live(LivePage("0")) as sink, _open_without_reading(sink, asks=1) as page:
        page.settimeout(10)
        while page.recv(4096):  # pings, which nobody answers, until the server hangs up
            pass


def test_there_is_an_end_to_how_many_look_on(monkeypatch):
    monkeypatch.setattr("edge.live.watchers.MAX_WATCHERS", 2)
    with open_live(LivePage("0")) as sink, ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(_watch(sink))
        with pytest.raises(InvalidStatus, match="503"):
            _watch(sink)


def _knock(sink, says=b""):
    """Connect, say something or nothing, and do not read."""
    port = int(sink.url.split(":")[2].strip("/"))
    stranger = socket.create_connection(("127.0.0.1", port))
    stranger.sendall(says)
    return stranger


def _answer(stranger):
    """Read until the server hangs up."""
    stranger.settimeout(10)
    with stranger:
        return b"".join(iter(lambda: stranger.recv(4096), b""))


def test_strangers_that_say_nothing_cost_few_files_and_shut_nobody_out(monkeypatch):
    monkeypatch.setattr("edge.live.visitor.ROOM", 8)
    with open_live(LivePage("0")) as sink, _camera(sink), ExitStack() as stack:
        page = stack.enter_context(_watch(sink))
        before = len(os.listdir("/proc/self/fd"))
        for says in (b"", b"GET / HT") * 100:
            stack.enter_context(_knock(sink, says))
            assert len(os.listdir("/proc/self/fd")) - before < 200 + 8 + 2 * 32
        assert _get(sink)[0] == 200
        assert _frame(page)[0]["faces"], "who was let in stays"
        until = time.monotonic() + 10
        while len(os.listdir("/proc/self/fd")) - before > 200 + 8 and time.monotonic() < until:
            time.sleep(0.02)
        assert len(os.listdir("/proc/self/fd")) - before <= 200 + 8


def test_a_stranger_that_says_nothing_is_sent_away(monkeypatch):
    monkeypatch.setattr("edge.live.server.ANSWERED_WITHIN_S", 0.1)
    with open_live(LivePage("0")) as sink:
        assert _answer(_knock(sink)) == b""
        assert _answer(_knock(sink, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")) == b""


@pytest.mark.parametrize(
    "then",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\x81\x84\0\0\0\0next",
        b"\x82\xfe" + b"A" * 100_000,
        b"\r\n\r\n",
    ],
    ids=["a_request", "a_frame", "a_frame_that_is_too_long", "empty_lines"],
)
@pytest.mark.parametrize("cut", [0, 1, 3])
def test_what_follows_a_request_unasked_is_left_out(then, cut, caplog):
    """Whole, or with the end of the request in two packets."""
    request = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with open_live(LivePage("0")) as sink:
        stranger = _knock(sink, request[: len(request) - cut])
        if cut:
            time.sleep(0.05)
            stranger.sendall(request[len(request) - cut :] + then)
        else:
            stranger.sendall(then)
        try:
            got = _answer(stranger)
        except ConnectionResetError:  # there was still something that nobody read
            got = None
    assert got is None or got.startswith(b"HTTP/1.1 200 OK\r\n")
    assert [record for record in caplog.records if record.levelno >= 30] == []


def _basic(password):
    return "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()


def test_a_snapshot_is_the_newest_picture_for_who_has_the_token():
    """With the token as Bearer, or as the password of any user, as home automation sends it."""
    with open_live(LivePage("0", token=TOKEN)) as sink, _camera(sink) as written:
        for header in (f"Bearer {TOKEN}", _basic(TOKEN)):
            newest = written[-1] if written else 0
            status, headers, jpeg = _get(sink, "snapshot.jpg", Authorization=header)
            assert (status, headers["Content-Type"]) == (200, "image/jpeg")
            image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
            assert image.shape == (64, 64, 3)
            assert (image.mean() - newest) % 250 < 100, "a picture of now"
        for wrong in (f"Bearer {TOKEN}x", _basic("guess"), "Basic", "Basic ?", "Basic w6k=", ""):
            assert _get(sink, "snapshot.jpg", Authorization=wrong)[0] == 401
        assert _get(sink, f"snapshot.jpg?token={TOKEN}")[0] == 404, "it has no place in an address"


def test_no_snapshot_without_a_camera_or_where_pictures_are_not_sent(monkeypatch):
    monkeypatch.setattr("edge.live.server.SNAPSHOT_WITHIN_S", 0.1)
    with open_live(LivePage("0")) as sink:
        assert _get(sink, "snapshot.jpg")[0] == 503
        with _camera(sink):
            assert _get(sink, "snapshot.jpg")[0] == 200
    with open_live(LivePage("0", with_picture=False)) as sink, _camera(sink):
        assert _get(sink, "snapshot.jpg")[0] == 404


def test_a_frame_says_what_its_landmarks_are_made_with():
    with open_live(LivePage("0", finder="own"), "planted int8") as sink:
        with _camera(sink), _watch(sink) as page:
            facts, _ = _frame(page)
    assert (facts["model"], facts["finder"]) == ("planted int8", "own")


def test_only_a_page_that_was_named_may_show_this_one_in_a_frame():
    home = "http://homeassistant.local:8123"
    for framed_by, ancestors in ((None, "'none'"), (home, home)):
        with open_live(LivePage("0", framed_by=framed_by)) as sink:
            policy = _get(sink)[1]["Content-Security-Policy"]
            assert policy.endswith(f"; frame-ancestors {ancestors}")
            assert _get(sink, "access")[1]["Content-Security-Policy"].endswith("'none'")
    for wrong in ("", "*", "'self'", "homeassistant.local", "http://a b", "http://a; script-src *"):
        with (
            pytest.raises(UsageError, match="--live-framed-by"),
            open_live(LivePage("0", framed_by=wrong)),
        ):
            pytest.fail("it was served")


def test_events_reach_all_pages_and_a_lost_camera_those_that_come_later():
    lost = Event("camera_lost", time.monotonic_ns(), "no frame for 2 s")
    with open_live(LivePage("0")) as sink, ExitStack() as stack:
        early = stack.enter_context(_watch(sink))
        sink.event(lost)
        late = stack.enter_context(_watch(sink))
        for page in (early, late):
            message = json.loads(page.recv(timeout=10))
            assert (message["event"], message["detail"]) == ("camera_lost", "no frame for 2 s")
        sink.event(Event("camera_back", time.monotonic_ns(), ""))
        assert json.loads(late.recv(timeout=10))["event"] == "camera_back"
        later = stack.enter_context(_watch(sink))
        with _camera(sink):
            assert _frame(later)[0]["faces"], "the first message is a frame"


def test_pages_are_sent_away_at_the_end():
    with ExitStack() as stack:
        sink = stack.enter_context(open_live(LivePage("0")))
        with _watch(sink) as page:
            stack.close()
            assert json.loads(page.recv(timeout=10)) == {"event": "end"}
            with pytest.raises(ConnectionClosed, match="1001"):
                page.recv(timeout=10)
    assert not [thread for thread in threading.enumerate() if thread.name == "live"]
