"""The fields of a JSON object, each checked as it is taken: a wrong one is named by its place."""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plots.errors import InputError

MEND = "`./run.sh plan` writes the file anew"

# What XML 1.0 (section 2.2) does not allow would spoil the SVG; a lone surrogate is not UTF-8.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Fields:
    file: Path
    place: str  # of the object within the file; empty: the whole
    values: Mapping[str, Any]

    def wrong(self, key: str, what: str) -> InputError:
        return InputError(f"{self.file}: {self._place(key)} {what}; {MEND}.")

    def text(self, key: str) -> str:
        return self._text(key, self._present(key))

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(self._text(f"{key}[{i}]", one) for i, one in enumerate(self._list(key)))

    def choice(self, key: str, known: Collection[str]) -> str:
        text = self.text(key)
        if text not in known:
            raise self.wrong(key, f'is "{text}", which is none of {", ".join(known)}')
        return text

    def flag(self, key: str) -> bool:
        value = self._present(key)
        if not isinstance(value, bool):
            raise self.wrong(key, f"is {_kind(value)}, not true or false")
        return value

    def number(self, key: str) -> float:
        value = self._present(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.wrong(key, f"is {_kind(value)}, not a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.wrong(key, "is not a finite number")
        return number

    def number_or_nan(self, key: str) -> float:
        """JSON has no word for what is not finite (RFC 8259, section 6); null stands for it."""
        return math.nan if self._present(key) is None else self.number(key)

    def whole(self, key: str, least: int = 0) -> int:
        number = self.number(key)
        if number != math.floor(number):
            raise self.wrong(key, f"is {number:g}, not a whole number")
        if number < least:
            raise self.wrong(key, f"is {number:g}, less than {least}")
        return int(self.values[key])

    def index(self, key: str, size: int) -> int | None:
        if self._present(key) is None:
            return None
        index = self.whole(key)
        if index >= size:
            raise self.wrong(key, f"is {index}, but there are only {size} to count from 0")
        return index

    def part(self, key: str) -> "Fields":
        return self._fields(key, self._present(key))

    def part_or_none(self, key: str) -> "Fields | None":
        return None if self._present(key) is None else self.part(key)

    def parts(self, key: str) -> list["Fields"]:
        return [self._fields(f"{key}[{i}]", one) for i, one in enumerate(self._list(key))]

    def _place(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def _present(self, key: str) -> Any:
        if key not in self.values:
            raise self.wrong(key, "is missing")
        return self.values[key]

    def _list(self, key: str) -> list[Any]:
        value = self._present(key)
        if not isinstance(value, list):
            raise self.wrong(key, f"is {_kind(value)}, not a list")
        return value

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise self.wrong(key, f"is {_kind(value)}, not text")
        return _UNPRINTABLE.sub("\ufffd", value)

    def _fields(self, key: str, value: object) -> "Fields":
        if not isinstance(value, dict):
            raise self.wrong(key, f"is {_kind(value)}, not an object")
        return Fields(self.file, self._place(key), value)


def _kind(value: object) -> str:
    """In JSON's words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "an object"
