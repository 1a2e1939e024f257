"""Documents found for queries."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import semap
from semap.errors import BadFile, EmptyGold, FileMissing, SemapWarning, SettingsError
from semap.evaluate import BM25, Collection, Hybrid, read_collection, retrieval

CRANFIELD = Path(__file__).parents[2] / "../shared/data/sentence/cranfield"
DOCUMENTS = {"d9": "the red fox", "d4": "the dog and the dog", "d7": "a cat", "d1": "dog fox wing wing"}


class Fixed:
    """Ranks documents in the order given, whatever the query."""

    def __init__(self, *order):
        self.order = np.array(order)

    def rank(self, documents, queries):
        return [self.order for _ in queries]


def test_ndcg_and_recall_on_paper():
    collection = Collection(DOCUMENTS, {"q": "any"}, {"q": {"d4": 1.0, "d1": 3.0, "d7": 1.0}})
    scores = retrieval(Fixed(3, 0, 1), collection, k=2)  # d1, d9, d4; the first two count
    best = 3 + 1 / math.log2(3)
    assert scores.ndcg == pytest.approx(3 / best)
    assert scores.recall == pytest.approx(1 / 3)
    assert retrieval(Fixed(3, 1, 2), collection, k=10).ndcg == pytest.approx(1)
    assert retrieval(Fixed(), collection).ndcg == 0


def test_bm25_on_paper():
    # "dog" stands in documents 1 (twice, of 5 words) and 3 (once, of 4); N = 4, mean length 3.5
    order = BM25(k1=1.2, b=0.75).rank(list(DOCUMENTS.values()), ["dog", "zebra", "fox dog"])
    rarity = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    twice = rarity * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 5 / 3.5))
    once = rarity * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 4 / 3.5))
    shorter = rarity * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 3 / 3.5))  # document 0, for fox
    assert twice > shorter > once
    assert 2 * once > twice
    assert [each.tolist() for each in order] == [[1, 3], [], [3, 1, 0]]


def test_bm25_settings_out_of_range_are_refused():
    with pytest.raises(SettingsError, match=r"k1 is -1 and b 0\.75"):
        BM25(k1=-1)


def test_a_hybrid_adds_reciprocal_ranks():
    # document 2: 1/62 + 1/61; 0: 1/61; 1: 1/62 + 1/63 ... 2 first, then 1 (two lists), then 0
    order = Hybrid([Fixed(0, 2, 1), Fixed(2, 1)]).rank(["", "", "", ""], ["q"])[0]
    assert order.tolist() == [2, 1, 0]


def test_encoders_rank_by_cosine():
    table = semap.Table(["dog", "fox", "cat"], np.eye(3))
    pipe = semap.Pipeline.from_table(table, pooling="mean")
    collection = Collection({"x": "cat", "y": "dog fox", "z": "dog"}, {"q": "dog"}, {"q": {"z": 1.0}})
    assert retrieval(pipe, collection, k=1).ndcg == 1
    with pytest.raises(SettingsError, match="neither rank nor encode"):
        retrieval(object(), collection)
    with pytest.raises(SettingsError, match="k is 0"):
        retrieval(pipe, collection, k=0)


def test_texts_without_a_vector_find_nothing_and_are_not_found():
    table = semap.Table(["dog", "cat", "fox"], [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])
    pipe = semap.Pipeline.from_table(table, pooling="mean")
    documents = {"d3": "unheard of", "d8": "dog", "d2": "cat"}
    collection = Collection(documents, {"q": "dog", "lost": "zebra"}, {"q": {"d2": 1.0}, "lost": {"d3": 1.0}})
    with pytest.warns(SemapWarning, match="no token that the table knows"):
        scores = retrieval(pipe, collection)
    with pytest.warns(SemapWarning, match="no token that the table knows"):
        orders = Hybrid([pipe]).rank(list(documents.values()), ["dog", "zebra"])
    assert [order.tolist() for order in orders] == [[1, 2], []]
    assert scores.ndcg == pytest.approx((1 / math.log2(3) + 0) / 2)  # d2 comes second for "dog": d3 is not before it
    assert scores.recall == 0.5


def test_a_hybrid_of_nothing_and_a_cut_that_is_none_are_refused():
    for settings in ({"systems": []}, {"systems": [BM25()], "constant": -1.0}):
        with pytest.raises(SettingsError, match="give at least one and a number from 0"):
            Hybrid(**settings)
    for k in (0, 1.5, True):
        with pytest.raises(SettingsError, match="k is"):
            retrieval(BM25(), Collection(DOCUMENTS, {"q": "dog"}, {"q": {"d4": 1.0}}), k=k)


@pytest.fixture
def files(tmp_path):
    documents = "".join(f"<doc>\n<docno> {n}</docno><title>t{n}</title><text>body\n{n}</text></doc>\n" for n in ("8", "3"))
    (tmp_path / "d.xml").write_text(documents)
    (tmp_path / "q.xml").write_text(
        "<top><num> 40</num><title>\nfirst ?</title></top><top><num>70</num><title>second</title></top>"
    )
    (tmp_path / "j.txt").write_text("2 0 3 1\n2 0 8 0\n")
    return tmp_path / "d.xml", tmp_path / "q.xml", tmp_path / "j.txt"


def test_a_collection_is_read_and_queries_counted_where_judgements_count_them(files):
    found = read_collection(*files)
    assert found.documents == {"8": "t8 body 8", "3": "t3 body 3"}
    assert found.queries == {"2": "second"}
    assert found.relevant == {"2": {"3": 1.0}}
    files[2].write_text("40 0 8 2\n")
    assert read_collection(*files).queries == {"40": "first ?"}


@pytest.mark.parametrize(
    ("judgements", "error", "message"),
    [
        ("2 0 9 1\n", BadFile, "1 ids are those of no query and no document, the first: '9'"),
        ("5 0 8 1\n", BadFile, "the first: '5'"),
        ("2 0 8\n", BadFile, "line 1 is not query, 0, document, grade"),
        ("2 0 8 0\n", EmptyGold, "judges no document relevant"),
    ],
)
def test_judgements_that_do_not_fit_are_refused(files, judgements, error, message):
    files[2].write_text(judgements)
    with pytest.raises(error, match=message):
        read_collection(*files)


def test_missing_and_broken_files_are_said(files, tmp_path):
    with pytest.raises(FileMissing):
        read_collection(tmp_path / "nowhere", *files[1:])
    files[0].write_text("<doc><docno>1</docno></doc>")
    with pytest.raises(BadFile, match="part 1 lacks one of <docno>, <title>, <text>"):
        read_collection(*files)
    files[0].write_text("")
    with pytest.raises(EmptyGold):
        read_collection(*files)


def test_a_hybrid_beats_bm25_on_cranfield():
    if not CRANFIELD.is_dir():
        pytest.skip(f"{CRANFIELD} is not there")
    pytest.importorskip("tokenizers", reason="the extra `encode` is not installed")
    collection = read_collection(*(CRANFIELD / name for name in ("cran.all.1400.xml", "cran.qry.xml", "cranqrel.trec.txt")))
    pipe = semap.Pipeline.load(CRANFIELD.parents[1] / "formats/model2vec_int8")
    pipe.max_length = None
    words = retrieval(BM25(), collection)
    assert (words.n_queries, words.n_documents) == (225, 1400)
    assert words.ndcg == pytest.approx(0.36, abs=0.005)
    assert retrieval(Hybrid([BM25(), pipe]), collection).ndcg >= words.ndcg + 0.01
