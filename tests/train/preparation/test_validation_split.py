from __future__ import annotations

from train.preparation.validation_split import split_validation


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


def test_faces_of_a_picture_and_frames_of_a_video_stay_together():
    pictures = [f"picture_{i}.jpg" for i in range(200)]
    names = [f"{picture}{suffix}" for picture in pictures for suffix in ("", "#1", "#2")]
    _, validation = split_validation(names, 20)
    _, alone = split_validation(pictures, 20)
    assert 20 < len(alone) < 60
    assert sorted(i // 3 for i in validation) == sorted([*alone] * 3)
    frames = [f"{video:03}#{i:06}" for video in range(40) for i in range(1, 11)]
    _, validation = split_validation(frames, 30)
    held_out = [frames[i][:3] for i in validation]
    assert all(held_out.count(video) == 10 for video in held_out)
