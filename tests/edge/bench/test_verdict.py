from __future__ import annotations

from dataclasses import replace

from edge.bench.verdict import compare, recommendation, verdicts
from tests.edge.bench.planted import float_and_int8, row, run

FLOAT = row("net-float32.tflite", precision="float32", infer_ms=3.8, nme_percent=3.48)


def test_the_gain_and_the_loss_of_int8_are_said_in_words():
    choice, sentence = verdicts(run(*float_and_int8()))
    assert choice.startswith("Run net-int8.tflite, 1 thread")
    assert "INT8 is 1.90x (1.90 to 1.90 over the repeats) faster on this board" in sentence
    assert "(network 2.00 against 3.80 ms)" in sentence
    assert "costs 0.020 NME points (3.500 against 3.480 %)" in sentence
    assert "3.4x smaller; 62 of 62 operations delegated." in sentence


def test_int8_that_is_slower_is_called_slower():
    assert "INT8 is 1.50x (1.50 to 1.50 over the repeats) slower" in compare(
        FLOAT, row(infer_ms=5.7)
    )


def test_finders_are_compared_by_the_faces_that_they_find():
    slow = row("f", precision="float32", kind="detector", infer_ms=3.0)
    sentence = compare(slow, row("i", kind="detector", infer_ms=2.0))
    assert "INT8 is 1.50x (1.50 to 1.50 over the repeats) faster" in sentence
    assert "finds 99.0 against 99.0 % of the faces, and is 3.4x smaller" in sentence


def test_repeats_that_disagree_name_no_winner():
    sentence = compare(FLOAT, row(infer_ms=3.7, spread=0.08))
    assert "neither faster nor slower than float32 beyond doubt, 0.99x (0.95 to 1.03" in sentence


def test_drift_that_hits_both_leaves_their_ratio_alone():
    drifting = replace(FLOAT, repeats_p50_ms={"infer": (3.8, 7.6)})
    sentence = compare(drifting, row(infer_ms=2.0, spread=1.0))
    assert "INT8 is 1.90x (1.90 to 1.90 over the repeats) faster" in sentence


def test_only_the_same_network_runtime_and_threads_are_compared():
    rows = (FLOAT, row(threads=2), row(runtime="ONNX Runtime"), row(network="other"))
    assert len(verdicts(run(*rows))) == 1  # the choice of a model, no pair


def test_the_faster_of_two_nearly_equal_models_is_chosen_and_a_peer_never():
    good = row("good", infer_ms=9.0, nme_percent=3.0)
    nearly = row("nearly", infer_ms=2.0, nme_percent=3.09)
    rough = row("rough", infer_ms=1.0, nme_percent=4.0)
    peer = row("peer", kind="peer", infer_ms=0.1, nme_percent=3.0)
    assert (recommendation([good, nearly, rough, peer]) or "").startswith("Run nearly")
    assert recommendation([peer]) is None


def test_the_best_model_is_no_choice_where_it_does_not_keep_up_with_a_camera():
    good = row("good", infer_ms=40.0, nme_percent=3.0)
    rough = row("rough", infer_ms=20.0, nme_percent=4.0)
    choice = recommendation([good, rough]) or ""
    assert choice.startswith("Run rough, 1 thread: of our models that keep up with 30 frames")
    slow = row("slow", infer_ms=70.0, nme_percent=3.5)
    choice = recommendation([good, slow]) or ""
    assert choice.startswith("Run good, 1 thread: none of our models keeps up with 30 frames")
