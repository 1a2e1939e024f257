"""Text to vectors: tokens, rows, positions, pooling."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import semap
from semap.errors import BadText, SemapWarning, SettingsError, ShapeError
from semap.text.splitter import Splitter

pytestmark = pytest.mark.filterwarnings("ignore:this table stores no common component")


@pytest.fixture
def mean(table):
    return semap.Pipeline.from_table(table, pooling="mean")


def test_the_mean_of_a_text_on_paper(mean):
    # dog (3, 1, 0), bites (4, -1, .5), man (2, -1, 0)
    np.testing.assert_allclose(mean.encode(["Dog bites man!"]), [[3, -1 / 3, 0.5 / 3]], rtol=1e-6)


def test_the_largest_of_each_dimension_on_paper(table):
    pipe = semap.Pipeline.from_table(table, pooling="max")
    assert pipe.encode(["Dog bites man"]).tolist() == [[4, 1, 0.5]]


def test_sif_weighs_words_by_their_counts(table):
    pipe = semap.Pipeline.from_table(table, pooling="sif", sif_a=0.1)
    # p(the) = .6, p(cat) = .04: weights 1/7 and 10/14
    expected = (np.array([1, 1, 0]) / 7 + np.array([5, 1, 0]) * 10 / 14) / 2
    np.testing.assert_allclose(pipe.encode(["the cat"])[0], expected, rtol=1e-6)


def test_bags_are_equal_and_sequences_are_not(table):
    texts = ["Dog bites man", "Man bites dog"]
    bags = semap.Pipeline.from_table(table, pooling="mean").encode(texts)
    assert bags[0].tobytes() == bags[1].tobytes()
    plain = semap.Pipeline.from_table(table, pooling="none").embed(texts)[0]
    assert np.array_equal(np.sort(plain[0], axis=0), np.sort(plain[1], axis=0))
    placed = semap.Pipeline.from_table(table, pooling="none", positions="sinusoidal").embed(texts)[0]
    assert not np.allclose(np.sort(placed[0], axis=0), np.sort(placed[1], axis=0))


def test_embed_adds_the_waves_to_scaled_rows(table):
    pipe = semap.Pipeline(Splitter(), table, positions="sinusoidal", scale=math.sqrt(3), pooling="none")
    vectors, mask = pipe.embed(["cat the", "man"])
    assert mask.tolist() == [[True, True], [True, False]]
    turned = 10_000 ** (2 / 3)
    expected = np.array([1, 1, 0]) * math.sqrt(3) + [math.sin(1), math.cos(1), math.sin(1 / turned)]
    np.testing.assert_allclose(vectors[0, 1], expected, rtol=1e-6)
    assert not vectors[1, 1].any()


def test_learned_positions_are_rows_of_an_array(table):
    rows = np.arange(6).reshape(2, 3) * 100
    pipe = semap.Pipeline(Splitter(), table, positions="learned", position_rows=rows, pooling="none")
    vectors, _ = pipe.embed(["cat the"])
    assert vectors[0].tolist() == [[5, 101, 200], [301, 401, 500]]
    with pytest.raises(ShapeError, match="3 tokens, there are 2 learned positions; give max_length=2"):
        pipe.embed(["cat the man"])


@pytest.mark.parametrize("pooling", ["mean", "sif", "max"])
def test_positions_under_a_bag_are_refused_with_the_reason(table, pooling):
    pipe = semap.Pipeline.from_table(table, pooling=pooling, positions="sinusoidal")
    with pytest.raises(SettingsError, match="depends on the length of a text alone and drowns its words"):
        pipe.encode(["cat"])


def test_without_pooling_there_is_no_vector_of_a_text(table):
    with pytest.raises(SettingsError, match=r'embed.* gives a vector a token; for one a text choose "mean" or "sif"'):
        semap.Pipeline.from_table(table, pooling="none").encode(["cat"])


@pytest.mark.parametrize("pooling", ["mean", "sif", "max"])
def test_no_text_and_an_empty_text(table, pooling):
    pipe = semap.Pipeline.from_table(table, pooling=pooling, normalize=True)
    assert pipe.encode([]).shape == (0, 3)
    assert pipe.encode(["", "cat"])[0].tolist() == [0, 0, 0]
    assert pipe.embed([])[0].shape == (0, 0, 3)
    vectors, mask = pipe.embed([""])
    assert (vectors.shape, mask.shape) == ((1, 0, 3), (1, 0))


def test_unknown_words_are_left_out_and_texts_of_nothing_else_are_counted(mean):
    with pytest.warns(SemapWarning, match="of 3 texts 1 have no token that the table knows and get a vector of zeros"):
        found = mean.encode(["zebra cat zebra", "zebra unicorn", ""])
    assert found.tolist() == [[5, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_tokens_with_a_row_are_counted_beside_all_tokens(mean):
    assert mean.count(["zebra cat zebra", "", "the man"]) == (3, 5)
    assert mean.count([]) == (0, 0)


def test_cut_texts_are_counted_and_none_encodes_whole(table):
    pipe = semap.Pipeline.from_table(table, pooling="mean", max_length=2)
    with pytest.warns(SemapWarning, match="of 2 texts 1 were cut to max_length=2 tokens"):
        found = pipe.encode(["cat cat man", "man man"])
    assert found.tolist() == [[5, 1, 0], [2, -1, 0]]
    pipe.max_length = None
    assert pipe.encode(["cat cat man man"]).tolist() == [[3.5, 0, 0]]
    with pytest.raises(SettingsError, match="max_length is 0"):
        pipe.max_length = 0


def test_words_take_the_form_of_the_tables_text(table):
    pipe = semap.Pipeline.from_table(table, pooling="mean", normalize=False)
    decomposed = "CAFE\N{COMBINING ACUTE ACCENT}, Straße_the"
    assert [piece.token for piece in pipe.pieces(decomposed)] == ["café", "straße", "the"]
    np.testing.assert_allclose(pipe.encode([decomposed]), [[14 / 3, 1 / 3, 0]], rtol=1e-6)


def test_a_foreign_table_takes_words_between_blanks_as_they_stand():
    pipe = semap.Pipeline.from_table(semap.Table(["Cat", "cat,"], [[1, 2], [3, 4]]), pooling="mean")
    assert pipe.encode(["Cat cat, "]).tolist() == [[2, 3]]


@given(st.lists(st.text(), max_size=6))
def test_words_are_those_that_the_splitter_finds(texts):
    words = ["a", "b", "é", "1", "ß", "0", "ǆ"]
    table = semap.Table(words, np.eye(len(words)), metadata={"text": Splitter().to_json()})
    splitter = Splitter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SemapWarning)
        vectors, mask = semap.Pipeline.from_table(table, pooling="none").embed(texts)
    found = [[words[row] for row in vectors[text][mask[text]].argmax(axis=1)] for text in range(len(texts))]
    assert found == [[word for word in splitter(text) if word in words] for text in texts]


@pytest.mark.parametrize("pooling", ["mean", "sif", "max"])
def test_a_vector_has_the_same_bits_in_any_batch_and_with_any_number_of_threads(pooling):
    rng = np.random.default_rng(3)
    words = [f"w{number}" for number in range(300)]
    table = semap.Table(words, rng.standard_normal((300, 40)), counts=np.arange(300, 0, -1))
    texts = [" ".join(rng.choice(words, size)) for size in rng.integers(0, 400, 5000)]
    settings = {"pooling": pooling, "normalize": True}
    if pooling == "sif":
        settings["components"] = np.eye(40)[:3]
    alone = semap.Pipeline.from_table(table, threads=1, **settings)
    whole = alone.encode(texts)
    assert semap.Pipeline.from_table(table, threads=3, **settings).encode(texts).tobytes() == whole.tobytes()
    for text in (0, 1, 77, 4095, 4096, 4999):
        assert alone.encode([texts[text]])[0].tobytes() == whole[text].tobytes()
    assert alone.encode(iter(texts[::-1]))[::-1].tobytes() == whole.tobytes()


def test_a_stream_is_the_lines_of_its_files_in_order(table, tmp_path, mean):
    (tmp_path / "a.txt").write_bytes(b"cat\n\nman\r\nthe")
    (tmp_path / "b.txt").write_bytes(b"dog\n")
    expected = mean.encode(["cat", "", "man", "the", "dog"])
    for source in (tmp_path, f"{tmp_path}/*.txt", [tmp_path / "a.txt", tmp_path / "b.txt"]):
        assert np.concatenate(list(mean.stream(source))).tolist() == expected.tolist()
    assert [block.tolist() for block in mean.stream(["cat", ""])] == [[[5, 1, 0], [0, 0, 0]]]
    assert list(mean.stream([])) == []


def test_a_stream_reads_no_further_than_it_is_asked(mean):
    def texts():
        for number in range(100_000):
            assert number < 20_000, "the stream ran ahead"
            yield "cat"

    assert len(next(mean.stream(texts()))) == 4096


def test_lines_are_whole_wherever_the_chunks_of_a_file_end(mean, tmp_path):
    from semap.encode.lines import batches_of

    lines = [f"line {number} é{'x' * (number % 97)}" for number in range(60_000)]
    text = "\n".join(lines).encode()
    assert len(text) > 3_000_000  # two chunks
    (tmp_path / "long.txt").write_bytes(text)
    assert [line for batch in batches_of(tmp_path / "long.txt", 1000) for line in batch] == lines


def test_bytes_of_a_file_that_are_not_utf8_are_replaced_and_counted(table, mean, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"cat \xff\xfe dog\n\xef\xbf\xbd man\n\nbites \xc3")
    (tmp_path / "b.txt").write_bytes(b"dog\r\n\xa0")
    with pytest.warns(SemapWarning) as caught:
        found = np.concatenate(list(mean.stream([tmp_path / "a.txt", tmp_path / "b.txt"])))
    rows = {token: table[token] for token in table.tokens}
    assert found.tolist() == [((rows["cat"] + rows["dog"]) / 2).tolist(), rows["man"].tolist(), [0] * 3,
                              rows["bites"].tolist(), rows["dog"].tolist(), [0] * 3]  # fmt: skip
    messages = [str(each.message) for each in caught]
    assert any("4 times bytes that are not UTF-8 were replaced by U+FFFD, in 3 lines" in each for each in messages)


def test_scale_multiplies_the_vector_of_a_text_too(table):
    for pooling in ("mean", "max"):
        plain = semap.Pipeline.from_table(table, pooling=pooling).encode(["the cat bites"])
        scaled = semap.Pipeline.from_table(table, pooling=pooling, scale=2.5).encode(["the cat bites"])
        np.testing.assert_allclose(scaled, plain * 2.5, rtol=1e-6)


def test_fit_takes_out_what_the_texts_have_in_common(table):
    pipe = semap.Pipeline.from_table(table, sif_a=0.1)
    texts = ["the cat", "man bites dog", "cat", "the man"]
    bare = pipe.encode(texts).astype(np.float64)
    assert pipe.fit(texts) is pipe
    common = np.linalg.svd(bare)[2][0]
    np.testing.assert_allclose(pipe.encode(texts), bare - np.outer(bare @ common, common), atol=1e-6)


def test_all_components_weaken_each_direction_by_how_common_it_is(table):
    pipe = semap.Pipeline.from_table(table, sif_a=0.1)
    texts = ["the cat", "man bites dog", "cat", "the man"]
    bare = pipe.encode(texts).astype(np.float64)
    pipe.fit(texts, n_components="all")
    _, lengths, axes = np.linalg.svd(bare)
    kept = (1 + lengths**2 / np.mean(lengths**2)) ** -0.5
    np.testing.assert_allclose(pipe.encode(texts), bare @ axes.T * kept @ axes, atol=1e-6)


def test_encoding_never_fits(table):
    pipe = semap.Pipeline.from_table(table, sif_a=0.1)
    before = pipe.encode(["cat"]).tobytes()
    pipe.encode(["the man", "man bites dog"])
    assert pipe.components is None
    assert pipe.encode(["cat"]).tobytes() == before


def test_a_table_without_a_component_is_said():
    table = semap.Table(["a"], [[1.0, 2.0]], counts=[3])
    with pytest.warns(SemapWarning, match=r"no common component: SIF weights alone are used until pipe.fit"):
        semap.Pipeline.from_table(table)


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        ("cat", SettingsError, "give a list of texts; for one text write"),
        (b"cat", SettingsError, "give a list of texts"),
        (7, SettingsError, "give a list of texts"),
        (["cat", b"dog"], BadText, "text 1 is bytes .*, not str"),
        (["cat", None], BadText, "text 1 is NoneType .*, not str"),
    ],
)
def test_text_that_is_not_text_is_refused(mean, texts, error, message):
    for method in (mean.encode, mean.embed):
        with pytest.raises(error, match=message):
            method(texts)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"pooling": "median"}, SettingsError, "pooling is 'median'"),
        ({"positions": "rotary"}, SettingsError, "positions is 'rotary'"),
        ({"positions": "learned"}, SettingsError, "position_rows .* go together"),
        ({"position_rows": np.zeros((4, 3))}, SettingsError, "position_rows .* go together"),
        ({"positions": "learned", "position_rows": np.zeros((4, 2))}, ShapeError, r"\(4, 2\); the table has 3 dimensions"),
        ({"scale": 0}, SettingsError, r"scale is 0; .* sqrt\(D\) = 1.732"),
        ({"scale": "big"}, SettingsError, "scale is 'big'"),
        ({"scale": True}, SettingsError, "scale is True"),
        ({"normalize": "no"}, SettingsError, "normalize is 'no'; give True or False"),
        ({"keep_unknown": 1}, SettingsError, "keep_unknown is 1"),
        ({"characters_per_token": 0}, SettingsError, "characters_per_token is 0"),
        ({"max_length": 1.5}, SettingsError, "max_length is 1.5"),
        ({"max_length": True}, SettingsError, "max_length is True"),
        ({"threads": -1}, SettingsError, "threads is -1"),
        ({"pooling": "sif", "sif_a": 0}, SettingsError, "sif_a is 0"),
        ({"sif_a": "a"}, SettingsError, "sif_a is 'a'"),
        ({"pooling": "sif", "components": "a"}, ShapeError, r"components must be \(K, 3\) numbers"),
        ({"pooling": "sif", "components": np.full((1, 3), np.nan)}, ShapeError, "row 0 of components has a value that is NaN"),
        ({"positions": "learned", "position_rows": [[1, 2, 3], [4]]}, ShapeError, r"position_rows must be \(n, 3\) numbers"),
        ({"pooling": "sif", "components": np.zeros((1, 4))}, ShapeError, r"\(1, 4\); the table has 3 dimensions"),
        ({"pooling": "mean", "components": np.zeros((1, 3))}, SettingsError, "components are taken out of pooling"),
    ],
)
def test_settings_out_of_their_range_are_refused(table, settings, error, message):
    with pytest.raises(error, match=message):
        semap.Pipeline(Splitter(), table, **settings)


def test_what_is_no_tokenizer_is_refused(table):
    with pytest.raises(SettingsError, match=r"give a semap\.Tokenizer or a semap\.Splitter"):
        semap.Pipeline("tokenizer.json", table)


def test_sif_needs_counts_and_texts_to_fit(table):
    with pytest.raises(SettingsError, match='this table has none; use pooling="mean"'):
        semap.Pipeline(Splitter(), semap.Table(["a"], [[1.0]]), pooling="sif")
    pipe = semap.Pipeline.from_table(table)
    with pytest.raises(SettingsError, match="0 texts have a known word; 1 components need as many"):
        pipe.fit([])
    with pytest.raises(SettingsError, match="n_components is 4; give a number from 1 to 3"):
        pipe.fit(["cat"], n_components=4)
    with pytest.raises(SettingsError, match="this pipeline has 'mean'"):
        semap.Pipeline.from_table(table, pooling="mean").fit(["cat"])


def test_what_is_no_table_is_refused():
    for make in (semap.Pipeline.from_table, lambda given: semap.Pipeline(semap.Splitter(), given)):
        with pytest.raises(SettingsError, match=r"table is 'english'; give a semap.Table"):
            make("english")


def test_the_number_of_what_is_no_text_counts_from_the_first_text_of_all(mean):
    texts = ["cat"] * 5000
    texts[4500] = None
    for method in (mean.encode, mean.embed, mean.count):
        with pytest.raises(BadText, match="text 4,500 is NoneType"):
            method(texts)


def test_a_few_rows_of_a_float16_table_are_read_without_decoding_all(table):
    halves = table.quantize("float16")
    pipe = semap.Pipeline.from_table(halves, pooling="none")
    vectors, _ = pipe.embed(["cat dog"])
    assert np.array_equal(vectors[0], table.vectors[[4, 2]])
    assert halves._decoded is None


def test_a_warning_names_the_line_that_asked(table, mean):
    sif = semap.Pipeline.from_table(table, components=np.zeros((1, 3)))
    for ask in (mean.encode, mean.embed, sif.fit):
        with pytest.warns(SemapWarning, match="no token that the table knows") as caught:
            ask(["cat", "unheard"])
        assert caught[0].filename == __file__
