from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from landmarks.errors import UsageError
from landmarks.schemes import AFLW19, COFW29, IBUG68, LAPA106, WFLW98
from train.methods import catalogue
from train.methods.pose import check_pose_labels
from train.preparation.prepared import PreparedData, PreparedInfo
from train.settings.fit import FitConfig
from train.settings.teaching import PoseConfig


@pytest.mark.parametrize("scheme", [IBUG68, WFLW98], ids=lambda scheme: scheme.name)
def test_schemes_with_the_68_points_tell_a_pose(scheme):
    check_pose_labels(scheme)


@pytest.mark.parametrize("scheme", [COFW29, LAPA106, AFLW19], ids=lambda scheme: scheme.name)
@pytest.mark.parametrize("model", ["asmpip", "asmnet"])
def test_a_pose_output_that_nothing_can_teach_is_refused_before_anything_is_built(
    monkeypatch, scheme, model
):
    def build(*arguments):
        pytest.fail("a network was built")

    monkeypatch.setattr(catalogue, "build_network", build)
    info = PreparedInfo("d", "all", scheme.name, 1, 64, 1.7, ("a",), "")
    data = PreparedData(info, np.zeros((1, 64, 64, 3), np.uint8), np.zeros((1, 9, 2), np.float32))
    config = FitConfig(Path("d"), Path("o"), model=model)
    with pytest.raises(UsageError, match=f"landmarks of {scheme.name}.*--set pose.output=false"):
        catalogue.build_method(config, data, np.arange(1))
    with pytest.raises(pytest.fail.Exception):
        without = replace(config, pose=PoseConfig(output=False))
        catalogue.build_method(without, data, np.arange(1))
