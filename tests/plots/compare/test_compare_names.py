from plots.compare.names import shared_parts, shortened


def test_what_all_have_is_said_once() -> None:
    names = ["null/producers:1/warmup_ms:1", "ringbuf/producers:1/bytes:64/lock:ttas/warmup_ms:1"]
    shared = shared_parts(names)
    assert shared == ["producers:1", "warmup_ms:1", "bytes:64"]
    assert [shortened(name, shared) for name in names] == ["null", "ringbuf/lock:ttas"]


def test_a_setting_that_is_left_out_at_its_default_tells_cells_apart() -> None:
    names = ["ringbuf/bytes:64", "ringbuf/bytes:128", "ringbuf/bytes:64/lock:ttas"]
    assert shared_parts(names) == []


def test_one_name_is_left_whole() -> None:
    assert shared_parts(["ringbuf/bytes:64"]) == []
