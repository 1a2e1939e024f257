"""Pickles are described and never run; what they ask for is named."""

import collections
import contextlib
import copy
import datetime
import os
import pickle
import pickletools
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.errors import BadFile
from semap.formats.pickled import names_in, read_pickle
from semap.formats.pickled_arrays import array_in, number_in, text_in
from semap.formats.pickled_machine import Name, Pairs, Record

PROTOCOLS = pytest.mark.parametrize("protocol", range(6))
NUMPY = [
    *(f"numpy.{core}.multiarray.{name}" for core in ("core", "_core") for name in ("_reconstruct", "scalar")),
    *(f"numpy.{core}.numeric._frombuffer" for core in ("core", "_core")),
    "numpy.ndarray", "numpy.dtype", "_codecs.encode",
]  # fmt: skip


class Marker:
    """Runs a command when it is unpickled, as an attacker's class does."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


class Plain:
    """An object with a dict."""

    def __init__(self):
        self.a, self.b = 1, [2, "x"]


def plain(value):
    """What was read, as Python has it."""
    if isinstance(value, Pairs):
        return {plain(key): plain(each) for key, each in zip(value.keys, value.values, strict=True)}
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, list | tuple):
        return type(value)(map(plain, value))
    return value


def values_of(leaves):
    """Lists, tuples and dicts of leaves."""
    return st.recursive(
        leaves,
        lambda each: st.lists(each, max_size=4) | st.tuples(each, each) | st.dictionaries(st.text(max_size=3), each, max_size=4),
        max_leaves=12,
    )


LEAVES = st.none() | st.booleans() | st.integers(-(2**500), 2**500) | st.floats(allow_nan=False) | st.text()


@settings(deadline=None)
@given(values_of(LEAVES | st.binary(max_size=600)), st.integers(3, 5))
def test_plain_values_come_back(value, protocol):
    assert plain(read_pickle("a", pickle.dumps(value, protocol), [])) == value


@settings(deadline=None)
@given(values_of(LEAVES), st.integers(0, 2))
def test_plain_values_of_the_protocols_of_python_2_come_back(value, protocol):
    assert plain(read_pickle("a", pickle.dumps(value, protocol), [])) == value


@PROTOCOLS
def test_strings_that_are_no_whole_text_come_back(protocol):
    for text in ("\ud800 alone", "\udc80", "a\nb\\u0041\\", "'", ""):
        assert read_pickle("a", pickle.dumps(text, protocol), []) == text


def test_strings_of_python_2_are_bytes():
    assert read_pickle("a", b"U\x03d\xc3\xa9.", []) == b"d\xc3\xa9"
    assert read_pickle("a", b"T\x03\0\0\0d\xc3\xa9.", []) == b"d\xc3\xa9"
    assert read_pickle("a", b"S'd\\xc3\\xa9\\''\n.", []) == b"d\xc3\xa9'"
    assert text_in(b"d\xe9") == "d\xe9"


def test_numbers_written_out_are_read():
    assert read_pickle("a", b"(I7\nI01\nI00\nL123456789012345678901L\nF2.5\nl.", []) == [
        7,
        True,
        False,
        123456789012345678901,
        2.5,
    ]


@PROTOCOLS
def test_objects_become_records_of_their_class_and_state(protocol):
    name = f"{__name__}.Plain"
    known = [name, "copy_reg._reconstructor", "copyreg._reconstructor", "__builtin__.object"]
    record = read_pickle("a", pickle.dumps(Plain(), protocol), known)
    assert isinstance(record, Record)
    assert plain(record.state) == {"a": 1, "b": [2, "x"]}
    classes = [each.full for each in record.args if isinstance(each, Name)] if protocol < 2 else [record.name]
    assert name in classes


@PROTOCOLS
def test_dicts_with_a_class_keep_their_pairs(protocol):
    ordered = collections.OrderedDict([("b", 1), ("a", 2)])
    record = read_pickle("a", pickle.dumps(ordered, protocol), ["collections.OrderedDict"])
    assert plain(record.pairs) == {"b": 1, "a": 2}
    factory = collections.defaultdict(int, {"n": 3})
    record = read_pickle("a", pickle.dumps(factory, protocol), ["collections.defaultdict", "builtins.int", "__builtin__.long"])
    assert plain(record.pairs) == {"n": 3}


@PROTOCOLS
@pytest.mark.parametrize("dtype", ["f2", "<f4", ">f4", "f8", "i1", "u2", "i4", ">i8", "u8"])
def test_arrays_lie_where_the_file_has_them(protocol, dtype):
    array = np.arange(60).reshape(3, 20).astype(dtype)
    for expected in (array, np.asfortranarray(array), array[:0]):
        found = array_in(read_pickle("a", pickle.dumps(expected, protocol), [*NUMPY, "__builtin__.bytes"]))
        assert (found.shape, found.dtype) == (expected.shape, np.dtype(dtype))
        np.testing.assert_array_equal(found, expected)


@PROTOCOLS
def test_numbers_of_numpy_are_numbers(protocol):
    known = [*NUMPY, "__builtin__.bytes"]
    assert number_in(read_pickle("a", pickle.dumps(np.int64(-7), protocol), known)) == -7
    assert number_in(read_pickle("a", pickle.dumps(np.uint32(7), protocol), known)) == 7
    assert number_in(read_pickle("a", pickle.dumps(np.float32(0.5), protocol), known)) is None


def test_what_shares_an_object_shares_it_still():
    inner = [1]
    found = read_pickle("a", pickle.dumps([inner, inner]), [])
    assert found[0] is found[1]


def test_a_pickle_that_holds_itself_is_read():
    loop = []
    loop.append(loop)
    found = read_pickle("a", pickle.dumps(loop), [])
    assert found[0] is found


@PROTOCOLS
def test_a_class_that_is_not_known_is_named_and_nothing_is_run(tmp_path, protocol):
    ran = tmp_path / "ran"
    content = pickle.dumps({"words": ["a"], "run": Marker(f"touch {ran}")}, protocol)
    with pytest.raises(BadFile, match=r"asks for 'posix\.system', which is not among") as failure:
        read_pickle("model.kv", content, ["gensim.models.keyedvectors.KeyedVectors"])
    assert failure.value.path == "model.kv"
    assert not ran.exists()
    assert names_in("a", content) == ["posix.system"]
    assert not ran.exists()
    pickle.loads(content)
    assert ran.exists(), "the marker itself works"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"cbuiltins\neval\n(S'1'\ntR.", "builtins.eval"),
        (b"c__builtin__\neval\n(S'1'\ntR.", "__builtin__.eval"),
        (b"(S'x'\nios\nsystem\n.", "os.system"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "os.system"),
        (b"\x80\x04\x8c\x05numpy\x8c\x10f2py.capi_maps.x\x93.", "numpy.f2py.capi_maps.x"),
        (pickle.dumps(datetime.date(2020, 1, 1)), "datetime.date"),
    ],
)
def test_every_way_to_name_a_class_is_seen(content, name):
    with pytest.raises(BadFile) as failure:
        read_pickle("a", content, ["numpy.ndarray"])
    assert repr(name) in str(failure.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "cut short"),
        (b"N", "cut short"),
        (b".", "empty stack"),
        (b"\x80\x06N.", "protocol 6"),
        (b"h\x07.", "never remembered"),
        (b"\x95" + bytes([255] * 8) + b"N.", "a frame of 18,446,744,073,709,551,615 bytes"),
        (b"X\xff\xff\xff\xffabc.", "4,294,967,295 bytes are said to follow, the file has 4 more"),
        (b"\x8e" + bytes([255] * 8) + b".", "said to follow"),
        (b"\x8b\xff\xff\xff\x7f.", "a number of 2,147,483,647 bytes"),
        (b"L" + b"9" * 5000 + b"L\n.", "no end within"),
        (b"X\x02\0\0\0\xff\xfe.", "not in its encoding"),
        (b"cnumpy\nnda", "no end within"),
        (b"K\x01K\x02\x85a.", "wrong kind"),
        (b"}K\x01a.", "wrong kind"),
        (b"](K\x01K\x02u.", "wrong kind"),
        (b"}(K\x01u.", "a key has no value"),
        (b"K\x01K\x02R.", "wrong kind"),
        (b"K\x01}b.", "wrong kind"),
        (b"1.", "empty stack"),
        (b"p-5\n.", "no place -5"),
        (b"\xff.", "no opcode has the number 255"),
        (b"S'abc\n.", "no quotes"),
        (b"Pabc\n.", "asks for an object outside it"),
        (b"\x82\x01.", "asks for a registered extension"),
        (b"\x80\x05\x97.", "asks for a buffer outside it"),
        (b"\x80\x04K\x01K\x02\x93.", "named by what is no text"),
    ],
)
def test_damage_is_told_with_its_byte(content, says):
    with pytest.raises(BadFile, match=says) as failure:
        read_pickle("a", content, [])
    assert failure.value.offset is not None


def test_no_cut_of_a_pickle_is_taken_for_a_whole_one():
    content = pickle.dumps([Plain.__name__, {"a": [1.5, b"x" * 300]}, ("é", None)], 4)
    for size in range(len(content)):
        with pytest.raises(BadFile):
            read_pickle("a", content[:size], [])


@pytest.mark.parametrize(
    "content",
    [
        b"]" * 2_000_000 + b"." ,
        b"(" * 2_000_000 + b"." ,
        b")" + b"\x85" * 2_000_000 + b".",
        b"]q\0" + b"h\0\x85" * 300_000 + b"h\0" * 300_000 + b".",
        b"X\x04\0\0\0abcdq\0" + b"h\0h\0\x86q\0" * 300_000 + b".",
        b"\x80\x04" + b"".join(b"L%d\nN" % (k * (2**61 - 1)) for k in range(100_000)) + b".",
    ],
    ids=["lists", "marks", "nested", "shared", "doubling", "equal hashes"],
)  # fmt: skip
def test_work_and_memory_stay_in_proportion_to_the_file(content):
    begin = time.process_time()
    with contextlib.suppress(BadFile):
        read_pickle("a", content, [])
    assert time.process_time() - begin < 20


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04}q\0(" + b"NN" * 20_000 + b"u" + b"cm\na\nq\1" + b"h\1)h\0\x92" * 2_000 + b".",
        b"\x80\x04X\x50\xc3\0\0" + b"m" * 50_000 + b"q\0" + b"".join(b"h\0\x8c\4%04x\x93" % k for k in range(20_000)) + b".",
        b"\x80\x04X\xe8\3\0\0" + b"m" * 1000 + b"q\0" + b"".join(b"h\0\x8c\5%05x\x93" % k for k in range(120_000)) + b".",
    ],
    ids=["names of arguments", "long module", "many names"],
)  # fmt: skip
def test_what_is_shared_is_not_kept_again_for_each_use(content):
    tracemalloc.start()
    with contextlib.suppress(BadFile):
        read_pickle("a", content, ["m.a"])
    with contextlib.suppress(BadFile):
        names_in("a", content)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100e6


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_damaged_pickles_end_in_a_value_or_a_bad_file(data):
    content = bytearray(
        pickle.dumps([{"a": np.arange(9.0), "é": [1, (2, 3), Name]}, b"x" * 300, "long" * 80], data.draw(st.integers(0, 5)))
    )
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadFile):
        read_pickle("a", bytes(content), [*NUMPY, "semap.formats.pickled_machine.Name"])


def test_every_opcode_of_python_is_known():
    from semap.formats.pickled_opcodes import OPCODES, STOP, _unknown

    for opcode in pickletools.opcodes:
        assert OPCODES[ord(opcode.code)] is not _unknown or ord(opcode.code) == STOP, opcode.name
    assert sum(each is not _unknown for each in OPCODES) == len(pickletools.opcodes) - 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda state: (1, (3, 5), *state[2:]), "takes 60 bytes, it has 48"),
        (lambda state: (1, (2**40, 2**40), *state[2:]), "takes"),
        (lambda state: (1, (0, 2**70), *state[2:4], b""), "without a shape"),
        (lambda state: (1, (-1, 4), *state[2:]), "without a shape"),
        (lambda state: (1, 7, *state[2:]), "without a shape"),
        (lambda state: (*state[:4], [1, 2]), "it has none"),
    ],
)
def test_arrays_whose_parts_disagree_are_told(change, says):
    record = read_pickle("a", pickle.dumps(np.ones((3, 4), np.float32), 4), NUMPY)
    record.state = change(record.state)
    with pytest.raises(ValueError, match=says):
        array_in(record)


def test_arrays_of_objects_are_none():
    record = read_pickle("a", pickle.dumps(np.array([{}], object), 4), NUMPY)
    with pytest.raises(ValueError, match="no numbers"):
        array_in(record)
    assert array_in(copy.copy("x")) is None


def test_long_bytes_are_views_of_the_file_and_not_copied():
    content = pickle.dumps(b"x" * 300, 3)
    taken = read_pickle("a", content, [])
    assert isinstance(taken, memoryview)
    assert taken.obj is content
