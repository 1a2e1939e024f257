"""`semap map` at the command line: what it writes, prints and refuses."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from semap.cli.app import app
from semap.map import open_chart
from semap.table.table import Table

TOKENS = ["man", "woman", "king", "queen", "common", "royal", *(f"word{number}" for number in range(40))]
CORNERS = [[-1, 0], [1, 0], [-1, 4], [1, 4], [0, -1], [0, 5]]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """The path of a table in which gender is the first number and royalty the second."""
    rng = np.random.default_rng(5)
    vectors = np.concatenate([np.array(CORNERS, float), rng.normal(size=(40, 2))])
    vectors = np.concatenate([vectors, np.full((len(TOKENS), 1), 2), rng.normal(scale=0.1, size=(len(TOKENS), 3))], axis=1)
    path = tmp_path_factory.mktemp("table") / "royal.semap"
    Table(TOKENS, vectors, counts=np.arange(len(TOKENS), 0, -1) * 5).save(path)
    return path


@pytest.fixture
def semap_map(table):
    """Run `semap map` on the table."""

    def run(*arguments):
        return CliRunner().invoke(app, ["map", str(table), *map(str, arguments)], catch_exceptions=False)

    return run


def test_two_axes_and_words_print_the_four_quadrants(semap_map):
    done = semap_map("--x", "man:woman", "--y", "common:royal", "--words", "king,queen,man,woman")
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split("  ")[0] == "token"
    assert "man → woman" in lines[0]
    assert "common → royal" in lines[0]
    signs = {line.split()[0]: tuple(number.startswith("-") for number in line.split()[1:3]) for line in lines[1:5]}
    assert signs == {"king": (True, False), "queen": (False, False), "man": (True, True), "woman": (False, True)}


def test_json_without_an_output_holds_every_point(semap_map):
    document = json.loads(semap_map("--method", "pca", "--top", 12, "--json", "--quiet").stdout)
    assert [point["token"] for point in document["points"]] == TOKENS[:12]
    assert document["tokens"] == 12
    assert document["of"] == len(TOKENS)


def test_one_run_writes_a_page_pictures_and_coordinates(semap_map, table, tmp_path):
    outputs = [tmp_path / f"map{ending}" for ending in (".html", ".png", ".svg", ".map")]
    flags = [flag for path in outputs for flag in ("-o", path)]
    done = semap_map("--method", "pca", "--analogy", "man,king,woman", "--title", "Royals <&>", *flags, "--json", "--quiet")
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert [each["path"] for each in document["outputs"]] == [str(path) for path in outputs]
    assert [each["bytes"] for each in document["outputs"]] == [path.stat().st_size for path in outputs]
    assert document["links"] == [["man", "king"], ["woman", "queen"]]
    assert "Royals &lt;&amp;&gt;" in outputs[0].read_text(encoding="utf-8")
    assert outputs[1].read_bytes().startswith(b"\x89PNG")
    assert open_chart(outputs[3], Table(TOKENS, _vectors(table), counts=None)).title == "Royals <&>"


def _vectors(path):
    from semap.table.file import open_table

    return open_table(path).vectors


def test_what_was_written_is_said_unless_quiet(semap_map, tmp_path):
    told = semap_map("--method", "pca", "-o", tmp_path / "a.svg").stdout
    assert told.startswith(f"wrote {tmp_path / 'a.svg'}: all 46 tokens")
    assert semap_map("--method", "pca", "-o", tmp_path / "a.svg", "--quiet").stdout == ""


def test_the_projector_gets_a_folder(semap_map, tmp_path):
    done = semap_map("--method", "pca", "-o", tmp_path / "new", "--to", "projector")
    assert done.exit_code == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["metadata.tsv", "tensors.tsv"]
    assert (tmp_path / "new" / "metadata.tsv").read_text().splitlines()[:2] == ["token\tcount", "man\t230"]


def test_words_come_from_a_file_too(semap_map, tmp_path):
    (tmp_path / "words.txt").write_text("queen\nword7\n\nroyal\n")
    document = json.loads(semap_map("--words-from", tmp_path / "words.txt", "--words", "man", "--method", "pca", "--json").stdout)
    assert [point["token"] for point in document["points"]] == ["man", "queen", "word7", "royal"]


def test_metadata_colours_the_map(semap_map, tmp_path):
    (tmp_path / "facts.tsv").write_text("token\trank\nking\thigh\nman\tlow\n")
    done = semap_map("--method", "pca", "--metadata", tmp_path / "facts.tsv", "-o", tmp_path / "a.svg")
    assert done.exit_code == 0, done.stderr
    assert {">high<", ">low<", ">no value<"} <= {part for part in (">high<", ">low<", ">no value<") if part in _text(tmp_path)}


def _text(folder):
    return (folder / "a.svg").read_text(encoding="utf-8")


def test_the_same_command_writes_the_same_bytes(semap_map, tmp_path):
    for name in ("a.svg", "b.svg"):
        semap_map("--method", "pca", "-o", tmp_path / name, "--threads", 1 if name == "a.svg" else 3)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_umap_is_the_default_and_how_long_it_takes_is_said_before(semap_map, monkeypatch):
    words = ",".join(TOKENS[:12])
    assert "UMAP of" not in semap_map("--words", words).stderr
    monkeypatch.setattr("semap.map.coordinates.expected_seconds", lambda n_points: n_points * 10.0)
    done = semap_map("--words", words, "--json")
    assert "UMAP of 12 tokens takes about 120 s, on one thread" in done.stderr
    assert json.loads(done.stdout)["method"] == "umap"
    assert "UMAP of" not in semap_map("--words", words, "--quiet").stderr
    assert "UMAP of" not in semap_map("--words", words, "--method", "pca").stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 2, "give -o OUT, or up to 100 --words"),
        (["--words", "king,queeen,man"], 1, "did you mean 'queen'"),
        (["--words", "king,queen"], 1, "2 tokens make no map"),
        (["--words", "king,,man"], 2, "no list of tokens"),
        (["--x", "man", "--words", "king,queen,man"], 2, "no axis"),
        (["--x", "man:woman:x", "--words", "king,queen,man"], 2, "no axis"),
        (["--x", "man:woman", "--words", "king,queen,man"], 1, "there is no y"),
        (["--clusters", "some", "--words", "king,queen,man"], 2, "neither auto nor a whole number"),
        (["--analogy", "man,king", "--words", "king,queen,man", "--method", "pca"], 1, "three or four different tokens"),
        (["--method", "tsne", "--words", "king,queen,man"], 2, "tsne"),
        (["--top", "0", "--words", "king,queen,man"], 2, "top"),
        (["--to", "projector", "--words", "king,queen,man"], 2, "give -o FOLDER"),
        (["-o", "map.jpg"], 1, "its ending says no form"),
        (["-o", "no/where/map.svg"], 1, "no/where/map.svg"),
        (["--color", "topic", "--words", "king,queen,man", "--method", "pca"], 1, "can be coloured by 'frequency'"),
        (["--metadata", "missing.tsv", "--words", "king,queen,man"], 1, "missing.tsv"),
    ],
)
def test_wrong_usage_and_bad_input_are_one_sentence(semap_map, arguments, code, told):
    done = semap_map(*arguments)
    assert done.exit_code == code
    assert told in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_the_table_is_not_overwritten(semap_map, table, tmp_path):
    page = tmp_path / "royal.map"
    page.symlink_to(table)
    done = semap_map("--method", "pca", "-o", page)
    assert done.exit_code == 1
    assert "is one of the inputs" in done.stderr


def test_a_table_of_one_dimension_and_a_damaged_one_are_refused(tmp_path):
    Table(["a", "b", "c"], [[1], [2], [3]]).save(tmp_path / "line.semap")
    (tmp_path / "odd.semap").write_bytes(b"not a table")
    for name, told in (("line", "has 1 dimension"), ("odd", "odd.semap")):
        done = CliRunner().invoke(app, ["map", str(tmp_path / f"{name}.semap"), "-o", str(tmp_path / "a.svg"), "--method", "pca"])
        assert done.exit_code == 1
        assert told in done.stderr


def test_a_library_that_is_not_installed_is_named_before_any_work(semap_map, tmp_path, monkeypatch):
    import sys

    from semap.map import picture_backend

    for name, library in (("matplotlib", "a.svg"), ("plotly.offline", "a.html"), ("umap", None)):
        with monkeypatch.context() as patched:
            picture_backend._library.cache_clear()
            patched.setitem(sys.modules, name, None)
            flags = ["-o", tmp_path / library, "--method", "pca"] if library else ["--words", "king,queen,man"]
            done = semap_map(*flags)
        assert done.exit_code == 1, name
        assert "pip install 'semap[map]'" in done.stderr
    picture_backend._library.cache_clear()
