"""Turn a servo so that a camera keeps looking at a face: ``python face_servo.py 0 [PIN]``.

The camera sits on the servo, whose signal wire is on GPIO 17 (or PIN). Each frame turns it a little
towards the face and not all the way, so that it settles and does not swing. Needs gpiozero, which
Raspberry Pi OS has (elsewhere: pip install gpiozero); ``GPIOZERO_PIN_FACTORY=mock`` tries it
without a Pi.
"""

import sys
import time

import cv2

try:
    from gpiozero import AngularServo
except ImportError:
    sys.exit("this example moves a servo with gpiozero: pip install gpiozero")

from edge_landmarks import FaceLandmarker

GAIN_DEG = 8.0  # a face at the edge of the picture turns the servo by so much a frame
REST = 0.05  # a face this close to the middle (shares of the width) is left alone
LIMIT_DEG = 80.0


def main(source: str, pin: str = "17") -> None:
    video = cv2.VideoCapture(int(source) if source.isdecimal() else source)
    if not video.isOpened():
        sys.exit(f"{source}: neither a film nor a camera that OpenCV can open")
    fps = 0 if source.isdecimal() else video.get(cv2.CAP_PROP_FPS)
    follow = FaceLandmarker(color="bgr", measures=False).video(smooth=True)
    with AngularServo(int(pin), min_angle=-90, max_angle=90) as servo:
        servo.angle = angle_deg = 0.0
        frame = 0
        while True:
            good, picture = video.read()
            if not good:
                break
            now_s = frame / fps if fps else time.monotonic()
            faces = follow(picture, now_s)
            if faces:
                x_share = float(faces[0].points_share[:, 0].mean())
                if abs(x_share - 0.5) > REST:
                    step_deg = -GAIN_DEG * 2 * (x_share - 0.5)  # a face on the right: turn right
                    servo.angle = angle_deg = max(-LIMIT_DEG, min(LIMIT_DEG, angle_deg + step_deg))
                    print(f"frame {frame}: face at {x_share:.2f}, servo {angle_deg:+.1f}")
            frame += 1


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
