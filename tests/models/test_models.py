"""The models of the transports, each searched whole by Spin, and the faults that it must find in them.

A search takes a CPU for seconds, so all that were asked for run side by side.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from spin_search import Found, search


@dataclass(frozen=True)
class Case:
    model: str
    defines: str = ""
    ends: bool = False  # asked whether every run ends, instead of what it comes to
    broken: str = ""  # part of the assertion that fails; empty: none may
    story: tuple[str, ...] = ()  # lines of the replayed trail, in this order

    def __str__(self) -> str:
        return " ".join(filter(None, (self.model, self.defines, "ends" if self.ends else "")))


# What is right, and is searched whole.
RIGHT = (
    Case("ringbuf_overwrite"),
    Case("ringbuf_overwrite", "POLLS", ends=True),
    Case("ringbuf", "ALWAYS RELEASE FENCE_OFF ATTEMPTS=1"),  # notify = always needs neither
    Case("ringbuf", ends=True),
    Case("ringbuf"),
    Case("ringbuf", "RELEASE POLLS"),  # a consumer that never sleeps needs no fence
    Case("ringbuf", "LEAPS"),  # no reservation over another, whatever the consumer says
    Case("perfbuf"),
    Case("perfbuf", ends=True),
    Case("perfbuf", "PRODUCERS=2"),
    Case("perfbuf", "WATERMARK=4"),
    Case("perfbuf", "PRODUCERS=2 WATERMARK=4"),
    Case("perfbuf_overwrite"),
    Case("perfbuf_overwrite", ends=True),
    Case("hybrid"),
    Case("merge"),
    Case("merge", ends=True),
    Case("merge", "COUNTER"),
    Case("merge", "SHARED"),
    Case("merge", "SEEN"),
    Case("merge", "SEEN COUNTER"),
    Case("merge", "SEEN SHARED"),
)

# Of these a run reads what was not written, or loses it, or sleeps over it.
LOST_WAKE_UP = "(delivered[0]==committed[0])&&(delivered[1]==committed[1])"
OVERLAP = "owner["
POSITIONS = "(position[0]+6)-1"
UNWRITTEN = "(header&63)==2"
TORN = "!(is_torn)"
SLEEPS_OVER_DATA = "position[0]==memory["
SLEEPS_OVER_SAMPLE = "tail==memory["
EVENTS = "((expected+unpublished)+lost)==events"
IN_PLACE = "word==expected"
LATE = "may_be_late"
HELD_TOO_LONG = "taken_at"

# By the options of the transports themselves: what docs/proof.md says of them.
WRONG = (
    Case(
        "ringbuf",
        "RELEASE",
        broken=LOST_WAKE_UP,
        story=(
            "producer 0: commits 2",
            "producer 0: sees consumer_pos 0",  # while the commit is still in its store buffer
            "consumer: sleeps at 2",
        ),
    ),
    Case(
        "ringbuf",
        "FENCE_OFF",
        broken=LOST_WAKE_UP,
        story=("commits 0", "sees consumer_pos 0", "consumer: sleeps at"),
    ),
    Case("ringbuf", "RELEASE FENCE_OFF", broken=LOST_WAKE_UP),
    Case("ringbuf_overwrite", "FENCE_OFF", broken=SLEEPS_OVER_DATA),
    Case("hybrid", "FENCE_OFF", broken=LOST_WAKE_UP),
)

FAULTS = (
    # ringbuf.hpp: reserve()
    Case("ringbuf", "FAULT_NO_LOCK", broken=OVERLAP),
    Case("ringbuf", "FAULT_UNLOCK_FIRST", broken=OVERLAP),
    Case("ringbuf", "FAULT_POSITION_FIRST", broken=UNWRITTEN),
    Case("ringbuf", "FAULT_CAPACITY", broken=POSITIONS),
    Case("ringbuf", "LEAPS FAULT_NO_PENDING", broken=OVERLAP),
    # publish()
    Case("ringbuf", "FAULT_COMMIT_FIRST", broken=TORN),
    Case("ringbuf", "FAULT_EARLY_LOOK_AT_CONSUMER", broken=LOST_WAKE_UP),
    Case("ringbuf", "ALWAYS RELEASE FAULT_BELL_IS_NO_BARRIER", broken=LOST_WAKE_UP),
    # consume(), ready_to_wait()
    Case("ringbuf", "FAULT_HEADER_FIRST", broken=UNWRITTEN),
    Case("ringbuf", "FAULT_FREE_FIRST", broken=POSITIONS),
    Case("ringbuf", "FAULT_NO_LAST_LOOK", broken=LOST_WAKE_UP),
    # with overwrite = on: give_way(), consume_one(), ready_to_wait()
    Case("ringbuf_overwrite", "FAULT_NO_PENDING", broken=OVERLAP),
    Case("ringbuf_overwrite", "FAULT_CAPACITY", broken="(overwrite_pos+6)-1"),
    Case("ringbuf_overwrite", "FAULT_LATE_GIVING_WAY", broken=TORN),
    Case("ringbuf_overwrite", "FAULT_NO_LOOK_AFTER_HEADER", broken=UNWRITTEN),
    Case("ringbuf_overwrite", "FAULT_NO_LOOK_AFTER_PAYLOAD", broken=TORN),
    Case("ringbuf_overwrite", "FAULT_NO_LOOK_BEFORE_SLEEP", broken=SLEEPS_OVER_DATA),
    Case("ringbuf_overwrite", "FAULT_COMMIT_FIRST", broken=TORN),
    Case("ringbuf_overwrite", "FAULT_POSITION_FIRST", broken=UNWRITTEN),
    # perfbuf.hpp
    Case("perfbuf", "FAULT_HEAD_FIRST", broken=IN_PLACE),
    Case("perfbuf", "FAULT_TAIL_FIRST", broken="(tail+6)-1"),
    Case("perfbuf", "FAULT_CAPACITY", broken="(tail+6)-1"),
    Case("perfbuf", "FAULT_NO_ROOM_FOR_LOST", broken="(tail+6)-1"),
    Case("perfbuf", "FAULT_COUNT_KEPT", broken=EVENTS),
    Case("perfbuf", "FAULT_LOST_RETRACTED", broken=IN_PLACE),
    Case("perfbuf", "FAULT_BELL_FIRST", broken=SLEEPS_OVER_SAMPLE),
    Case("perfbuf", "FAULT_BELL_IS_NO_BARRIER", broken=SLEEPS_OVER_SAMPLE),
    Case("perfbuf", "PRODUCERS=2 FAULT_UNLOCK_FIRST", broken="header==2"),
    # with overwrite = on
    Case("perfbuf_overwrite", "FAULT_WRITING_IS_A_STORE DEPTH=32", broken="other==word"),
    Case("perfbuf_overwrite", "FAULT_PAUSE_IS_A_STORE", broken="word<published"),
    Case("perfbuf_overwrite", "FAULT_RELEASE_FIRST", broken="header==2"),
    Case("perfbuf_overwrite", "FAULT_RESUME_FIRST", broken="other==word"),
    Case("perfbuf_overwrite", "FAULT_TORN_OLDEST", broken="word<published"),
    # ring_set.hpp, consumer_loop.hpp
    Case("hybrid", "FAULT_ONE_RING_IS_NOT_READ", broken=LOST_WAKE_UP),
    Case("hybrid", "FAULT_ANY_RING_IS_ENOUGH", broken=LOST_WAKE_UP),
    Case("hybrid", "FAULT_ONE_BELL_IS_NOT_HEARD", broken=LOST_WAKE_UP),
    # merge_stage.hpp
    Case("merge", "FAULT_SHORT_WAIT", broken=LATE),
    Case("merge", "COUNTER FAULT_SHORT_WAIT", broken=LATE),
    Case("merge", "FAULT_NO_CLOCK", broken=HELD_TOO_LONG),
    Case("merge", "FAULT_FIRST_BUFFER_FIRST", broken=LATE),
    Case("merge", "SEEN COUNTER FAULT_SEEN_AT_THE_END", broken=LATE),
)

# States that a model has to come to, or it would prove little: asserted never to be.
REACHED = (
    Case("ringbuf", "FIND_TWO_ROUNDS", broken="memory["),
    Case("ringbuf_overwrite", "FIND_OVERWRITTEN", broken="passed<2"),
    Case("perfbuf", "FIND_TWO_ROUNDS", broken="memory["),
    Case("perfbuf_overwrite", "FIND_TWO_ROUNDS", broken="head<"),
    Case("merge", "SEEN SHARED FIND_MISSED", story=("does not come to record",), broken="0"),
)

Searches = Mapping[Case, Future[Found]]


@pytest.fixture(scope="module", name="searches")
def _searches(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Searches]:
    chosen: list[Case] = [
        item.callspec.params["case"]  # type: ignore[misc]
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.module is request.module
    ]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        started = {
            case: pool.submit(
                search,
                f"{case.model}.pml",
                case.defines.split(),
                tmp_path_factory.mktemp(case.model),
                case.ends,
            )
            for case in chosen
        }
        yield started
    whole = [run.result() for case, run in started.items() if not case.broken]
    states, seconds = sum(run.states for run in whole), sum(run.seconds for run in whole)
    capture = request.config.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        print(
            f"\n{len(whole)} models searched whole, {states} states in {seconds:.0f} s; "
            f"{len(started) - len(whole)} that are wrong"
        )


@pytest.mark.parametrize("case", RIGHT, ids=str)
def test_no_run_breaks_an_assertion(case: Case, searches: Searches) -> None:
    found = searches[case].result()
    assert not found.broken, found.story
    assert found.whole, found.said
    assert set(found.unreached) <= {"-end-"}, found.said  # of a process that never ends


@pytest.mark.parametrize("case", WRONG + FAULTS + REACHED, ids=str)
def test_a_run_that_breaks_it_is_found(case: Case, searches: Searches) -> None:
    found = searches[case].result()
    assert case.broken in found.broken, found.said
    assert "assertion violated" in found.story
    rest = found.story
    for line in case.story:
        assert line in rest, found.story
        rest = rest[rest.index(line) :]
