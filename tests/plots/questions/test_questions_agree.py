"""The catalogue, the configs and the pages of the docs name the same questions."""

import re
import tomllib
from pathlib import Path

import pytest

from plots.questions.catalogue import QUESTIONS

ROOT = Path(__file__).resolve().parents[3]
CONFIGS = ROOT / "configs" / "questions"
PAGES = ROOT / "docs" / "questions"
NAMES = {question.name for question in QUESTIONS}


def test_numbers_and_names_are_unique_and_in_order() -> None:
    numbers = [question.number for question in QUESTIONS]
    assert numbers == sorted(set(numbers))
    assert len(NAMES) == len(QUESTIONS)


def test_there_are_eighteen() -> None:
    assert [question.number for question in QUESTIONS] == list(range(1, 19))


def test_every_question_has_its_config_and_its_page() -> None:
    assert {path.stem for path in CONFIGS.glob("*.toml")} == NAMES
    assert {path.stem for path in PAGES.glob("*.md")} == NAMES


def test_the_index_links_to_every_page() -> None:
    index = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\(questions/(\w+)\.md\)", index)) == NAMES


@pytest.mark.parametrize(
    "config",
    sorted(CONFIGS.glob("*.toml")),
    ids=[path.stem for path in sorted(CONFIGS.glob("*.toml"))],
)
def test_a_config_says_what_it_asks(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    settings = tomllib.loads(text)
    assert settings["question"].endswith("?")
    assert {"seed", "repetitions"} <= set(settings["run"])
    head = text.split("\n\n", 1)[0]
    assert all(line.startswith("#") for line in head.splitlines())
    assert "What 2 CPUs can show" in head and "Axes" in head
