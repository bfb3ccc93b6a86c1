"""The device: camera in, landmarks out. NumPy, OpenCV and one interpreter; never TensorFlow.

Commands: ``edge-run``, ``edge-bench``, ``edge-doctor``.
"""
