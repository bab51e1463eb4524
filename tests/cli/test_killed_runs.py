"""A run that is killed at random moments: few of them here, 200 by `./run.sh kill`."""

from pathlib import Path

import pytest

from cli.killed_runs import kill_and_resume, main


def test_nothing_is_lost_or_twice_or_left_behind(tmp_path: Path) -> None:
    found = kill_and_resume(tmp_path, kills=8, repetitions=24)
    assert found.kills == 8
    assert found.without_a_trial < 8, "none was killed after a trial: the moments come too early"
    assert found.trials == 24 * found.cells


def test_wrong_words_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["many"])
    assert ended.value.code == 2
    assert "invalid int value: 'many'" in capsys.readouterr().err
