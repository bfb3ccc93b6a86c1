import json
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.models import model_path
from landmarks.errors import UsageError
from landmarks.model_file import read_model
from landmarks.shown import one_line
from train.settings.augmentation import PRESETS, AugmentConfig
from train.settings.config_file import write_config
from train.settings.finder import FinderConfig
from train.settings.fit import FitConfig
from train.settings.limits import LIMITS
from train.settings.recipes import RECIPE_OF_MODEL, recipe_names
from train.settings.resolve import Lessons, recorded_lessons, resolve, resolve_any
from train.settings.teaching import PipConfig, PoseConfig

CHECKOUT = Path(__file__).resolve().parents[3]
WHERE = {"data": "prepared", "out": "run"}


def test_recipe_of_the_model_is_the_base():
    config = resolve({**WHERE, "model": "pipnet-r50"})
    assert (config.size, config.epochs, config.batch) == (256, 60, 16)
    assert (config.pip.merge, config.schedule.milestones) == ("padded", (30, 50))
    assert config.augment == PRESETS["pipnet"]
    assert config.model == "pipnet-r50"


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_is_a_complete_configuration(name):
    assert resolve_any(WHERE, name).model in RECIPE_OF_MODEL


@pytest.mark.parametrize(
    ("name", "model", "loss"),
    [
        ("mnv2", "asmnet-mnv2", False),
        ("mnv2_r", "asmnet-mnv2", True),
        ("ASMNet_nr", "asmnet", False),
        ("ASMNet", "asmnet", True),
    ],
)
def test_four_variants_of_the_paper_are_four_recipes(name, model, loss):
    config = resolve(WHERE, name)
    assert (config.model, config.asm.loss) == (model, loss)
    assert (config.asm.percent, config.pose.weight) == (90, 0.5)


def test_file_wins_over_the_recipe_and_the_command_line_over_both(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('model = "asmnet"\nepochs = 7\nbatch = 9\n[asm]\npercent = 50\n')
    config = resolve({**WHERE, "epochs": 3}, str(file))
    assert (config.epochs, config.batch, config.learning_rate) == (3, 9, 0.01)
    assert (config.asm.percent, config.asm.loss) == (50.0, True)


def test_saved_configuration_gives_the_same_run(tmp_path):
    config = resolve({**WHERE, "model": "pipnet-mnv3"}, None, ["augment.salt=0.25"])
    write_config(tmp_path / "config.toml", asdict(config))
    assert resolve({}, str(tmp_path / "config.toml")) == config


@pytest.mark.parametrize(
    ("assignment", "read"),
    [
        ("ema=0.5", lambda config: config.ema == 0.5),
        ("schedule.kind=cosine", lambda config: config.schedule.kind == "cosine"),
        ("schedule.milestones=[1, 2]", lambda config: config.schedule.milestones == (1, 2)),
        ("pose.output=true", lambda config: config.pose.output is True),
        ("weight_decay=1", lambda config: config.weight_decay == 1.0),
    ],
)
def test_any_setting_can_be_assigned(assignment, read):
    assert read(resolve(WHERE, None, [assignment]))


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("epoch=3", "unknown setting epoch"),
        ("pip.neighbours=3", "unknown setting pip.neighbours"),
        ("epochs=many", "epochs is 'many', expected int"),
        ("epochs=true", "epochs is True, expected int"),
        ("pose.output=1", "pose.output is 1, expected bool"),
        ("schedule.kind=linear", "expected one of 'cosine'"),
        ("augment.preset=wild", "expected live, pipnet, asmnet, none"),
        ("epochs=0", "epochs is 0, expected 1 to 1000000"),
        ("validate_every=0", "validate_every is 0, expected 1 to"),
        ("early_stop=-1", "early_stop is -1, expected 0 to"),
        ("seed=-1", "seed is -1, expected 0 to 4294967295"),
        ("learning_rate=nan", "learning_rate is nan, expected above 0"),
        ("validation_percent=150", "is 150.0, expected 0 to 99"),
        ("pip.k=-1", "pip.k is -1, expected 0 to"),
        ("asm.percent=101", "asm.percent is 101.0, expected above 0, up to 100"),
        ("augment.mirror=1.5", "augment.mirror is 1.5, expected 0 to 1"),
        ("model=resnet", "unknown model 'resnet'"),
        ("no thing", "section.name=VALUE"),
        ("augment=3", "augment is 3, expected a table of settings"),
        ("pip=[1]", r"pip is \[1\], expected a table of settings"),
        ("augment.preset=3", "augment.preset 3 is unknown"),
        ("model=3", "unknown model 3"),
        ("size=100000", "size is 100000, expected 1 to 1024"),
        ("epochs=0x" + "f" * 900, "epochs is a number of 3600 bits, expected 1 to"),
        ("ema=0x" + "f" * 900, "ema is a number of 3600 bits, expected float"),
        ("epochs=" + "9" * 5000, "section.name=VALUE"),
        ("augment.mirror_shift=nan", "augment.mirror_shift is nan, expected a finite number"),
        ("learning_rate=inf", "learning_rate is inf, expected above 0"),
        ("schedule.milestones=[1, -1]", "schedule.milestones is -1, expected 0 to"),
        ('data="a\\u0000b"', "data is "),
    ],
)
def test_wrong_setting_is_one_clear_line(assignment, message):
    with pytest.raises(UsageError, match=message) as caught:
        resolve(WHERE, None, [assignment])
    assert "\n" not in str(caught.value)


