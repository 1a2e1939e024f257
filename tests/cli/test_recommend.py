"""`semap recommend`: train, query and evaluate, and what is said of bad input."""

import json
from dataclasses import replace

import numpy as np
import pytest


@pytest.fixture
def ratings(tmp_path):
    """A file in which some users like the even items and some the odd ones."""
    generator = np.random.default_rng(2)
    lines = []
    for user in range(30):
        for place, item in enumerate(generator.permutation(np.arange(user % 2, 20, 2))[:7]):
            lines.append(f"u{user}\ti{item}\t{generator.integers(1, 6)}\t{1000 * user + place}")
    path = tmp_path / "u.data"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def folder(semap, ratings, tmp_path):
    """A model of these ratings."""
    done = semap("recommend", "train", ratings, "-o", tmp_path / "movies", "--dim", 2, "--epochs", 4, "--threads", 1, "-q")
    assert (done.exit_code, done.stdout) == (0, "")
    return tmp_path / "movies"


def test_training_says_what_was_read_and_that_the_loss_fell(semap, ratings, tmp_path):
    done = semap("recommend", "train", ratings, "-o", tmp_path / "m", "--dim", 8, "--epochs", 4, "--json")
    facts = json.loads(done.stdout)
    assert (facts["users"], facts["items"], facts["interactions"], facts["read"]["bad_rows"]) == (30, 20, 210, 0)
    assert facts["losses"] == sorted(facts["losses"], reverse=True)
    assert (tmp_path / "m" / "items.semap").is_file()


def test_a_user_gets_items_of_their_kind_that_they_do_not_have(semap, folder, ratings):
    answer = json.loads(semap("recommend", "query", folder, "--user", "u4", "-k", 3, "--json").stdout)
    found = [each["item"] for each in answer["items"]]
    mine = {line.split("\t")[1] for line in ratings.read_text().splitlines() if line.startswith("u4\t")}
    assert len(found) == 3
    assert not mine & set(found)
    assert all(int(item[1:]) % 2 == 0 for item in found)


def test_somebody_new_gets_items_by_their_history(semap, folder):
    done = semap("recommend", "query", folder, "--history", "i1", "--history", "i5", "-k", 3)
    items = [line.split()[0] for line in done.stdout.splitlines()]
    assert len(items) == 3
    assert all(int(item[1:]) % 2 == 1 for item in items)


def test_a_recommendation_is_explained_by_items_of_the_user(semap, folder, ratings):
    answer = json.loads(semap("recommend", "query", folder, "--user", "u4", "--explain", "i2", "-k", 4, "--json").stdout)
    mine = {line.split("\t")[1] for line in ratings.read_text().splitlines() if line.startswith("u4\t")}
    assert {each["item"] for each in answer["items"]} <= mine


def test_the_items_are_a_table(semap, folder):
    assert len(semap("similar", folder / "items.semap", "i4", "-k", 3).stdout.splitlines()) == 3


@pytest.mark.parametrize("more", [("--split", "last"), ("--split", "random"), ("--values", "ones"), ("--values", "log")])
def test_an_evaluation_prints_the_baselines_beside_the_model(semap, ratings, more):
    done = semap("recommend", "evaluate", ratings, "--dim", 8, "--epochs", 4, "-k", 5, "-q", *more)
    assert done.exit_code == 0
    names = {line.split()[0] for line in done.stdout.splitlines()[1:5]}
    assert names == {"ImplicitALS", "EASE", "item-kNN", "popularity"}
    assert "recall is over the user's test items" in done.stdout


