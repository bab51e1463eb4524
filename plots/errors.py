"""What can go wrong that the reader can mend; the text is a sentence for stderr."""


class InputError(Exception):
    """The command, a store or a plan cannot be used: what, where, why, and how to mend it."""


class NoData(Exception):
    """The stores hold nothing that this figure could show: the sentence says what is missing."""


class Refused(Exception):
    """Two results cannot be compared: a sentence for every reason."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons
