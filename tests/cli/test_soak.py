"""The long run's own count, on a round of half a second; hours of it by `./run.sh soak MINUTES`."""

import re
from pathlib import Path

import pytest

from cli import soak
from cli.program import tiny
from cli.run_store import query


def test_a_round_counts_what_its_trials_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tiny(tmp_path, repetitions=1).read_text(encoding="utf-8")
    soaked = soak.soak(0, text, tmp_path)
    assert (soaked.rounds, soaked.trials, soaked.violations) == (1, 6, [])
    [(consumed,)] = query(tmp_path / "run", "SELECT sum(consumed) FROM trial")
    assert soaked.records == consumed > 1000
    assert "no violation" in capsys.readouterr().err


def test_a_failed_trial_is_a_violation(tmp_path: Path) -> None:
    soaked = soak.Soaked()
    soak.one_round(soaked, "seed = 1\nno config at all", tmp_path)
    assert "status 2" in soaked.violations[0]


def test_each_round_has_a_seed_of_its_own(tmp_path: Path) -> None:
    soaked = soak.Soaked(rounds=4)
    text = tiny(tmp_path, repetitions=1).read_text(encoding="utf-8")
    soak.one_round(soaked, text, tmp_path)
    assert query(tmp_path / "run", "SELECT value FROM provenance WHERE key = 'seed'") == [("5",)]


def test_the_config_has_one_seed_and_a_round_of_it_is_short() -> None:
    text = soak.CONFIG.read_text(encoding="utf-8")
    assert len(re.findall(r"^seed = \d+$", text, re.MULTILINE)) == 1
