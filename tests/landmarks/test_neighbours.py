import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.boxes import tight_box
from landmarks.neighbours import nearest_neighbours, neighbour_table, voters


@st.composite
def mean_faces(draw):
    n = draw(st.integers(3, 40))
    seed = draw(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).uniform(0, 1, (n, 2)), draw(st.integers(1, n - 1))


def received(table):
    """Own weight plus the weight of all votes, for each landmark."""
    votes = np.bincount(table.indices.ravel(), table.vote_weight.ravel(), minlength=table.n_points)
    return table.own_weight + votes


@given(mean_faces())
def test_neighbours_are_the_nearest_others_in_order(drawn):
    face, k = drawn
    indices = nearest_neighbours(face, k)
    assert indices.shape == (len(face), k)
    for point, row in enumerate(indices):
        assert point not in row
        assert len(set(row)) == k
        distance = np.linalg.norm(face - face[point], axis=1)
        assert (np.diff(distance[row]) >= -1e-12).all()
        others = np.setdiff1d(np.arange(len(face)), [point, *row])
        assert len(others) == 0 or distance[others].min() >= distance[row].max() - 1e-12


def test_landmark_on_top_of_another_is_not_its_own_neighbour():
    face = np.array([[0.2, 0.2], [0.2, 0.2], [0.9, 0.9]])
    assert nearest_neighbours(face, 1).ravel().tolist() == [1, 0, 0]


@given(mean_faces())
def test_voters_are_the_reverse_of_the_neighbours(drawn):
    indices = nearest_neighbours(*drawn)
    lists = voters(indices)
    assert sum(map(len, lists)) == indices.size
    assert all(
        indices[owner, place] == m for m, votes in enumerate(lists) for owner, place in votes
    )


@given(mean_faces(), st.sampled_from(["exact", "padded"]))
def test_weights_sum_to_one_for_every_landmark(drawn, merge):
    np.testing.assert_allclose(received(neighbour_table(*drawn, merge)), 1)


@given(mean_faces())
def test_exact_merge_is_the_mean_of_own_and_all_votes(drawn):
    table = neighbour_table(*drawn, "exact")
    count = np.bincount(table.indices.ravel(), minlength=table.n_points)
    np.testing.assert_allclose(table.own_weight, 1 / (count + 1))
    np.testing.assert_allclose(table.vote_weight, 1 / (count + 1)[table.indices])


@given(mean_faces())
def test_padded_merge_gives_the_own_prediction_one_share_of_the_longest_list(drawn):
    table = neighbour_table(*drawn, "padded")
    count = np.bincount(table.indices.ravel(), minlength=table.n_points)
    voted = count > 0
    np.testing.assert_allclose(table.own_weight[voted], 1 / (count.max() + 1))


@given(mean_faces())
def test_padded_merge_is_the_mean_over_lists_repeated_cyclically(drawn):
    """PIPNet's released code, spelled out: gather an (L, max_len) matrix and average."""
    table = neighbour_table(*drawn, "padded")
    n, k = table.indices.shape
    lists = voters(table.indices)
    longest = max(map(len, lists))
    votes = np.random.default_rng(n * k).normal(size=(n, k))
    own = np.random.default_rng(n + k).normal(size=n)
    merged = table.own_weight * own + np.bincount(
        table.indices.ravel(), (table.vote_weight * votes).ravel(), minlength=n
    )
    for m, list_ in enumerate(lists):
        repeated = [votes[list_[i % len(list_)]] for i in range(longest)] if list_ else []
        assert merged[m] == pytest.approx(np.mean([own[m], *repeated]), abs=1e-9)


@pytest.mark.parametrize("merge", ["exact", "padded"])
def test_landmark_without_voters_keeps_its_own_point(merge):
    face = np.array([[0.0, 0.0], [0.1, 0.0], [0.2, 0.0], [5.0, 0.0]])  # nobody is near the last
    table = neighbour_table(face, 1, merge)
    assert 3 not in table.indices
    assert table.own_weight[3] == 1


@pytest.mark.parametrize("k", [-1, 68, 100])
def test_impossible_number_of_neighbours_is_refused(face68, k):
    with pytest.raises(ValueError, match="0 to 67 neighbours"):
        neighbour_table(face68, k)


def test_all_other_landmarks_may_be_neighbours(face68):
    assert neighbour_table(face68, 67).k == 67


def test_unknown_merge_is_refused(face68):
    with pytest.raises(ValueError, match="exact"):
        neighbour_table(face68, 10, "average")


@pytest.fixture(scope="module")
def pipnet_mean_face(shared_data):
    """The mean of the 300W training faces in PIPNet's frame: the tight box, 5 % more each side."""
    from train.datasets.w300 import read_w300

    root = shared_data / "300w"
    if not root.is_dir():
        pytest.skip(f"no 300W at {root}")
    shapes = []
    for face in read_w300(root, "train"):
        box = tight_box(face.points_frame)
        extent = np.array([box.width, box.height])
        shapes.append((face.points_frame - (box.x0, box.y0)) / (1.1 * extent) + 0.05 / 1.1)
    return np.mean(shapes, axis=0)


@pytest.mark.parametrize(
    ("point", "x", "y"),
    [
        (0, 0.0556, 0.2385),
        (8, 0.5101, 0.9521),
        (16, 0.9425, 0.2256),
        (36, 0.2241, 0.2284),
        (45, 0.7652, 0.2209),
    ],
)
def test_mean_face_of_300w_is_the_one_pipnet_shipped(pipnet_mean_face, point, x, y):
    np.testing.assert_allclose(pipnet_mean_face[point], (x, y), atol=0.02)


def test_neighbours_on_300w_are_those_of_pipnet(pipnet_mean_face):
    listed = {17, 1, 36, 18, 41, 37, 2, 19, 40, 38}
    assert len(listed & set(nearest_neighbours(pipnet_mean_face, 10)[0])) >= 9


def test_voter_lists_on_300w_are_as_long_as_those_of_pipnet(pipnet_mean_face):
    lengths = [len(votes) for votes in voters(nearest_neighbours(pipnet_mean_face, 10))]
    assert max(lengths) == pytest.approx(22, abs=1)
    assert min(lengths) == pytest.approx(4, abs=1)
