"""Every stage of one text, as data, in print, as JSON and as a picture."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import numpy as np
import pytest

import semap

pytestmark = pytest.mark.filterwarnings("ignore:this table stores no common component")
TEXT = 'Dog <bites> "the" xyzzy & \x07 man'


@pytest.mark.parametrize("positions", [None, "sinusoidal"])
def test_the_stages_are_those_of_embed_and_encode(table, positions):
    pipe = semap.Pipeline.from_table(table, positions=positions, scale=2.0, sif_a=0.1)
    found = pipe.trace(TEXT)
    assert found.tokens == ("dog", "bites", "the", "xyzzy", "man")
    assert found.rows.tolist() == [2, 3, 0, -1, 1]
    assert np.array_equal(found.sums, pipe.embed([TEXT])[0][0])
    if positions is None:
        assert found.pooled.tobytes() == pipe.encode([TEXT])[0].tobytes()
        np.testing.assert_allclose(found.weights, [0.1 / 0.18, 0.1 / 0.18, 0.1 / 0.7, 0.1 / 0.26], rtol=1e-6)
        assert found.positions is None
    else:
        assert found.pooled is None
        np.testing.assert_allclose(found.vectors + found.positions, found.sums)


def test_it_prints_as_a_table_with_a_line_a_token(table):
    lines = str(semap.Pipeline.from_table(table, pooling="mean").trace(TEXT)).splitlines()
    assert lines[0] == repr(TEXT)
    assert [line.split()[0] for line in lines[1:]] == ["token", "dog", "bites", "the", "xyzzy", "man", "mean:"]
    assert "none: left out" in lines[5]
    assert lines[-1].split() == ["mean:", "2.500", "0.000", "0.125"]


def test_json_holds_every_number(table):
    pipe = semap.Pipeline.from_table(table, pooling="max")
    document = json.loads(pipe.trace("dog man").to_json())
    assert document["vectors"] == [[3, 1, 0], [2, -1, 0]]
    assert document["pooled"] == [3, 1, 0]
    assert document["positions"] is None


@pytest.mark.parametrize("settings", [{}, {"positions": "sinusoidal"}, {"pooling": "none"}])
@pytest.mark.parametrize("text", [TEXT, "", "xyzzy", "man " * 100, "\ud800 lone \uffff"])
def test_the_picture_is_one_file_of_svg_with_the_numbers(table, settings, text):
    found = semap.Pipeline.from_table(table, **settings).trace(text)
    picture = found.svg()
    root = ElementTree.fromstring(picture)
    words = [element.text for element in root.iter() if element.tag.endswith("text")]
    for token in found.tokens[:40]:
        assert token in words or "\ufffd" in token
    if len(found.sums):
        assert f"{found.sums[0, 0]:.3f}" in words
    if len(found.tokens) > 40:
        assert "and 60 more tokens" in words
    assert "href" not in picture
    assert "url(" not in picture
