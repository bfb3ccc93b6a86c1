from __future__ import annotations

import pytest

from landmarks.spread import evenly_spread


def test_the_ends_are_there_and_the_rest_lies_evenly_between_them():
    assert evenly_spread(10, 4).tolist() == [0, 3, 6, 9]
    assert evenly_spread(10, 3).tolist() == [0, 4, 9]  # halves are rounded to the even number


def test_all_are_taken_where_there_are_fewer_than_asked_for():
    assert evenly_spread(3, 8).tolist() == [0, 1, 2]
    assert evenly_spread(0, 8).tolist() == []


@pytest.mark.parametrize(("available", "count"), [(7, 7), (100, 99), (5, 1), (160, 128)])
def test_each_is_taken_once_in_order(available, count):
    chosen = evenly_spread(available, count).tolist()
    assert len(chosen) == count
    assert sorted(set(chosen)) == chosen
    assert 0 <= chosen[0] and chosen[-1] < available
