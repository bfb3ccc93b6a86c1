from __future__ import annotations

from train.validation import split_validation


def test_split_holds_every_face_once():
    names = [f"face_{i}.png" for i in range(500)]
    training, validation = split_validation(names, 10)
    assert sorted([*training, *validation]) == list(range(500))
    assert 25 < len(validation) < 80


def test_split_of_a_face_depends_on_its_name_alone():
    names = [f"face_{i}.png" for i in range(300)]
    _, validation = split_validation(names, 10)
    held_out = {names[i] for i in validation}
    part = names[100:][::-1]
    _, validation = split_validation(part, 10)
    assert {part[i] for i in validation} == held_out & set(part)


def test_nothing_is_held_out_at_zero_percent():
    training, validation = split_validation(["a", "b"], 0)
    assert (len(training), len(validation)) == (2, 0)
