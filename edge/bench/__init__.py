"""``edge-bench``: which model should run on this board, what it costs, and what INT8 loses.

::

    edge-bench --out bench                            # the shipped models on the bundled faces
    edge-bench --models a.tflite b.onnx --data faces --threads 1 2 4 --out bench
    edge-bench --peer face-mesh --peer yunet=yunet.onnx --out bench
    edge-bench merge pi4/report.json pi5/report.json --out boards

How data flows: ``command`` parses, ``run`` measures (``choice`` opens subjects, ``probes`` say what
is timed, ``measure`` takes turns, ``statistics`` summarises, ``accuracy`` scores) and gives a
``report.Run``; ``render`` turns a ``report.Report`` into Markdown, CSV and HTML, with ``plots``.
"""
