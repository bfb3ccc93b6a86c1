"""Warn of a face that falls asleep: ``python drowsiness_alarm.py film.mp4``, or ``0``.

Three signs: eyes that stay shut for a second; PERCLOS, the share of time that the eyes are shut
(Wierwille et al., "Research on vehicle-based driver status/performance monitoring", 1994); and
yawns, a mouth that stays wide open, which speech does not. This is an example and no safety device.
"""

import sys
import time
from collections import deque

import cv2

from edge_landmarks import Episodes, FaceLandmarker, UsualLevel

# Of the usual eye openness; the shipped networks see shut eyes at 0.6 of it
SHUT, OPEN = 0.76, 0.86
ALARM_S = 1.0
PERCLOS_WINDOW_S = 60.0
YAWN, YAWN_OVER = 0.4, 0.3  # mouth openness
SHORTEST_YAWN_S = 1.0


def main(source: str) -> None:
    video = cv2.VideoCapture(int(source) if source.isdecimal() else source)
    if not video.isOpened():
        sys.exit(f"{source}: neither a film nor a camera that OpenCV can open")
    fps = 0 if source.isdecimal() else video.get(cv2.CAP_PROP_FPS)
    follow = FaceLandmarker(color="bgr").video()
    usual = UsualLevel()
    shut = Episodes(begins_below=SHUT, ends_above=OPEN, shortest_s=ALARM_S)
    # the mouth opens upwards: the same thresholds with their sign changed
    yawns = Episodes(begins_below=-YAWN, ends_above=-YAWN_OVER, shortest_s=SHORTEST_YAWN_S)
    recent = deque()  # (time, whether the eyes were shut)
    alarms, frame, warned = 0, 0, False
    while True:
        good, picture = video.read()
        if not good:
            break
        now_s = frame / fps if fps else time.monotonic()
        frame += 1
        faces = follow(picture, now_s)
        if not faces:
            shut.forget()
            yawns.forget()
            warned = False
            continue
        measures = faces[0].measures
        share = usual.share(measures.eyes_open, now_s)
        shut.add(share, now_s)
        recent.append((now_s, share < SHUT))
        while recent[0][0] < now_s - PERCLOS_WINDOW_S:
            recent.popleft()
        if shut.lasting_s(now_s) < ALARM_S:
            warned = False
        elif not warned:
            warned = True
            alarms += 1
            print(f"WAKE UP: eyes shut at {now_s:.2f} s", flush=True)
        yawn = yawns.add(-measures.mouth_open, now_s)
        if yawn:
            print(f"yawn {yawns.count}: {yawn.begin_s:.2f} to {yawn.end_s:.2f} s", flush=True)
    perclos = sum(was_shut for _, was_shut in recent) / max(len(recent), 1)
    print(f"{alarms} alarms, {yawns.count} yawns, PERCLOS {perclos:.0%}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
