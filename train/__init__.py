"""Training of face-landmark networks with Keras 3: prepare data, fit, evaluate.

Commands: ``python -m train prepare``, ``fit``, ``evaluate``, ``describe``.
"""
