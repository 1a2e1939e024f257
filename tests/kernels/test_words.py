import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from semap.kernels.native import words as native
from semap.kernels.reference import words as reference
from semap.kernels.reference.words import (
    COUNT,
    FIRST_BAD,
    GROUP,
    N_ENDS,
    N_IDS,
    N_REPLACED,
    N_STATE,
    N_TYPES,
    POSITION,
    SLACK,
    START,
    STOP,
)
from semap.text.letters import code_point_classes

PIECES = [
    b"a", b"Z", b"9", b" ", b" ", b"\n", b"\r\n", b"_", b"'", b"\0", b"the", b"The", b"internationalisation", b"x" * 17,
    "é".encode(), "e\u0301".encode(), "日本".encode(), "\u3000".encode(), "\u0301".encode(), "😀".encode(), "\ufffd".encode(),
    b"\xff", b"\xc0\xaf", b"\xe2\x82", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\x80",
]  # fmt: skip
contents = st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=60).map(b"".join)
splits = st.sampled_from(["words", "whitespace"])


class Tables:
    """Types with little room, so that the kernels ask for more of it."""

    def __init__(self, kernels, room: int = GROUP, n_bytes: int = 256) -> None:
        self.kernels = kernels
        self.slots = np.zeros(4 * room, np.uint64)
        self.arena = np.zeros(n_bytes, np.uint8)
        self.types = np.zeros((3, room + 1), np.int64)
        self.n_types = self.n_grown = 0

    def grow(self, n_types: int) -> None:
        self.n_grown += 1
        self.arena = np.concatenate([self.arena, np.zeros_like(self.arena)])
        self.types = np.concatenate([self.types, np.zeros_like(self.types)], axis=1)
        self.slots = np.zeros(2 * self.slots.size, np.uint64)
        native.rebuild(self.slots, self.arena, self.types, n_types)

    def scan(self, content: bytes, split: str, lower: bool) -> tuple[list[int], list[int], int, int]:
        data = np.frombuffer(content + b"\n" * SLACK, np.uint8).copy()
        state = self.state(len(content))
        ids, ends = np.full(len(content) // 2 + 2, -7, np.int32), np.full(len(content) // 2 + 2, -7, np.int32)
        arguments = data, code_point_classes(split), lower
        while not self.kernels.scan(*arguments, self.slots, self.arena, self.types, ids, ends, state):
            self.grow(int(state[N_TYPES]))
        assert state[POSITION] == len(content)
        self.n_types = int(state[N_TYPES])
        return ids[: state[N_IDS]].tolist(), ends[: state[N_ENDS]].tolist(), int(state[N_REPLACED]), int(state[FIRST_BAD])

    def state(self, stop: int) -> np.ndarray:
        state = np.zeros(N_STATE, np.int64)
        state[STOP], state[N_TYPES], state[FIRST_BAD] = stop, self.n_types, -1
        return state

    def words(self) -> list[bytes]:
        starts = self.types[START].tolist()
        return [self.arena[starts[number] : starts[number + 1]].tobytes() for number in range(self.n_types)]

    def counts(self) -> list[int]:
        return self.types[COUNT, : self.n_types].tolist()


@settings(max_examples=300, deadline=None)
@given(contents, splits, st.booleans())
@example(b"\xe2\x82 a\xf0\x9f\x98b", "whitespace", True)
@example(b"a\xcc\x81" + b"\xcc\x81" * 40, "words", True)
def test_scan_equals_its_plain_twin(content: bytes, split: str, lower: bool) -> None:
    fast, plain = Tables(native), Tables(reference)
    assert fast.scan(content, split, lower) == plain.scan(content, split, lower)
    assert (fast.words(), fast.counts()) == (plain.words(), plain.counts())


@settings(max_examples=200, deadline=None)
@given(contents)
def test_replacements_are_those_of_bytes_decode(content: bytes) -> None:
    _, _, replaced, first = Tables(native).scan(content, "whitespace", False)
    assert replaced == content.decode("utf-8", "replace").count("\ufffd") - content.count("\ufffd".encode())
    try:
        content.decode()
        expected = -1
    except UnicodeDecodeError as failure:
        expected = failure.start
    assert first == expected


@pytest.mark.parametrize("length", [1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 97, 254, 255, 256, 1000])
def test_words_that_differ_in_one_byte_or_in_length_are_told_apart(length: int) -> None:
    word = b"q" * length
    others = [word[:place] + b"r" + word[place + 1 :] for place in {0, length // 2, length - 1}]
    others += [word + b"q", word + b"\0", word[1:]] if length > 1 else [word + b"q"]
    content = b" ".join([word, *others, word, *others])
    tables = Tables(native)
    ids, _, _, _ = tables.scan(content, "whitespace", True)
    distinct = list(dict.fromkeys(content.split(b" ")))
    assert tables.words() == distinct
    assert ids == [distinct.index(token) for token in content.split(b" ")]


def test_a_worked_example() -> None:
    tables = Tables(native)
    ids, ends, replaced, first = tables.scan(b"\n\nThe cat, the\ncat\r\n\n(dog \xff", "words", True)
    assert tables.words() == [b"the", b"cat", b"dog"]
    assert ids == [0, 1, 0, 1, 2]
    assert ends == [0, 3, 4]  # the first may end a text that began before; an empty line ends none
    assert (replaced, first) == (1, 26)
    assert tables.counts() == [2, 2, 1]


def test_more_types_than_there_is_room_for_are_all_kept() -> None:
    expected = [f"w{number * 7919 % 5003}é{'x' * (number % 40)}".encode() for number in range(3000)]
    tables = Tables(native)
    ids, _, _, _ = tables.scan(b" ".join(expected), "words", True)
    assert tables.n_grown > 3
    assert [tables.words()[number] for number in ids] == expected


@settings(deadline=None)
@given(st.lists(st.binary(min_size=0, max_size=40), max_size=80), st.lists(st.binary(max_size=40), max_size=80))
def test_merge_equals_its_plain_twin(mine: list[bytes], theirs: list[bytes]) -> None:
    found = []
    for kernels in (native, reference):
        tables = Tables(kernels)
        all_numbers = []
        for given_words in (mine, theirs):
            arena = np.frombuffer(b"".join(given_words) + b"?" * SLACK, np.uint8)
            types = np.zeros((3, len(given_words) + 1), np.int64)
            types[START, 1:] = np.cumsum([len(word) for word in given_words])
            types[COUNT, :-1] = np.arange(len(given_words)) + 11
            numbers, state = np.empty(len(given_words), np.int32), tables.state(len(given_words))
            while not kernels.merge(arena, types, tables.slots, tables.arena, tables.types, numbers, state):
                tables.grow(int(state[N_TYPES]))
            tables.n_types = int(state[N_TYPES])
            all_numbers += numbers.tolist()
        assert [tables.words()[number] for number in all_numbers] == mine + theirs
        found.append((all_numbers, tables.words(), tables.counts()))
    assert found[0] == found[1]


@settings(max_examples=200, deadline=None)
@given(contents, splits, st.data())
def test_border_equals_its_plain_twin_and_cuts_no_word(content: bytes, split: str, draw) -> None:
    data = np.frombuffer(content + b"\n" * SLACK, np.uint8)
    start = draw.draw(st.integers(0, len(content)))
    at = draw.draw(st.integers(0, len(content)))
    classes = code_point_classes(split)
    cut = native.border(data, start, at, classes)
    assert cut == reference.border(data, start, at, classes)
    whole = Tables(native).scan(content, split, False)
    if cut > start:
        tables = Tables(native)
        first, second = tables.scan(content[:cut], split, False), tables.scan(content[cut:], split, False)
        assert first[0] + second[0] == whole[0]
        assert first[2] + second[2] == whole[2]


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=50), st.lists(st.integers(-1, 30), min_size=10, max_size=10), st.data())
def test_compact_equals_its_plain_twin(ids: list[int], new_ids: list[int], draw) -> None:
    ends = sorted(draw.draw(st.lists(st.integers(0, len(ids)), unique=True)))
    found = []
    for kernels in (native, reference):
        kept, moved = np.array(ids, np.int32), np.array(ends, np.int32)
        n_kept = kernels.compact(kept, moved, np.array(new_ids, np.int32))
        found.append((kept[:n_kept].tolist(), moved.tolist()))
    assert found[0] == found[1]
    assert found[0][0] == [new_ids[number] for number in ids if new_ids[number] >= 0]


def test_lower_casing_ascii_first_changes_no_final_form() -> None:
    marks = [chr(point) for point in range(0x300, 0x370)]

    def final(text: str, form: str) -> str:
        return unicodedata.normalize(form, unicodedata.normalize(form, text).lower())

    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        for mark in marks:
            for form in ("NFC", "NFD", "NFKC", "NFKD"):
                assert final(letter + mark, form) == final(letter.lower() + mark, form)
