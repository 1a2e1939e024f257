import unicodedata

import pytest

from semap.text.letters import BEGINS, CONTINUES, N_CODE_POINTS, SEPARATES, code_point_classes


def test_every_code_point_has_the_class_of_its_unicode_category() -> None:
    classes = code_point_classes("words").tolist()
    expected = {"L": BEGINS, "N": BEGINS, "M": CONTINUES}
    wrong = [
        hex(point)
        for point in range(N_CODE_POINTS)
        if classes[point] != expected.get(unicodedata.category(chr(point))[0], SEPARATES) and point not in (0x200C, 0x200D)
    ]
    assert wrong == []
    assert classes[0x200C] == classes[0x200D] == CONTINUES


def test_blanks_are_those_that_str_split_splits_at() -> None:
    classes = code_point_classes("whitespace").tolist()
    assert [point for point in range(N_CODE_POINTS) if (classes[point] == SEPARATES) != chr(point).isspace()] == []
    assert CONTINUES not in classes


def test_the_tables_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        code_point_classes("words")[0] = 1
