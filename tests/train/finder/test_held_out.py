from train.datasets.frames import read_frames
from train.finder.held_out import HeldOut, set_of


def test_whole_sets_are_held_out_beside_a_share_of_the_others(frames_folder):
    frames = read_frames(frames_folder)
    training, held_out = HeldOut(0.0).split(frames)
    assert (len(training), len(held_out)) == (8, 0)
    training, held_out = HeldOut(0.0, ("frame_3.png",)).split(frames)
    assert [frames[i].picture.name for i in held_out] == ["frame_3.png"]
    assert len(training) == 7
    assert set_of("masks-group-001.jpg") == "masks"
