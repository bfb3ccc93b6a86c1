from __future__ import annotations

import numpy as np
import pytest

from calib_data import SAMPLER_PATH
from calib_data.appearance import KINDS, load_model, save_model
from calib_data.basis import fit_basis
from calib_data.likeness import measure_likeness
from landmarks.errors import DatasetError, OutputExistsError


@pytest.fixture(scope="module")
def model():
    return load_model(SAMPLER_PATH)


def test_sampler_survives_a_save_and_load(model, tmp_path):
    path = tmp_path / "sampler.npz"
    save_model(model, path)
    again = load_model(path)
    coefficients = model.draw(np.random.default_rng(0))
    for kind in KINDS:
        np.testing.assert_array_equal(
            model.synthesize(coefficients, kind), again.synthesize(coefficients, kind)
        )
    with pytest.raises(OutputExistsError):
        save_model(model, path)


def test_broken_or_missing_sampler_is_refused_in_one_line(tmp_path):
    broken = tmp_path / "broken.npz"
    broken.write_bytes(SAMPLER_PATH.read_bytes()[:1000])
    for path in (broken, tmp_path / "absent.npz"):
        with pytest.raises(DatasetError, match=path.name):
            load_model(path)


def test_mean_shape_is_symmetric_and_fills_the_unit_box(model):
    points = model.mean_shape
    np.testing.assert_allclose(points[:17, 0], -points[16::-1, 0], atol=1e-5)
    assert np.ptp(points, axis=0).max() == pytest.approx(1, abs=1e-5)


def test_changing_the_shape_changes_what_depends_on_it_and_can_be_undone(model):
    coefficients = model.draw(np.random.default_rng(1))
    shape = coefficients[model.slices()["shape"]]
    moved = model.with_shape(coefficients, shape + 1)
    back = model.with_shape(moved, shape)
    assert not np.allclose(
        model.synthesize(moved, "detail"), model.synthesize(coefficients, "detail")
    )
    np.testing.assert_allclose(back, coefficients, atol=1e-5)


def test_basis_whitens_and_rebuilds_its_training_set():
    rng = np.random.default_rng(2)
    features = (rng.normal(size=(200, 5)) @ rng.normal(size=(5, 30)) + 3).astype(np.float32)
    basis, coefficients = fit_basis(features.copy(), 5, 1e-4)
    np.testing.assert_allclose(coefficients.T @ coefficients / 200, np.eye(5), atol=1e-3)
    rebuilt = np.stack([basis.synthesize(row) for row in coefficients])
    assert np.abs(rebuilt - features).max() < 0.2  # int8 components


def test_likeness_finds_a_copied_face():
    rng = np.random.default_rng(3)
    training = rng.normal(size=(60, 8)).astype(np.float32)
    copied = measure_likeness(training[:2], training)
    assert copied.sampled_min == pytest.approx(0, abs=1e-2)
    assert copied.training_p01 > 0.1  # a face and its mirror image are not neighbours
