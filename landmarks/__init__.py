"""The vocabulary that every package shares: schemes, boxes, crops, decoding, metrics, cards.

NumPy and OpenCV only, and nothing else of the project. What two packages need lives here, so that
there is one crop, one decode and one metric.

Conventions, everywhere in the project:

* images are RGB ``uint8``, shape (height, width, 3);
* points are ``float32``, shape (n, 2), in (x, y), with pixel centres at integers;
* a name says the frame of its coordinates: ``points_frame`` (pixels of the camera frame),
  ``points_crop`` (pixels of the crop), ``points_unit`` (0 to 1 across the crop).
"""

__version__ = "0.2.0"
