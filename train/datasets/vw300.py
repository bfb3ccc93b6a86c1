"""300VW (Shen et al. 2015): 114 videos with 68 points in every frame.

Layout: ``<id>/vid.avi`` and ``<id>/annot/000001.pts``, counted from 1 like the frames and like the
coordinates in the files; ``landmarks.pts`` takes 1 off those. 50 videos train; the test videos
are 31 of category 1 (good light), 19 of category 2 (bad light) and 14 of category 3 (anything,
hidden faces too). The lists below are the ones that published tools (OpenFace, SAN) print. Frame
counts in the literature differ, with and without the frames that the owners later withdrew, so
videos are counted and frames are not. There are no rectangles.

All frames of a video are of one person and look alike: their names begin with the video's, and a
validation split keeps them together.
"""

from __future__ import annotations

from pathlib import Path

from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace
from landmarks.pts import read_pts
from landmarks.schemes import IBUG68
from train.datasets.bad_files import BadFiles
from train.datasets.official_count import check_official_count
from train.datasets.video import VideoFrame, VideoReader

VIDEOS: dict[str, tuple[str, ...]] = {
    "train": tuple(
        """
        001 002 003 004 007 009 010 011 013 015 016 017 018 019 020 022 025 027 028 029 031 033 034
        035 037 039 041 043 044 046 047 048 049 053 057 059 112 113 115 119 120 123 138 143 144 160
        204 205 223 225
        """.split()
    ),
    "category1": tuple(
        """
        114 124 125 126 150 158 401 402 505 506 507 508 509 510 511 514 515 518 519 520 521 522 524
        525 537 538 540 541 546 547 548
        """.split()
    ),
    "category2": tuple(
        "203 208 211 212 213 214 218 224 403 404 405 406 407 408 409 412 550 551 553".split()
    ),
    "category3": tuple("410 411 516 517 526 528 529 530 531 533 557 558 559 562".split()),
}


def read_vw300(
    root: Path | str, subset: str, bad: BadFiles | None = None
) -> tuple[LabelledFace, ...]:
    """Read the labelled frames of a subset, video by video; a missing video is reported in the log.

    Args:
        root: the folder of the videos' folders.
        subset: ``"train"``, ``"category1"``, ``"category2"`` or ``"category3"``; the latter are
            also the group of their faces.
        bad: what to do with bad files; the first one raises when None.

    Raises:
        DatasetError: none of the subset's videos is there, or a label is malformed.
    """
    root, bad = Path(root), bad or BadFiles()
    if subset not in VIDEOS:
        raise DatasetError(f"300VW has no subset {subset!r}, expected {', '.join(VIDEOS)}")
    groups = () if subset == "train" else (subset,)
    reader = VideoReader()
    present = [name for name in VIDEOS[subset] if (root / name / "vid.avi").is_file()]
    check_official_count(f"{root}: {subset}", len(present), len(VIDEOS[subset]), "videos")
    faces = []
    for name in present:
        labels = sorted((root / name / "annot").glob("*.pts"))
        if not labels:
            raise DatasetError(f"{root / name / 'annot'}: no .pts files for the video beside it")
        for label in labels:
            with bad.tolerated():
                index = _frame_index(label)
                points = read_pts(label)
                if len(points) != IBUG68.n_points:
                    raise DatasetError(f"{label}: {len(points)} points, expected 68")
                picture = VideoFrame(root / name / "vid.avi", index, name, reader)
                faces.append(LabelledFace(picture, points, groups=groups))
    return tuple(faces)


def _frame_index(label: Path) -> int:
    if not label.stem.isdigit() or int(label.stem) == 0:
        raise DatasetError(f"{label}: expected the number of a frame as its name, from 000001")
    return int(label.stem) - 1
