from __future__ import annotations

import numpy as np
import pytest

from edge.tracking.region import DEAD_BAND, LEAD, LEAD_FROM, Region, ahead, region_of, settle
from landmarks.boxes import Box, face_box
from landmarks.crop import crop_transform
from landmarks.shape import MeanFace

SIDE = 100.0


def turned(points, degrees):
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    return points @ np.array([[cos, sin], [-sin, cos]])  # clockwise on the screen


@pytest.mark.parametrize("roll_deg", [-170.0, -35.0, 0.0, 20.0, 90.0])
def test_a_turned_face_is_seen_as_if_it_stood_upright(face68, roll_deg):
    points = turned(SIDE * face68, roll_deg) + [300, 200]
    likeness = MeanFace.of(face68).compare(points)
    region = region_of(points, likeness.roll_deg)
    assert likeness.roll_deg == pytest.approx(roll_deg, abs=1e-4)
    upright = face_box(SIDE * face68)
    assert region.box.width == pytest.approx(upright.width, rel=1e-4)
    seen = crop_transform(region.box, size=128, angle_deg=region.roll_deg).to_unit(points)
    plain = crop_transform(upright, size=128).to_unit(SIDE * face68)
    np.testing.assert_allclose(seen, plain, atol=1e-4)


@pytest.mark.parametrize(
    "region",
    [
        Region(Box.from_centre((50 + 1.1 * DEAD_BAND * SIDE, 50), SIDE)),
        Region(Box.from_centre((50, 50), SIDE * (1 - 1.1 * DEAD_BAND))),
        Region(Box.from_centre((50, 50), SIDE), np.rad2deg(1.1 * DEAD_BAND)),
    ],
    ids=["moved", "shrunk", "turned"],
)
def test_a_region_stays_until_the_face_leaves_the_dead_band(region):
    old = Region(Box.from_centre((50, 50), SIDE))
    assert settle(old, region) is region
    x, y = region.box.centre
    near = Region(
        Box.from_centre(((50 + x) / 2, (50 + y) / 2), (SIDE + region.box.width) / 2),
        region.roll_deg / 2,
    )
    assert settle(old, near) is old


def test_turns_are_measured_on_the_circle():
    box = Box.from_centre((50, 50), SIDE)
    assert settle(Region(box, 179.8), Region(box, -179.9)).roll_deg == 179.8


def test_a_box_is_spanned_by_the_enlarged_one():
    region = Region(Box(0, 0, 10, 10))
    assert region.spans(Box(-4.9, 5.0, 14.9, 14.9), 2.0)
    assert not region.spans(Box(5.0, 5.0, 5.0, 15.1), 2.0)


def test_a_fast_face_is_looked_for_ahead_of_where_it_is():
    before, now = (Region(Box.from_centre((x, 50), SIDE), 7.0) for x in (50, 70))
    there = ahead(before, now)
    assert there.box.centre == pytest.approx((70 + LEAD * 20, 50))
    assert (there.box.width, there.roll_deg) == (SIDE, 7.0)


def test_a_slow_face_is_looked_for_where_it_is():
    before, now = (Region(Box.from_centre((x, 50), SIDE)) for x in (50, 50 + SIDE * LEAD_FROM))
    assert ahead(before, now) is now
