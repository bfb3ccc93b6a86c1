import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

import landmarks.errors as errors
from command_line.arguments import Parser
from command_line.command import run_command
from command_line.terminal import OneLineFormatter

CHECKOUT = Path(__file__).resolve().parents[2]
EXIT_CODES = {
    "LandmarkError": 1,
    "UsageError": 2,
    "OutputExistsError": 2,
    "OutputInUseError": 2,
    "MissingExtraError": 1,
    "ModelFileError": 3,
    "PictureError": 3,
    "DatasetError": 3,
    "TrainingError": 1,
    "QuantizationError": 1,
    "CameraError": 4,
    "CameraTimeout": 4,
}


def raising(error):
    def main(argv):
        raise error

    return main


def test_every_error_has_its_exit_code():
    classes = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.LandmarkError)
    }
    assert {name: kind.exit_code for name, kind in classes.items()} == EXIT_CODES


@pytest.mark.parametrize(("name", "code"), EXIT_CODES.items())
def test_error_is_one_line_on_stderr_and_its_exit_code(capsys, name, code):
    assert run_command(raising(getattr(errors, name)("it went wrong")), []) == code
    out, err = capsys.readouterr()
    assert (out, err) == ("", "error: it went wrong\n")


@pytest.mark.parametrize("name", EXIT_CODES)
def test_every_error_is_in_the_tree_of_the_docstring(name):
    assert name in errors.__doc__


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (3, 3)])
def test_what_main_returns_is_the_exit_code(returned, code):
    assert run_command(lambda argv: returned, []) == code


def test_arguments_are_handed_on(monkeypatch):
    seen = []
    run_command(seen.extend, ["--a", "b"])
    monkeypatch.setattr(sys, "argv", ["program", "--c"])
    run_command(seen.extend)
    assert seen == ["--a", "b", "--c"]


def test_interrupt_is_exit_code_130_without_traceback(capsys):
    assert run_command(raising(KeyboardInterrupt()), []) == 130
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(28, "No space left on device", "out.csv"), "out.csv: No space left on device"),
        (PermissionError(13, "Permission denied", "/x"), "/x: Permission denied"),
        (OSError("something"), "something"),
    ],
)
def test_failure_of_the_system_is_one_line_with_the_path(capsys, error, line):
    assert run_command(raising(error), []) == 1
    assert capsys.readouterr().err == f"error: {line}\n"


def test_programming_error_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        run_command(lambda argv: 1 // 0, [])


def test_usage_error_of_argparse_passes_through():
    with pytest.raises(SystemExit) as caught:
        run_command(raising(SystemExit(2)), [])
    assert caught.value.code == 2


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_takes_nothing_and_gives_its_number_to_no_file(tmp_path, closed):
    program = (
        "import sys\n"
        "from command_line.command import run_command\n"
        "def main(argv):\n"
        "    with open(argv[0], 'w') as file:\n"
        "        file.write('mine')\n"
        "        print('result', flush=True)\n"
        "        print('said', file=sys.stderr, flush=True)\n"
        "sys.exit(run_command(main))\n"
    )
    out = tmp_path / "file"
    done = subprocess.run(
        ["sh", "-c", f'"$0" "$@" {closed}', sys.executable, "-c", program, out],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert out.read_text() == "mine"
    assert done.stdout == ("result\n" if closed == "2>&-" else "")
    assert done.stderr == ("said\n" if closed == ">&-" else "")


@pytest.mark.parametrize("lines", [1, 200_000], ids=["at_exit", "while_running"])
def test_reader_that_leaves_early_is_no_failure(lines):
    program = (
        "import sys\n"
        "from command_line.command import run_command\n"
        "def main(argv):\n"
        "    sys.stdin.readline()\n"
        f"    for i in range({lines}): print('line', i)\n"
        "sys.exit(run_command(main, []))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()  # gone before the first line is printed
    process.stdin.write(b"go\n")
    process.stdin.close()
    message = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert message == b""


@pytest.mark.parametrize("missing", ["landmarks.nothing", "train.nothing", "http.nothing"])
def test_a_missing_module_of_ours_or_of_python_is_a_fault_of_the_program(missing):
    error = ModuleNotFoundError(f"No module named {missing!r}", name=missing)
    with pytest.raises(ModuleNotFoundError):
        run_command(raising(error), [], extra="train")


NASTY = "evil\x1b[2Jname\nerror: fake\x9b31m\udce9.jpg"
SPELLED = "evil\\x1b[2Jname\\nerror: fake\\x9b31m\\udce9.jpg"


@pytest.mark.parametrize(
    "error", [errors.PictureError(f"{NASTY}: empty"), OSError(2, "empty", NASTY)]
)
def test_a_name_in_an_error_neither_steers_the_terminal_nor_fakes_a_line(capsys, error):
    run_command(raising(error), [])
    assert capsys.readouterr().err == f"error: {SPELLED}: empty\n"


def test_whatever_is_printed_to_standard_error_is_spelled_out(capsys):
    def main(argv):
        print("written: a\x1b[31m\nb\tc", file=sys.stderr)

    before = sys.stderr
    assert run_command(main, []) == 0
    assert capsys.readouterr().err == "written: a\\x1b[31m\nb\tc\n"
    assert sys.stderr is before


def test_no_way_to_the_terminal_shows_a_password(capsys):
    """An error of ours, one of the system, a warning, a wrong option."""
    address = "rtsp://pi:secret@cam/1"

    def warn(argv):
        print(f"warning: {address} lost", file=sys.stderr)

    run_command(raising(errors.PictureError(f"{address}: no such picture")), [])
    run_command(raising(OSError(2, "No such file", address)), [])
    run_command(warn, [])
    with pytest.raises(SystemExit):
        run_command(Parser(prog="p").parse_args, [f"--sourc={address}"])
    err = capsys.readouterr().err
    assert err.count("rtsp://pi:***@cam/1") == 4
    assert "secret" not in err


def test_a_log_is_a_line_a_record():
    record = logging.makeLogRecord({"msg": "left out: %s", "args": (NASTY,)})
    assert OneLineFormatter().format(record) == f"left out: {SPELLED}"


def test_an_option_in_a_usage_error_is_spelled_out(capsys):
    parser = Parser(prog="p")
    with pytest.raises(SystemExit) as caught:
        run_command(parser.parse_args, ["--\x1b[31m\nerror: fake"])
    assert caught.value.code == 2
    assert "\x1b" not in (err := capsys.readouterr().err)
    assert err.splitlines()[-1] == "p: error: unrecognized arguments: --\\x1b[31m\\nerror: fake"


@pytest.mark.parametrize(
    ("encoding", "bytes_out"),
    [("utf-8", b"caf\xe9 \xe9\xa1\x94\n"), ("latin-1", b"caf\\udce9 \\u9854\n")],
)
def test_a_name_that_the_output_cannot_encode_loses_nothing(encoding, bytes_out):
    program = (
        "import sys\n"
        "from command_line.command import run_command\n"
        "sys.exit(run_command(lambda argv: print('caf\\udce9 \\u9854'), []))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=CHECKOUT,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert (done.returncode, done.stdout) == (0, bytes_out)