def names_in(table, section=""):
    for name, value in table.items():
        if isinstance(value, dict):
            yield from names_in(value, f"{section}{name}.")
        else:
            yield f"{section}{name}"


def test_every_limit_is_of_a_setting_that_exists():
    runs = [resolve_any({**WHERE, "model": model}) for model in ("asmpip", "finder")]
    assert set(LIMITS) <= {name for run in runs for name in names_in(asdict(run))}


def test_missing_folders_are_named():
    with pytest.raises(UsageError, match="fit needs --data and --out"):
        resolve({})


def test_unknown_configuration_names_the_recipes(tmp_path):
    with pytest.raises(UsageError, match="ASMNet_nr"):
        resolve(WHERE, str(tmp_path / "nothing.toml"))


def test_preset_of_the_command_line_replaces_the_values_of_a_saved_configuration(tmp_path):
    write_config(tmp_path / "config.toml", asdict(resolve({**WHERE, "model": "pipnet-r18"})))
    config = resolve({"augment": {"preset": "none"}}, str(tmp_path / "config.toml"))
    assert config.augment == PRESETS["none"]


@pytest.fixture(scope="module")
def card():
    return read_model(model_path("asmpip-144-int8.tflite")).card


def test_a_card_tells_how_its_network_was_taught(card):
    config = FitConfig(
        Path("d"),
        Path("o"),
        augment=AugmentConfig(mirror_shift=0.01),
        pip=PipConfig(taught_at="read", merged_weight=2.0),
        pose=PoseConfig(weight=2.0),
    )
    record = {**asdict(config), "data": "d", "out": "o"}
    told = replace(card, training={"config": record})
    assert recorded_lessons(told) == Lessons(config.augment, config.pip, config.pose)
    plain = Lessons(AugmentConfig(), PipConfig(), PoseConfig())
    assert recorded_lessons(replace(card, training={})) == plain


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ({"rain": 1.0}, r"another version: unknown setting augment\.rain, expected turn, "),
        (
            {"turn_wide": 1.5},
            r"another version: setting augment\.turn_wide is 1\.5, expected 0 to 1",
        ),
    ],
)
def test_a_setting_of_a_card_that_nobody_knows_is_one_clear_line(card, setting, line):
    told = replace(card, training={"config": {"augment": setting}})
    with pytest.raises(UsageError, match=f"^asmpip-144 was trained by {line}"):
        recorded_lessons(told)


@pytest.mark.parametrize("name", ["asmpip-80", "asmpip-144", "asmpip-192"])
def test_recipe_of_a_shipped_network_is_what_its_card_records(name):
    recorded = read_model(CHECKOUT / f"train/weights/{name}.keras").card.training["config"]
    own = {"data", "out", "also", "empty", "weights"}
    config = {key: value for key, value in asdict(resolve(WHERE, name)).items() if key not in own}
    expected = {key: value for key, value in recorded.items() if key not in own}
    expected["pip"] |= {"stride": 16}  # their cards say 32, which was the setting and not the cell
    assert json.loads(json.dumps(config)) == expected


@pytest.mark.parametrize("record", [3, [], {"augment": 3}, {"pip": [1]}, {"pip": {"k": "many"}}])
def test_a_record_of_a_card_that_is_no_table_is_one_clear_line(card, record):
    with pytest.raises(UsageError, match="^asmpip-144 was trained by another version: setting "):
        recorded_lessons(replace(card, training={"config": record}))


VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)
SECTIONS = st.dictionaries(
    st.sampled_from([field.name for field in fields(FitConfig)]) | st.text(max_size=8),
    VALUES
    | st.dictionaries(
        st.sampled_from(["k", "turn", "preset", "kind", "weight", "percent", "milestones"]), VALUES
    ),
    max_size=4,
)


@given(settings=SECTIONS)
def test_no_exception_but_ours_leaves_settings_whatever_is_in_them(settings):
    try:
        resolved = resolve_any({**WHERE, **settings})
    except UsageError as error:
        assert one_line(str(error)) == str(error)
    else:
        assert isinstance(resolved, FitConfig | FinderConfig)