@pytest.mark.parametrize(("split", "more"), [("last", []), ("random", ["--share", 0.4])])
def test_an_evaluation_is_what_the_same_steps_give_in_python(semap, ratings, split, more):
    from semap import ImplicitALS, read_interactions
    from semap.evaluate import ranking
    from semap.interactions.splits import leave_last_out, random_split

    done = semap(
        "recommend", "evaluate", ratings, "--split", split, "--seed", 5, "--dim", 8, "--epochs", 4, "-k", 5, "--json", *more
    )
    data = read_interactions(ratings)
    parts = leave_last_out(data) if split == "last" else random_split(data, 0.4, seed=5)
    model = ImplicitALS(dim=8, epochs=4, seed=5).fit(parts.train)
    wanted = ranking(model, parts.train, parts.test, 5)
    found = {each["name"]: each for each in json.loads(done.stdout)["scores"]}
    for scores in wanted.scores:
        assert found[scores.name] | {"seconds": 0} == scores.as_dict() | {"seconds": 0}


@pytest.mark.parametrize("values", ["given", "ones", "log"])
def test_weights_thresholds_and_the_denominator_reach_the_evaluation(semap, ratings, values):
    from semap import ImplicitALS, read_interactions
    from semap.evaluate import ranking
    from semap.interactions.splits import random_split

    more = ["--values", values, "--min-value", 2, "--denominator", "reachable", "--dim", 4, "--epochs", 3, "-k", 2]
    done = semap("recommend", "evaluate", ratings, "--split", "random", "--share", 0.6, *more, "--no-baselines", "--json")
    data = read_interactions(ratings, min_value=2)
    weights = {"given": data.values, "ones": None, "log": np.log1p(data.values)}[values]
    parts = random_split(replace(data, values=weights), 0.6)
    model = ImplicitALS(dim=4, epochs=3).fit(parts.train)
    wanted = ranking(model, parts.train, parts.test, 2, baselines=False, denominator="reachable").scores[0]
    assert json.loads(done.stdout)["scores"][0] | {"seconds": 0} == wanted.as_dict() | {"seconds": 0}
    assert ranking(model, parts.train, parts.test, 2, baselines=False).scores[0].recall < wanted.recall


def test_items_that_a_user_has_come_back_when_asked_for(semap, folder):
    for new in (["--user", "u4"], ["--history", "i1", "--history", "i5"]):
        without = json.loads(semap("recommend", "query", folder, *new, "-k", 99, "--json").stdout)["items"]
        every = json.loads(semap("recommend", "query", folder, *new, "-k", 99, "--seen", "--json").stdout)["items"]
        assert len(every) == 20 > len(without)


def test_low_ratings_are_left_out_of_a_test_file_too(semap, tmp_path):
    rows = [f"u{n},i{item},{5 - (n == item)}\n" for n in range(4) for item in range(3)]
    (tmp_path / "train.csv").write_text("".join([*rows, "u9,i3,5\n"]))
    (tmp_path / "test.csv").write_text("u0,i3,5\nu1,i3,1\n")
    done = semap("recommend", "evaluate", tmp_path / "train.csv", "--test", tmp_path / "test.csv", "--min-value", 3,
                 "--dim", 2, "-k", 2, "--no-baselines", "--json", "-q")  # fmt: skip
    assert json.loads(done.stdout)["n_test"] == 1


def test_errors_of_ratings_are_of_those_moved_to_the_stars_there_are(semap, ratings):
    from semap import RatingMF, evaluate, read_interactions
    from semap.interactions.splits import random_split

    tuned = ["--dim", 2, "--regularization", 0.001, "--split", "random", "-k", 2]
    done = semap("recommend", "evaluate", ratings, "--model", "rating-mf", *tuned, "--no-baselines", "--json")
    parts = random_split(read_interactions(ratings), 0.2)
    model = RatingMF(dim=2, regularization=0.001).fit(parts.train)
    found = json.loads(done.stdout)["errors"]
    assert found == evaluate.ratings(model, parts.test, clip=(1, 5)).as_dict()
    assert found["rmse"] < evaluate.ratings(model, parts.test).rmse


def test_lists_longer_than_the_catalogue_are_said_to_be_shorter(semap, ratings):
    done = semap("recommend", "evaluate", ratings, "--dim", 2, "--epochs", 2, "-k", 99, "-q", "--no-baselines")
    assert done.exit_code == 0
    assert "Recall@20" in done.stdout
    assert "the catalogue has 20 items, so lists of 99 are lists of 20" in done.stdout


