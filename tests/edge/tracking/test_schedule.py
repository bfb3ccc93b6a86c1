from __future__ import annotations

from edge.tracking.schedule import FIND_EVERY, IDLE_EVERY, FindSchedule


def searched(schedule, n, **state):
    return [i for i in range(n) if schedule.due(**{"lost": False, **state})]


def test_pauses_grow_from_one_frame_to_the_idle_rate():
    assert searched(FindSchedule(), 20, followed=0, free=1) == [0, 1, 3, 6, 9, 12, 15, 18]
    assert IDLE_EVERY == 3


def test_a_loss_is_searched_at_once_and_hard():
    schedule = FindSchedule()
    searched(schedule, 33, followed=0, free=1)
    assert schedule.due(followed=0, free=1, lost=True)
    assert searched(schedule, 8, followed=0, free=1) == [0, 2, 5]


def test_room_for_more_faces_is_searched_at_a_steady_rate():
    frames = searched(FindSchedule(), 3 * FIND_EVERY, followed=1, free=1)
    assert frames == [FIND_EVERY - 1, 2 * FIND_EVERY - 1, 3 * FIND_EVERY - 1]


def test_tracks_that_come_and_go_do_not_start_the_hard_search_again():
    schedule = FindSchedule()
    found = [schedule.due(followed=i % 2, free=1, lost=False) for i in range(200)]
    assert sum(found) <= 200 / IDLE_EVERY + 3


def test_without_room_nothing_is_searched():
    assert searched(FindSchedule(), 50, followed=2, free=0) == []
