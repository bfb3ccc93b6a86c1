import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.shape import CLAMP_SIGMAS, Likeness, MeanFace, align, fit_shape_model


@pytest.fixture
def shapes(rng, face68):
    """Faces that vary: every point a little, and the whole in width."""
    stretch = rng.normal(1, 0.1, (200, 1, 1)) * (1, 0) + (0, 1)
    return face68 * stretch + rng.normal(0, 0.01, (200, 68, 2))


def test_all_components_without_clamp_return_the_input(shapes):
    model = fit_shape_model(shapes, 100)
    for shape in shapes[:5]:
        np.testing.assert_allclose(model.project(shape, clamp_sigmas=np.inf), shape, atol=1e-6)


def test_no_components_return_the_mean(shapes):
    model = fit_shape_model(shapes, 0)
    assert model.components.shape == (0, 136)
    np.testing.assert_allclose(model.project(shapes[3]), shapes.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize("percent", [50, 80, 95, 99])
def test_fewest_components_that_reach_the_percentage_are_kept(shapes, percent):
    model, everything = fit_shape_model(shapes, percent), fit_shape_model(shapes, 100)
    total = everything.variances.sum()
    assert model.variances.sum() >= total * percent / 100 * (1 - 1e-9)
    assert model.variances[:-1].sum() < total * percent / 100


def test_more_components_are_never_further_from_the_input(shapes):
    distances = []
    for percent in (0, 50, 80, 95, 99, 100):
        projected = fit_shape_model(shapes, percent).project(shapes[7], clamp_sigmas=np.inf)
        distances.append(np.linalg.norm(projected - shapes[7]))
    assert distances == sorted(distances, reverse=True)


def test_components_are_orthonormal_and_ordered(shapes):
    model = fit_shape_model(shapes, 99)
    identity = np.eye(len(model.components))
    np.testing.assert_allclose(model.components @ model.components.T, identity, atol=1e-9)
    assert (np.diff(model.variances) <= 0).all()


def test_variances_are_unbiased(shapes):
    model = fit_shape_model(shapes, 100)
    parameters = np.array([model.parameters(shape) for shape in shapes])
    np.testing.assert_allclose(parameters.var(axis=0, ddof=1), model.variances, rtol=1e-6)


def test_parameters_are_clamped_at_three_sigmas(shapes):
    model = fit_shape_model(shapes, 90)
    sigma = np.sqrt(model.variances)
    for sign in (-1, 1):
        far = model.shape(10 * sign * sigma)
        np.testing.assert_allclose(
            model.parameters(model.project(far)), sign * CLAMP_SIGMAS * sigma, rtol=1e-3, atol=1e-5
        )
    near = model.shape(-2.9 * sigma)
    np.testing.assert_allclose(model.project(near), near, atol=1e-5)


def test_batch_of_shapes_is_projected_like_each_shape(shapes):
    model = fit_shape_model(shapes, 80)
    batch = model.project(shapes[:6].reshape(2, 3, 68, 2))
    assert (batch.shape, batch.dtype) == ((2, 3, 68, 2), np.float32)
    each = [model.project(shape) for shape in shapes[:6]]
    np.testing.assert_allclose(batch.reshape(6, 68, 2), each, atol=1e-6)


def test_percentage_that_is_met_exactly_needs_no_further_component(face68):
    shapes = np.stack([face68.astype(np.float64)] * 4)
    shapes[:2, 30, 0] += (-1, 1)  # half of the variance is the nose's, half the chin's
    shapes[2:, 8, 1] += (-1, 1)
    assert [len(fit_shape_model(shapes, percent).variances) for percent in (50, 50.1)] == [1, 2]


def test_projecting_twice_changes_nothing_more(shapes):
    model = fit_shape_model(shapes, 80)
    once = model.project(shapes[0] * 2)
    np.testing.assert_allclose(model.project(once), once, atol=1e-5)


def test_training_shapes_are_about_one_away(shapes):
    model = fit_shape_model(shapes, 95)
    distances = [model.distance(shape) for shape in shapes]
    assert np.sqrt(np.mean(np.square(distances))) == pytest.approx(1, abs=0.02)
    assert 0.8 < np.median(distances) < 1.2


def test_scrambled_face_is_far_away(shapes, rng):
    model = fit_shape_model(shapes, 95)
    assert model.distance(rng.permutation(shapes[0])) > 3 * model.distance(shapes[0])


def test_model_without_components_refuses_to_judge(shapes):
    with pytest.raises(ValueError, match="^a model without components cannot"):
        fit_shape_model(shapes, 0).distance(shapes[0])


def test_identical_shapes_give_a_model_without_components(face68):
    model = fit_shape_model(np.stack([face68] * 3), 95)
    np.testing.assert_allclose(model.project(face68 * 2), face68, atol=1e-6)


@pytest.mark.parametrize("percent", [-1, 100.5])
def test_impossible_percentage_is_refused(shapes, percent):
    with pytest.raises(ValueError, match="0 to 100"):
        fit_shape_model(shapes, percent)


def test_two_shapes_are_enough_and_one_is_refused(shapes):
    assert len(fit_shape_model(shapes[:2], 100).variances) == 1
    with pytest.raises(ValueError, match="two faces"):
        fit_shape_model(shapes[:1], 95)


@pytest.mark.parametrize(
    "use",
    [
        lambda shapes, other: fit_shape_model(shapes, 95).parameters(other),
        lambda shapes, other: MeanFace.of(shapes[0]).compare(other),
        lambda shapes, other: align(other, shapes[0]),
    ],
    ids=["model", "mean face", "alignment"],
)
def test_shape_of_another_scheme_is_refused(shapes, use):
    with pytest.raises(ValueError, match="expected .*68"):
        use(shapes, np.ones((98, 2)))


@given(
    st.floats(-np.pi, np.pi),
    st.floats(0.01, 100),
    st.floats(-500, 500),
    st.floats(-500, 500),
    st.integers(0, 2**32 - 1),
)
def test_similar_shapes_are_aligned_exactly(angle, scale, dx, dy, seed):
    reference = np.random.default_rng(seed).uniform(0, 1, (68, 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = scale * reference @ turn.T + (dx, dy)
    aligned = align(moved, reference)
    np.testing.assert_allclose(aligned, reference, atol=1e-5)
    assert aligned.dtype == np.float32


def test_alignment_does_not_reflect(face68):
    mirrored = face68 * (-1, 1) + (1, 0)  # not in mirrored order: a different shape
    assert np.abs(align(mirrored, face68) - face68).max() > 0.1


def test_no_similarity_is_closer_than_the_alignment(rng, face68):
    shape = face68 + rng.normal(0, 0.05, face68.shape)
    best = ((align(shape, face68) - face68) ** 2).sum()
    for _ in range(20):
        matrix = rng.normal(0, 0.02, 2)
        turn = np.array([[1 + matrix[0], -matrix[1]], [matrix[1], 1 + matrix[0]]])
        other = align(shape, face68) @ turn.T + rng.normal(0, 0.02, 2)
        assert ((other - face68) ** 2).sum() >= best - 1e-6


def test_points_that_coincide_cannot_be_aligned(face68):
    with pytest.raises(ValueError, match="^cannot align a shape whose points all coincide"):
        align(np.full((68, 2), 3.0), face68)


def turned(points, degrees):
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    return points @ np.array([[cos, sin], [-sin, cos]])  # clockwise on the screen


@pytest.mark.parametrize("degrees", [-179.0, -30.0, 0.0, 75.0])
def test_place_size_and_turn_of_a_face_do_not_make_it_unlike(face68, degrees):
    likeness = MeanFace.of(face68).compare(turned(face68 * 70, degrees) + [400, -20])
    assert likeness.roll_deg == pytest.approx(degrees, abs=1e-4)
    assert likeness.residual == pytest.approx(0, abs=1e-3)


def test_residual_is_the_distance_after_alignment(face68, rng):
    shape = face68 * 90 + rng.normal(0, 6, (68, 2))
    laid = align(face68, shape)
    size = np.sqrt(((shape - shape.mean(axis=0)) ** 2).sum(axis=1).mean())
    expected = np.sqrt(((shape - laid) ** 2).sum(axis=1).mean()) / size
    assert MeanFace.of(face68).compare(shape).residual == pytest.approx(expected, rel=1e-3)


def test_noise_is_less_like_a_face_than_a_squeezed_face(face68, rng):
    mean_face = MeanFace.of(face68)
    squeezed = mean_face.compare(face68 * [0.7, 1.0]).residual
    noise = mean_face.compare(rng.uniform(0, 1, (68, 2))).residual
    assert 0.05 < squeezed < 0.3 < 0.7 < noise <= 1


def test_points_that_coincide_are_as_unlike_as_can_be(face68):
    assert MeanFace.of(face68).compare(np.full((68, 2), 3.0)) == Likeness(0.0, 1.0)
