from __future__ import annotations

from edge.finder.parts import PART_SHARE
from edge.tracking.schedule import FIND_EVERY, FIRST_SEARCHES, IDLE_EVERY, FindSchedule

LOOKS = 6  # of a round: four parts, and the whole frame twice
FRAMES_A_SECOND = 30


def searched(schedule, n, **state):
    return [i for i in range(n) if schedule.due(**{"lost": False, **state})]


def test_a_film_begins_with_a_search_of_each_frame_and_goes_on_with_pauses():
    frames = searched(FindSchedule(), FIRST_SEARCHES + 3 * IDLE_EVERY, followed=0, free=1)
    first = [*range(FIRST_SEARCHES)]
    last = first[-1]
    assert frames == [*first, *(last + IDLE_EVERY * i for i in (1, 2, 3))]


def test_a_loss_is_searched_at_once_and_hard():
    schedule = FindSchedule()
    searched(schedule, 33, followed=0, free=1)
    assert schedule.due(followed=0, free=1, lost=True)
    assert searched(schedule, FIRST_SEARCHES - 1, followed=0, free=1) == [
        *range(FIRST_SEARCHES - 1)
    ]


def test_room_for_more_faces_is_searched_at_a_steady_rate():
    schedule = FindSchedule()
    searched(schedule, FIRST_SEARCHES, followed=1, free=1)
    frames = searched(schedule, 3 * FIND_EVERY, followed=1, free=1)
    assert frames == [FIND_EVERY - 1, 2 * FIND_EVERY - 1, 3 * FIND_EVERY - 1]


def test_every_part_has_its_turn_within_a_second():
    """So a face of 20 px in 640 x 480, 13 px in a part as the finder sees it, is found in time."""
    assert LOOKS * IDLE_EVERY < FRAMES_A_SECOND
    assert LOOKS * FIND_EVERY <= FRAMES_A_SECOND
    assert 20 / (640 * PART_SHARE) > 0.05


def test_tracks_that_come_and_go_do_not_start_the_hard_search_again():
    schedule = FindSchedule()
    found = [schedule.due(followed=i % 2, free=1, lost=False) for i in range(200)]
    assert sum(found) <= 200 / IDLE_EVERY + FIRST_SEARCHES


def test_without_room_nothing_is_searched():
    assert searched(FindSchedule(), 50, followed=2, free=0) == []