def test_a_model_of_ratings_says_how_far_off_it_is(semap, ratings):
    done = semap("recommend", "evaluate", ratings, "--model", "rating-mf", "--dim", 2, "--split", "random", "-k", 5, "-q")
    assert done.exit_code == 0
    assert "expected ratings: RMSE" in done.stdout


def test_a_spectral_model_is_trained_without_losses(semap, ratings, tmp_path):
    done = semap("recommend", "train", ratings, "-o", tmp_path / "m", "--model", "spectral", "--dim", 4)
    assert done.exit_code == 0
    assert "SpectralCF, dim 4" in done.stdout
    assert "loss" not in done.stdout


def test_a_learning_rate_is_a_setting_of_bpr_alone(semap, ratings, tmp_path):
    train = ("recommend", "train", ratings, "-o", tmp_path / "m", "--dim", 4, "--epochs", 2, "--learning-rate", 0.1)
    done = semap(*train, "--model", "bpr")
    assert done.exit_code == 0
    assert "BPR, dim 4" in done.stdout
    assert "--learning-rate is no setting of --model als (ImplicitALS)" in semap(*train).stderr


def test_a_setting_that_the_model_does_not_have_is_refused(semap, ratings):
    done = semap("recommend", "evaluate", ratings, "--model", "rating-mf", "--unobserved-weight", 0.5)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "--unobserved-weight is no setting of --model rating-mf (RatingMF)" in done.stderr


def test_a_test_part_of_its_own_is_read_with_the_ids_of_the_other(semap, tmp_path):
    (tmp_path / "train.txt").write_text("0 10 20 30\n1 20 30 40\n2 10 40\n")
    (tmp_path / "test.txt").write_text("0 40 99\n1 10\n")
    done = semap("recommend", "evaluate", tmp_path / "train.txt", "--test", tmp_path / "test.txt", "--layout", "lists",
                 "--dim", 4, "--epochs", 2, "-k", 2, "--json", "-q")  # fmt: skip
    report = json.loads(done.stdout)
    assert (report["n_users"], report["n_test"], report["k"], report["split"]) == (2, 2, 2, "given")
    assert "1 of 3 interactions were left out" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("query", "{folder}", "--user", "nobody"), 1, "'nobody' is not among"),
        (("query", "{folder}", "--history", "i99"), 1, "the model knows 0"),
        (("query", "{folder}"), 2, "give --user USER"),
        (("query", "{folder}", "--history", "i1", "--explain", "i2"), 2, "needs --user"),
        (("query", "nowhere", "--user", "u1"), 1, "nowhere"),
        (("train", "{bad}", "-o", "{folder}"), 1, "line 2: expected 3 fields (user, item, rating)"),
        (("train", "nowhere.csv", "-o", "{folder}"), 1, "there is no file 'nowhere.csv'"),
        (("evaluate", "{bad}", "--skip-bad-rows"), 1, "--split last needs times"),
        (("evaluate", "{bad}", "--columns", "user,stars"), 1, "'stars'; its names are"),
        (("evaluate", "{bad}", "--skip-bad-rows", "--split", "random"), 1, "nothing to test"),
    ],
)
def test_bad_input_is_one_line(semap, folder, tmp_path, arguments, code, message):
    bad = tmp_path / "bad.csv"
    bad.write_text("a,x,3\nb,y,good\nc,z,4\n")
    done = semap("recommend", *(each.format(folder=folder, bad=bad) for each in arguments))
    assert done.exit_code == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_bad_rows_can_be_skipped_and_are_counted(semap, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("a,x,3\nb,y,good\nc,z,4\n")
    done = semap("recommend", "train", bad, "-o", tmp_path / "m", "--skip-bad-rows", "--dim", 4, "-q")
    assert done.exit_code == 0
    assert "1 of 3 rows were left out; the first is line 2" in done.stderr
