"""The opcodes of pickles, protocols 0 to 5: what each does to a `Machine` (CPython's Lib/pickletools.py has their meanings)."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable
from typing import Any, TypeAlias

from semap.errors import BadFile
from semap.formats.pickled_machine import LONGEST_NAME, Machine, Name, Pairs, Record

__all__ = ["OPCODES", "STOP"]

_Opcode: TypeAlias = Callable[[Machine], None]
_SHORT = 256  # longer bytes stay where they are, in the mapped file
_LONGEST_NUMBER = 64  # bytes; the largest there are belong to states of random generators
_LONGEST_LINE = 4 * _LONGEST_NUMBER
_MEMO_END = 1 << 32
_PROTOCOLS = range(6)


def _constant(value: Any) -> _Opcode:
    return lambda machine: machine.stack.append(value)


def _new(kind: type[list[Any]] | type[Pairs]) -> _Opcode:
    return lambda machine: machine.stack.append(kind())


def _packed(form: str) -> _Opcode:
    """A number of fixed width."""
    parser = struct.Struct(form)
    size, unpack = parser.size, parser.unpack_from

    def push(machine: Machine) -> None:
        """Put the number on the stack."""
        machine.stack.append(unpack(machine.view, machine.at)[0])  # struct.error where the file ends
        machine.at += size

    return push


def _long(width: int) -> _Opcode:
    """A number of any width, which is told first."""

    def push(machine: Machine) -> None:
        """Put the number on the stack."""
        n_bytes = machine.number(width)
        if n_bytes > _LONGEST_NUMBER:
            raise ValueError(f"a number of {n_bytes:,} bytes; {_LONGEST_NUMBER} are the most")
        machine.stack.append(int.from_bytes(machine.ahead(n_bytes), "little", signed=True))

    return push


def _written_int(machine: Machine) -> None:
    text = machine.line(_LONGEST_LINE)
    if text in (b"00", b"01"):  # how protocol 0 writes False and True
        machine.stack.append(text == b"01")
    else:
        machine.stack.append(int(text.removesuffix(b"L")))


def _written_float(machine: Machine) -> None:
    machine.stack.append(float(machine.line(_LONGEST_LINE)))


def _bytes(width: int) -> _Opcode:
    """Bytes, whose number is told first."""
    sized = _sized(width)

    def push(machine: Machine) -> None:
        """Put the bytes on the stack; long ones as a view of the file."""
        taken = sized(machine)
        machine.stack.append(bytes(taken) if len(taken) < _SHORT else taken)

    return push


def _text(width: int) -> _Opcode:
    """UTF-8, whose number of bytes is told first; "surrogatepass" is how pickles write lone surrogates."""
    sized = _sized(width)
    return lambda machine: machine.stack.append(str(sized(machine), "utf-8", "surrogatepass"))


def _sized(width: int) -> Callable[[Machine], memoryview]:
    """What takes bytes whose number is told in `width` bytes before them; models have one for each of their words."""
    unpack = struct.Struct({1: "<B", 4: "<I", 8: "<Q"}[width]).unpack_from

    def take(machine: Machine) -> memoryview:
        """Return the bytes that follow."""
        begin = machine.at + width
        end = begin + unpack(machine.view, machine.at)[0]
        taken = machine.view[begin:end]
        if len(taken) != end - begin:
            raise ValueError(f"{end - begin:,} bytes are said to follow, the file has {len(taken):,} more")
        machine.at = end
        return taken

    return take


def _written_bytes(machine: Machine) -> None:
    quoted = machine.line()
    if len(quoted) < 2 or quoted[:1] != quoted[-1:] or quoted[:1] not in (b"'", b'"'):
        raise ValueError("a string has no quotes")
    machine.stack.append(codecs.escape_decode(quoted[1:-1])[0])


def _written_text(machine: Machine) -> None:
    machine.stack.append(str(machine.line(), "raw-unicode-escape"))


def _remember(place: Callable[[Machine], int]) -> _Opcode:
    def put(machine: Machine) -> None:
        """Remember what lies on top of the stack."""
        number = place(machine)
        if not 0 <= number < _MEMO_END:
            raise ValueError(f"the memo has no place {number:,}")
        machine.memo[number] = machine.stack[-1]

    return put


def _recall(place: Callable[[Machine], int]) -> _Opcode:
    return lambda machine: machine.stack.append(machine.memo[place(machine)])


def _width(n_bytes: int) -> Callable[[Machine], int]:
    """What reads a number of 1 or 4 bytes."""
    unpack = struct.Struct({1: "<B", 4: "<I"}[n_bytes]).unpack_from

    def place(machine: Machine) -> int:
        """Return the number and step over it."""
        begin = machine.at
        machine.at = begin + n_bytes
        number: int = unpack(machine.view, begin)[0]
        return number

    return place


def _written(machine: Machine) -> int:
    return int(machine.line(_LONGEST_NUMBER))


def _next(machine: Machine) -> int:
    return len(machine.memo)


def _mark(machine: Machine) -> None:
    machine.below.append(machine.stack)
    machine.stack = []


def _pop(machine: Machine) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.marked()


def _pop_marked(machine: Machine) -> None:
    machine.marked()


def _tuple_of(count: int) -> _Opcode:
    def push(machine: Machine) -> None:
        """Put the topmost values into a tuple."""
        stack = machine.stack
        if len(stack) < count:
            raise IndexError
        stack[-count:] = [tuple(stack[-count:])]

    return push


def _of_marked(kind: Callable[[list[Any]], Any]) -> _Opcode:
    def push(machine: Machine) -> None:
        """Put what lies above the mark together."""
        taken = machine.marked()
        machine.stack.append(kind(taken))

    return push


def _as_pairs(items: list[Any]) -> Pairs:
    pairs = Pairs()
    pairs.take(items)
    return pairs


def _append(machine: Machine) -> None:
    _list_in(machine, -2).append(machine.stack.pop())


def _append_marked(machine: Machine) -> None:
    taken = machine.marked()
    _list_in(machine, -1).extend(taken)


def _list_in(machine: Machine, place: int) -> list[Any]:
    target = machine.stack[place]
    found: list[Any] = target.items if isinstance(target, Record) else target
    if type(found) is not list:
        raise TypeError
    return found


def _set_item(machine: Machine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _pairs_in(machine).take([key, value])


def _set_marked(machine: Machine) -> None:
    taken = machine.marked()
    _pairs_in(machine).take(taken)


def _pairs_in(machine: Machine) -> Pairs:
    target = machine.stack[-1]
    found = target.pairs if isinstance(target, Record) else target
    if not isinstance(found, Pairs):
        raise TypeError
    return found


def _name(machine: Machine) -> None:
    module, name = machine.line(LONGEST_NAME).decode(), machine.line(LONGEST_NAME).decode()
    machine.stack.append(machine.name(module, name))


def _name_of_stack(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(machine.name(module, name))


def _ask(machine: Machine) -> None:
    args, asked = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(_record(asked, args))


def _ask_with_names(machine: Machine) -> None:
    named = machine.stack.pop()
    _ask(machine)
    if not isinstance(named, Pairs):
        raise TypeError
    machine.stack[-1].named = named  # not copied: one dict may be asked for with a thousand times


def _ask_of_marked(machine: Machine) -> None:
    asked, *args = machine.marked()
    machine.stack.append(_record(asked, tuple(args)))


def _ask_by_line(machine: Machine) -> None:
    _name(machine)
    asked = machine.stack.pop()
    args = tuple(machine.marked())
    machine.stack.append(_record(asked, args))


def _record(asked: Any, args: Any) -> Record:
    if not isinstance(asked, Name) or not isinstance(args, tuple):
        raise TypeError
    return Record(asked.full, args)


def _give_state(machine: Machine) -> None:
    state, record = machine.stack.pop(), machine.stack[-1]
    if not isinstance(record, Record):
        raise TypeError
    record.state = state


def _protocol(machine: Machine) -> None:
    found = machine.number(1)
    if found not in _PROTOCOLS:
        raise ValueError(f"protocol {found}; known are 0 to {_PROTOCOLS[-1]}")


def _frame(machine: Machine) -> None:
    n_bytes = machine.number(8)
    if n_bytes > len(machine.view) - machine.at:
        raise ValueError(f"a frame of {n_bytes:,} bytes, the file has {len(machine.view) - machine.at:,} more: cut short?")


def _refused(what: str) -> _Opcode:
    def refuse(machine: Machine) -> None:
        """Raise BadFile, naming what was asked for."""
        raise BadFile(machine.path, f"a Python pickle that asks for {what}, which semap does not read", offset=machine.at - 1)

    return refuse


def _unknown(machine: Machine) -> None:
    raise ValueError(f"no opcode has the number {machine.view[machine.at - 1]}")


STOP = ord(".")
OPCODES: list[_Opcode] = [_unknown] * 256
for _sign, _act in {
    b"N": _constant(None), b"\x88": _constant(True), b"\x89": _constant(False), b")": _constant(()),
    b"]": _new(list), b"}": _new(Pairs), b"\x8f": _new(list),
    b"K": _packed("<B"), b"M": _packed("<H"), b"J": _packed("<i"), b"G": _packed(">d"),
    b"\x8a": _long(1), b"\x8b": _long(4), b"I": _written_int, b"L": _written_int, b"F": _written_float,
    b"U": _bytes(1), b"T": _bytes(4), b"C": _bytes(1), b"B": _bytes(4), b"\x8e": _bytes(8), b"\x96": _bytes(8),
    b"S": _written_bytes,
    b"\x8c": _text(1), b"X": _text(4), b"\x8d": _text(8), b"V": _written_text,
    b"p": _remember(_written), b"q": _remember(_width(1)), b"r": _remember(_width(4)), b"\x94": _remember(_next),
    b"g": _recall(_written), b"h": _recall(_width(1)), b"j": _recall(_width(4)),
    b"(": _mark, b"0": _pop, b"1": _pop_marked, b"2": lambda machine: machine.stack.append(machine.stack[-1]),
    b"t": _of_marked(tuple), b"\x85": _tuple_of(1), b"\x86": _tuple_of(2), b"\x87": _tuple_of(3),
    b"l": _of_marked(list), b"d": _of_marked(_as_pairs), b"\x91": _of_marked(tuple),
    b"a": _append, b"e": _append_marked, b"\x90": _append_marked, b"s": _set_item, b"u": _set_marked,
    b"c": _name, b"\x93": _name_of_stack, b"i": _ask_by_line, b"o": _ask_of_marked,
    b"R": _ask, b"\x81": _ask, b"\x92": _ask_with_names, b"b": _give_state,
    b"\x80": _protocol, b"\x95": _frame,
    b"P": _refused("an object outside it"), b"Q": _refused("an object outside it"),
    b"\x82": _refused("a registered extension"), b"\x83": _refused("a registered extension"),
    b"\x84": _refused("a registered extension"),
    b"\x97": _refused("a buffer outside it"), b"\x98": _refused("a buffer outside it"),
}.items():  # fmt: skip
    OPCODES[_sign[0]] = _act
