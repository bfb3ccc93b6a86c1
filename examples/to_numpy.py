"""Landmarks of a film as NumPy arrays: ``python to_numpy.py film.mp4 landmarks.npz``.

Writes ``time_s`` (frames,), ``points`` (frames, 68, 2) and ``eyes_open``, ``mouth_open``,
``turned_deg`` (frames,) of the one face that is followed; NaN where there is none.
"""

import sys

import cv2
import numpy as np

from edge_landmarks import FaceLandmarker

MEASURES = ("eyes_open", "mouth_open", "turned_deg")


def main(source: str, out: str) -> None:
    video = cv2.VideoCapture(source)
    if not video.isOpened():
        sys.exit(f"{source}: not a film that OpenCV can read")
    fps = video.get(cv2.CAP_PROP_FPS) or 25.0  # where the film does not say
    landmarker = FaceLandmarker(color="bgr")
    follow = landmarker.video()
    nothing = np.full((landmarker.scheme.n_points, 2), np.nan, np.float32)
    points, measures = [], []
    while True:
        good, picture = video.read()
        if not good:
            break
        faces = follow(picture, len(points) / fps)
        points.append(faces[0].points if faces else nothing)
        measures.append(
            [getattr(faces[0].measures, name) for name in MEASURES]
            if faces
            else [np.nan] * len(MEASURES)
        )
    columns = dict(zip(MEASURES, np.array(measures, np.float32).T, strict=True))
    np.savez_compressed(out, time_s=np.arange(len(points)) / fps, points=points, **columns)
    print(f"{out}: {len(points)} frames, {sum(np.isfinite(p).all() for p in points)} with a face")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
