"""Public networks measured beside ours, each with its own preprocessing, behind ``Subject``.

None is shipped: a peer is used where its package is installed or its file is given::

    edge-bench --peer face-mesh --peer pfld=models/pfld.onnx --out bench

Nobody else draws the canonical face box, so a landmark peer reads the square round it that gave it
its lowest error on faces of 300W's AFW training folder, on a grid of scales and shifts.
"""
