"""The live page in a real browser, over the real pipeline."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import cv2
import numpy as np
import pytest

from edge.finder.haar import HaarFinder
from edge.live import LivePage, open_live
from edge.pipeline import Pipeline
from edge.stream import Event, Frame, FrameResult
from landmarks.measures import measure_face
from landmarks.pose import head_pose
from landmarks.schemes import IBUG68

TOKEN = "a-token-for-tests"
HAS_FACE = "document.querySelectorAll('#faces tr').length == 1"
STATE = "document.getElementById('state')?.dataset.state"


def text(element):
    return f"document.getElementById('{element}').textContent"


def screen(page):
    """What the screen shows: RGB, of a type that can be subtracted."""
    shown = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    return shown[..., ::-1].astype(int)


@pytest.fixture(scope="module")
def results(clip, localizer):
    """The clip after the pipeline, there and back."""
    pipeline = Pipeline(HaarFinder(), localizer)
    found = []
    for image in clip[0][:40]:
        faces, times = pipeline.process(image)
        posed = [
            replace(face, pose_deg=np.array(head_pose(face.points_frame, IBUG68).angles_deg))
            for face in faces
        ]
        found.append(FrameResult(Frame(0, "clip", None, image), tuple(posed), times))
    return found + found[::-1]


@contextmanager
def camera(sink, results, *, sensor=True):
    """Write the results at 25 frames a second, from a thread of their own."""
    stop = threading.Event()

    def run():
        for index in count():
            if stop.wait(0.04):
                return
            result = results[index % len(results)]
            at_ns = time.monotonic_ns() - 9_000_000 if sensor else None
            taken = replace(result.frame, index=index, sensor_ns=at_ns)
            sink.write(replace(result, frame=taken))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_the_page_shows_the_face_its_pose_and_the_speed(page, results):
    with open_live(LivePage("0")) as sink, camera(sink, results):
        page.resize(1280, 760, scheme="dark")
        page.open(sink.url)
        page.wait_for(HAS_FACE)
        page.wait_for(f"Number({text('fps')}) > 1")
        assert page.run(STATE) == "live"
        assert float(page.run(text("latency"))) >= 9
        assert float(page.run(text("age"))) >= 9
        assert page.run(text("caption")).startswith("480 × 360 · frame ")
        cells = page.run("[...document.querySelectorAll('#faces td')].map(td => td.textContent)")
        assert cells[0] == "0"
        assert all(cell.endswith("°") for cell in cells[2:])
        canvas = np.s_[70:640, 20:900]
        assert screen(page)[canvas].mean() > 40, "the picture"
        page.run("document.getElementById('picture').click()")
        bright = screen(page)[canvas].max(axis=2) > 128
        assert 300 < bright.sum() < 20_000, "the landmarks alone"
    assert page.complaints == []


def test_measures_of_a_face_stand_below_it(page, results):
    measured = [
        replace(
            result,
            faces=tuple(
                replace(face, measures=measure_face(face.points_frame, IBUG68))
                for face in result.faces
            ),
        )
        for result in results[:1]
    ]
    with open_live(LivePage("0")) as sink, camera(sink, measured):
        page.resize(390, 844, scheme="light")
        page.open(sink.url)
        page.wait_for("document.querySelectorAll('#faces tr').length == 2")
        seen = measured[0].faces[0].measures.to_dict()
        text_below = page.run("document.querySelector('#faces .measures').textContent")
        assert text_below.startswith(f"eyes {seen['left_eye_open']:.2f} ")
        assert text_below.endswith(f"turned {seen['turned_deg']:.0f}°")
        assert page.run("document.documentElement.scrollWidth <= innerWidth")
    assert page.complaints == []


@pytest.mark.parametrize("width, height", [(390, 844), (844, 390), (1920, 1080)])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_page_fits_every_screen(page, results, width, height, scheme):
    with open_live(LivePage("0")) as sink, camera(sink, results):
        page.resize(width, height, scheme=scheme)
        page.open(sink.url)
        page.wait_for(HAS_FACE)
        assert page.run("document.documentElement.scrollWidth <= innerWidth")
        sizes = page.run(
            "[...document.querySelectorAll('button')].map(b => b.getBoundingClientRect().height)"
        )
        assert min(size for size in sizes if size) >= 40, "fit for fingers"
    assert page.complaints == []


def test_the_picture_can_be_mirrored_and_hidden(page, results):
    def edges():
        """Left and right column of the canvas, as the screen shows them."""
        box = page.run("document.getElementById('screen').getBoundingClientRect().toJSON()")
        rows = slice(int(box["top"]) + 20, int(box["bottom"]) - 20)
        shown = screen(page)
        return shown[rows, int(box["left"]) + 4], shown[rows, int(box["right"]) - 5]

    with open_live(LivePage("0")) as sink, camera(sink, results[:1]):
        page.resize(800, 600, scheme="dark")
        page.open(sink.url)
        page.wait_for(HAS_FACE)
        left, right = edges()
        assert np.abs(left - right).mean() > 20
        page.run("document.getElementById('mirror').click()")
        now_left, now_right = edges()
        assert np.abs(now_left - right).mean() < 6
        assert np.abs(now_right - left).mean() < 6
        page.run("document.getElementById('picture').click()")
        assert max(side.max() for side in edges()) < 20
    assert page.complaints == []


def test_a_lost_camera_is_said_and_forgotten_once_it_is_back(page, results):
    with open_live(LivePage("0")) as sink:
        page.open(sink.url)
        page.wait_for(f"{STATE} == 'waiting'")
        sink.event(Event("camera_lost", time.monotonic_ns(), "no frame for 2 s"))
        page.wait_for(f"{STATE} == 'lost'")
        assert "no frame for 2 s" in page.run(text("notice"))
        sink.event(Event("camera_back", time.monotonic_ns(), ""))
        with camera(sink, results):
            page.wait_for(f"{STATE} == 'live'")
        assert page.run("document.getElementById('notice').hidden")
    assert page.complaints == []


def test_the_page_comes_back_by_itself(page, results):
    with open_live(LivePage("0")) as sink, camera(sink, results):
        page.open(sink.url)
        page.wait_for(HAS_FACE)
        port = sink.url.split(":")[2].strip("/")
    page.wait_for(f"{STATE} == 'ended'")
    with open_live(LivePage(port)) as sink, camera(sink, results):
        page.wait_for(f"{STATE} == 'live'")
    assert all("ERR_CONNECTION_REFUSED" in complaint for complaint in page.complaints)


def test_the_token_of_the_url_opens_and_leaves_the_address_bar(page, results):
    with open_live(LivePage("0", token=TOKEN)) as sink, camera(sink, results):
        assert sink.url.endswith(f"/#token={TOKEN}")
        page.open(sink.url)
        page.wait_for(HAS_FACE)
        assert TOKEN not in page.run("location.href")
        page.call("Page.reload")
        page.wait_for(
            f"!performance.getEntriesByType('navigation')[0].name.includes('#') && {HAS_FACE}"
        )
        assert page.complaints == []


def enter(page, token):
    page.run(f"document.getElementById('token').value = '{token}'")
    page.run("document.querySelector('#entrance-form button').click()")


def test_without_the_token_the_page_asks_for_it(page, results):
    with open_live(LivePage("0", token=TOKEN)) as sink, camera(sink, results):
        page.open(sink.url.split("#")[0])
        page.wait_for("document.getElementById('entrance')?.open")
        enter(page, "not-the-right-one")
        page.wait_for(
            "document.getElementById('entrance').open && !document.getElementById('refused').hidden"
        )
        enter(page, TOKEN)
        page.wait_for(HAS_FACE)
    assert all("401" in complaint for complaint in page.complaints)


def number_of_frame(page):
    return int(page.run(text("caption")).split("frame ")[1].split()[0])


def test_a_paused_page_stands_still_and_goes_on(page, results):
    with open_live(LivePage("0")) as sink, camera(sink, results):
        page.resize(1280, 760, scheme="dark")
        page.open(sink.url)
        page.wait_for(HAS_FACE)
        page.run("document.getElementById('pause').click()")
        page.wait_for(f"{STATE} == 'paused'")
        stands = number_of_frame(page), page.run(text("age"))
        time.sleep(0.5)
        assert (number_of_frame(page), page.run(text("age"))) == stands
        page.run("document.getElementById('pause').click()")
        page.wait_for(f"{STATE} == 'live'")
        page.wait_for(f"!{text('caption')}.includes('frame {stands[0]}')")
    assert page.complaints == []


SLOW_DECODER = (
    "(() => { const decode = createImageBitmap; window.createImageBitmap = async (...what) => {"
    " await new Promise((done) => setTimeout(done, 300)); return decode(...what); }; })()"
)


@pytest.mark.parametrize("ends", [True, False], ids=["the_run_ends", "the_camera_is_lost"])
def test_a_frame_that_was_on_its_way_does_not_take_the_news_back(page, results, ends):
    """A phone that is busy decodes a frame for long."""
    with open_live(LivePage("0")) as sink:
        page.open(sink.url)
        page.wait_for(f"{STATE} == 'waiting'")
        page.run(SLOW_DECODER)
        with camera(sink, results):
            page.wait_for(f"{STATE} == 'live'")
            time.sleep(0.2)
        if not ends:
            sink.event(Event("camera_lost", time.monotonic_ns(), "no frame for 2 s"))
            page.wait_for(f"{STATE} == 'lost'")
            time.sleep(0.6)
            assert page.run(STATE) == "lost" and "no frame" in page.run(text("notice"))
    page.wait_for(f"{STATE} == 'ended'")
    time.sleep(0.6)
    assert page.run(STATE) == "ended" and "has ended" in page.run(text("notice"))


def test_an_ended_run_is_said_and_its_figures_are_grey_and_stand(page, results):
    with open_live(LivePage("0")) as sink, camera(sink, results):
        page.resize(1280, 760, scheme="dark")
        page.open(sink.url)
        page.wait_for(HAS_FACE)
        port = sink.url.split(":")[2].strip("/")
    page.wait_for(f"{STATE} == 'ended'")
    assert "The run has ended" in page.run(text("notice"))
    age = page.run(text("age"))
    time.sleep(1.0)  # it looks for the next run meanwhile
    assert page.run(STATE) == "ended"
    assert page.run(text("age")) == age
    assert np.ptp(screen(page)[150:450, 250:650], axis=2).max() <= 2, "the picture has no colours"
    with open_live(LivePage(port)) as sink, camera(sink, results):
        page.wait_for(f"{STATE} == 'live'")
        assert page.run("document.getElementById('notice').hidden")
        assert np.ptp(screen(page)[150:450, 250:650], axis=2).max() > 50


def test_a_file_has_no_dead_figures_and_the_page_says_what_it_is_made_with(page, results):
    """No sensor, and perhaps no thermometer: their figures are not there."""
    with open_live(LivePage("0", finder="own"), "asmpip-144 int8") as sink:
        with camera(sink, results, sensor=False):
            page.open(sink.url)
            page.wait_for(HAS_FACE)
            assert page.run(text("made")) == "asmpip-144 int8 · finder own"
            assert page.run("document.getElementById('latency').closest('div').hidden")
            figures = "[...document.querySelectorAll('.tiles > div:not([hidden]) b')]"
            assert "–" not in page.run(f"{figures}.map(b => b.textContent)")
    assert page.complaints == []


def test_the_rate_is_drawn_and_ids_stand_on_the_picture(page, results):
    with open_live(LivePage("0")) as sink, camera(sink, results):
        page.resize(1280, 760, scheme="dark")
        page.open(sink.url)
        page.wait_for(HAS_FACE)
        page.wait_for("document.getElementById('graph').points.length >= 3")
        points = "[...document.getElementById('graph').points].map(p => [p.x, p.y])"
        x, y = zip(*page.run(points), strict=True)
        assert list(x) == sorted(set(x)) and x[-1] == 60
        assert min(y) == 0 and max(y) <= 16
        page.run("document.getElementById('pause').click()")
        page.wait_for(f"{STATE} == 'paused'")
        written = (
            "(() => { const words = [];"
            "CanvasRenderingContext2D.prototype.fillText = function (word, x, y) {"
            " words.push([word, x, y, this.getTransform().a]); };"
            "document.getElementById('mirror').click();"
            "document.getElementById('mirror').click(); return words; })()"
        )
        mirrored, plain = page.run(written)
        assert mirrored[0] == plain[0] == "#0"
        assert mirrored[3] == plain[3] == 1, "words are never mirrored"
        assert mirrored[1] != plain[1] and mirrored[2] == plain[2]
    assert page.complaints == []


def test_a_snapshot_is_saved_with_the_landmarks_on_it(page, results):
    """What would be saved is kept in the page, and compared with the screen."""
    keep = (
        "HTMLAnchorElement.prototype.click = function () { window.saved = this.download; };"
        "URL.createObjectURL = (blob) => { window.kept = createImageBitmap(blob); return '#'; };"
        "URL.revokeObjectURL = () => {};"
    )
    with open_live(LivePage("0")) as sink, camera(sink, results):
        page.open(sink.url)
        page.wait_for(HAS_FACE)
        page.run(keep)
        page.run("document.getElementById('snapshot').click()")
        page.wait_for("window.saved")
        assert page.run("/^frame-[0-9]+[.]png$/.test(window.saved)")
        same = "window.kept.then(b => b.width == document.getElementById('screen').width)"
        assert page.run(same)
    assert page.complaints == []


def test_full_screen_shows_all_of_the_picture(page, results):
    with open_live(LivePage("0")) as sink, camera(sink, results):
        page.resize(1280, 500, scheme="dark")
        page.open(sink.url)
        page.wait_for(HAS_FACE)
        assert not page.run("document.getElementById('full').hidden")
        click = "document.getElementById('full').click()"
        page.call("Runtime.evaluate", expression=click, userGesture=True)
        page.wait_for("document.fullscreenElement !== null")
        box = page.run("document.getElementById('screen').getBoundingClientRect().toJSON()")
        assert box["width"] / box["height"] == pytest.approx(480 / 360, rel=0.01)
        assert box["height"] <= page.run("innerHeight") + 1
        page.run("document.exitFullscreen()")
    assert page.complaints == []
