"""Whether a box is a face: finder and landmark network decide together.

Each is sure of other things. A finder that was taught faces in the world knows masks, hats and
profiles, and takes a dog for a face now and then; the presence of a landmark network is low for a
mask, and for a dog, too. So a box is a face if the evidence is large enough: a weighted mean of the
finder's score and of the presence, measured in the network's own presence threshold
(docs/experiments.md, E23). A very low presence and a shape unlike any face refuse it all the same.
"""

from __future__ import annotations

SCORE_SHARE = 0.8  # of the finder's score in the evidence; the rest is the presence's
LEAST_EVIDENCE = 0.73
LEAST_PRESENCE_SHARE = 0.3  # of the presence threshold, however sure the finder is
MOST_RESIDUAL = 0.6  # of a shape against the mean face: a profile has up to so much


def evidence(score: float, presence: float, min_presence: float) -> float:
    """Return how much speaks for a face, 0 to about 1.2.

    Args:
        score: the finder's, 0 to 1.
        presence: the landmark network's, 0 to 1.
        min_presence: the network's presence threshold, above 0; see ``train.evaluation.presence``.
    """
    return SCORE_SHARE * score + (1 - SCORE_SHARE) * presence / min_presence


def is_face(
    score: float, presence: float, residual: float, *, min_presence: float, min_evidence: float
) -> bool:
    """Say whether a finder's box is a face, by the second look of the landmark network.

    Args:
        score: the finder's, 0 to 1.
        presence: the landmark network's, 0 to 1.
        residual: how unlike the mean face the shape is; see ``landmarks.shape.Likeness``.
        min_presence: the network's presence threshold.
        min_evidence: the least evidence of a face.
    """
    return (
        presence >= LEAST_PRESENCE_SHARE * min_presence
        and residual <= MOST_RESIDUAL
        and evidence(score, presence, min_presence) >= min_evidence
    )
