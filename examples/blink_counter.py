"""Count blinks: ``python blink_counter.py film.mp4``, or ``0`` for the first USB camera.

Soukupova and Cech, "Real-time eye blink detection using facial landmarks", CVWW 2016: the eye
aspect ratio falls for a moment. It is compared with the person's own usual one, because eyes
differ more between people than a blink changes them.
"""

import sys
import time

import cv2

from edge_landmarks import Episodes, FaceLandmarker, UsualLevel

# Of the usual level; the shipped networks see shut eyes at 0.6 of it
SHUT, OPEN = 0.76, 0.86
LONGEST_BLINK_S = 0.5  # longer is dozing, or a yawn


def main(source: str) -> None:
    video = cv2.VideoCapture(int(source) if source.isdecimal() else source)
    if not video.isOpened():
        sys.exit(f"{source}: neither a film nor a camera that OpenCV can open")
    fps = 0 if source.isdecimal() else video.get(cv2.CAP_PROP_FPS)
    follow = FaceLandmarker(color="bgr").video()
    usual = UsualLevel()
    blinks = Episodes(begins_below=SHUT, ends_above=OPEN, longest_s=LONGEST_BLINK_S)
    frame = 0
    while True:
        good, picture = video.read()
        if not good:
            break
        now_s = frame / fps if fps else time.monotonic()
        frame += 1
        faces = follow(picture, now_s)
        if not faces:
            blinks.forget()
            continue
        share = usual.share(faces[0].measures.eyes_open, now_s)
        blink = blinks.add(share, now_s)
        if blink:
            print(f"blink {blinks.count} at {blink.begin_s:.2f} s", flush=True)
    print(f"{blinks.count} blinks")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
