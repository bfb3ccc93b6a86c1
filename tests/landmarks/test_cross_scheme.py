import numpy as np
import pytest

from landmarks.cross_scheme import has_68, scheme_of_count, shared_scheme, to_68
from landmarks.schemes import AFLW19, COFW29, IBUG68, SCHEMES, WFLW98, wflw98_to_68


def test_points_of_300w_stay_as_they_are(face68):
    assert to_68(face68, IBUG68) is face68


def test_points_of_wflw_become_those_of_300w(rng):
    points = rng.uniform(0, 200, (5, 98, 2)).astype(np.float32)
    np.testing.assert_array_equal(to_68(points, WFLW98), wflw98_to_68(points))


def test_scheme_without_the_68_points_is_refused():
    assert not has_68(COFW29)
    with pytest.raises(ValueError, match="cofw-29 does not hold"):
        to_68(np.zeros((29, 2), np.float32), COFW29)


def test_points_of_another_count_are_refused(face68):
    with pytest.raises(ValueError, match="98"):
        to_68(face68, WFLW98)


def test_scheme_is_known_by_its_count():
    assert {scheme_of_count(s.n_points).name for s in SCHEMES.values()} == set(SCHEMES)
    assert scheme_of_count(5) is None


def test_schemes_meet_at_the_68_points_or_not_at_all():
    assert shared_scheme(WFLW98, WFLW98) is WFLW98
    assert shared_scheme(WFLW98, IBUG68) is IBUG68
    assert shared_scheme(IBUG68, WFLW98) is IBUG68
    assert shared_scheme(COFW29, COFW29) is COFW29
    assert shared_scheme(COFW29, AFLW19) is None
    assert shared_scheme(COFW29, IBUG68) is None
