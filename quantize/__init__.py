"""Float networks to INT8: one graph, as TFLite and as the QDQ ONNX that is derived from it.

Command: ``python -m quantize --int8``.
"""
