"""What the shared suite needs to know of a learner: what it learns from, how it goes on, and what it cannot do."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import numpy as np

from semap.corpus.corpus import Corpus
from semap.graph.graph import Graph
from semap.interactions.interactions import Interactions
from semap.vocab.vocab import Vocab


def digest(*parts):
    """Bytes, arrays, and what JSON holds, in 64 digits."""
    total = hashlib.sha256()
    for part in parts:
        if not isinstance(part, np.ndarray | bytes):
            part = json.dumps(part, sort_keys=True).encode()
        total.update(part.tobytes() if isinstance(part, np.ndarray) else part)
    return total.hexdigest()


class Adapter:
    """A learner with settings that are quick, and data made for it. Every property is a promise that a test holds it to."""

    seeded = True  # False: `seedless` says why
    seedless = ""
    threads_change_nothing = True  # False: equal bits for equal `threads` only, and about the same for others
    goes_on = frozenset()  # of "checkpoint" and "init"; empty: it learns in one step, so that there is nothing to go on from
    tells_progress = True  # False: one step of NumPy, with nothing to tell
    frozen = True  # a frozen dataclass of settings; False for a method that takes its settings as arguments
    has_losses = True
    of = ""  # the name in `semap` or `semap.torch`, where the settings are not an object of that class
    empty_says = "give"
    never_climbs = False  # the loss is lowered exactly, so that no epoch may raise it
    first_state = 0.0  # a checkpoint is there once this share is done

    def __init__(self, learner, **more):
        self.learner = learner
        self.__dict__.update(more)

    @property
    def learned_by(self):
        """The public name."""
        return self.of or type(self.learner).__name__

    def changed(self, **changes):
        """The same learner with some other settings."""
        return dataclasses.replace(self.learner, **changes)

    def fit(self, learner, data, **more):
        """The result."""
        return learner.fit(data, **more)

    def losses(self, result):
        """What was lowered, after each epoch."""
        return result.losses

    def kept(self, result):
        """The settings and the fingerprint that a result keeps."""
        return result.settings, result.users.metadata["interactions"]

    def fingerprint(self, data):
        """What the result should have kept of its data; None where only the learner sees the coded rows."""
        return data.fingerprint()


class Tables(Adapter):
    """Learners whose result is a Table."""

    def bits(self, result):
        """Everything learned."""
        outputs = b"" if result.output_vectors is None else result.output_vectors
        return digest(result.vectors, outputs, list(result.tokens), result.metadata)

    def finite(self, result):
        """Whether every number is."""
        return np.isfinite(result.vectors).all()

    def reopened(self, result, folder):
        """Saved and opened."""
        from semap.formats.load import load

        result.save(folder / "t.semap")
        return load(folder / "t.semap")

    def losses(self, result):
        return result.metadata["training"]["losses"]

    def kept(self, result):
        return result.metadata["settings"], result.metadata["corpus"]["fingerprint"]


class Words(Tables):
    goes_on = frozenset({"checkpoint"})

    def data(self):
        """2,000 words in texts of one topic each."""
        rng = np.random.default_rng(5)
        texts = []
        for _ in range(100):
            topic = rng.integers(0, 6)
            texts.append([f"w{topic}_{word}" for word in rng.integers(0, 25, 20)])
        return corpus_of(texts)

    def state(self, data):
        """All that the data are, to see whether something changed."""
        return digest(data.ids, data.offsets, list(data.vocab.tokens), data.vocab.counts, data.facts)

    def empty(self):
        """Data that hold nothing."""
        return {"no text": corpus_of([])}

    def single(self):
        """Data that hold one thing; a str is what the error says."""
        return {"one word": corpus_of([["one"]]), "one word again and again": corpus_of([["one"] * 9]),
                "two words": corpus_of([["a", "b"]])}  # fmt: skip


class Composing(Words):
    """Words with n-grams: their rows are learned, too."""

    def bits(self, result):
        stored = result.subwords.to_stored()
        return digest(super().bits(result), stored.rows.decode(), stored.buckets, stored.settings())

    def finite(self, result):
        return super().finite(result) and np.isfinite(result.subwords.to_stored().rows.decode()).all()


class Pairs(Words):
    """Words that belong together: counted, not learned."""

    seeded, seedless = False, "counting pairs of words draws nothing"
    goes_on = frozenset()
    has_losses = False

    def bits(self, result):
        return digest(
            result.parts, result.offsets, result.scores, result.counts, list(result.words), result.settings, result.facts
        )

    def finite(self, result):
        return np.isfinite(result.scores).all()

    def reopened(self, result, folder):
        result.save(folder / "p.phrases")
        return type(result).load(folder / "p.phrases")

    def kept(self, result):
        return result.settings, result.facts["fingerprint"]


class Nodes(Tables):
    """ProNE and NetMF: matrices are factorised in one step."""

    has_losses = False

    def data(self):
        """Six cliques of six nodes in a ring: node "300 + 6 c + i"."""
        edges = []
        for clique in range(6):
            own = [300 + 6 * clique + i for i in range(6)]
            edges += [(a, b) for a in own for b in own if a < b]
            edges.append((own[0], 300 + 6 * ((clique + 1) % 6) + 5))
        return graph_of(edges)

    def state(self, data):
        return digest(data.indptr, data.neighbours, list(data.vocab.tokens), data.vocab.counts, data.facts)

    def empty(self):
        return {f"{n} nodes without an edge": Graph(
            Vocab([f"n{7 - node}" for node in range(n)], [0] * n), np.zeros(n + 1, np.int64), np.zeros(0, np.int32), None,
            directed=False,
        ) for n in (0, 2)}  # fmt: skip

    empty_says = "needs at least one edge"

    def single(self):
        return {"one node with a loop": graph_of([(5, 5)]), "two nodes": graph_of([(5, 3)])}


class Walking(Nodes):
    goes_on = frozenset({"checkpoint"})
    has_losses = True

    def fingerprint(self, data):
        return self.learner.walks(data).fingerprint()


class People(Adapter):
    goes_on = frozenset({"init"})
    never_climbs = True

    def data(self):
        """90 users and 40 items in 4 groups; three of four interactions lie inside a user's own group."""
        rng = np.random.default_rng(4)
        users, items = [f"user{n}" for n in rng.permutation(90)], [f"item{n}" for n in rng.permutation(40)]
        pairs = set()
        for user in range(90):
            for _ in range(10):
                group = user % 4 if rng.random() < 0.75 else int(rng.integers(4))
                pairs.add((users[user], items[int(rng.integers(10)) * 4 + group]))
        pairs = sorted(pairs)
        return interactions_of(pairs, users, items, rng.integers(1, 6, len(pairs)))

    def state(self, data):
        return digest(data.user_ids, data.item_ids, data.values, list(data.users.tokens), list(data.items.tokens), data.facts)

    def bits(self, result):
        biases = () if result.biases is None else result.biases
        parts = (result.users.vectors, result.items.vectors, *biases, result.mean, result.losses, result.settings)
        return digest(*parts, list(result.users.tokens), list(result.items.tokens))

    def finite(self, result):
        return np.isfinite(result.scores(list(result.users.tokens))).all()

    def reopened(self, result, folder):
        from semap.recommend.model import Recommender

        result.save(folder / "model")
        return Recommender.load(folder / "model")

    def empty(self):
        return {"users and items only": interactions_of([], ["b", "a"], ["x"], [])}

    def single(self):
        return {
            "one pair": interactions_of([("a", "x")], ["a"], ["x"], [2]),
            "one user": interactions_of([("a", "x"), ("a", "z")], ["a"], ["y", "x", "z"], [1, 2]),
            "one item": interactions_of([("b", "x"), ("a", "x")], ["c", "b", "a"], ["x"], [1, 2]),
        }


class Sampled(People):
    never_climbs = False


class Spectral(People):
    goes_on = frozenset()
    has_losses = False


class Torch(Adapter):
    """Equal bits for an equal number of threads; torch adds in another order with another number."""

    threads_change_nothing = False
    goes_on = frozenset({"checkpoint"})
    first_state = 1 / 3  # after each of 3 epochs

    def bits(self, result):
        return digest(*(each.numpy() for each in result._network.state_dict().values()), result.facts)

    def finite(self, result):
        return all(np.isfinite(each.numpy()).all() for each in result._network.state_dict().values())

    def losses(self, result):
        return result.facts["losses"]

    def kept(self, result):
        return result.settings.settings(), result.facts["fingerprint"]

    def fingerprint(self, data):
        return None


class Columns(Torch):
    def data(self):
        """Shops with even numbers are dear, and a discount lowers the price."""
        rng = np.random.default_rng(6)
        shops, discounts = rng.integers(0, 12, 200), rng.uniform(0, 2, 200)
        prices = 10 + 5 * (shops % 2 == 0) - 3 * discounts + rng.normal(0, 0.1, 200)
        return {"shop": [f"shop{n}" for n in shops], "discount": discounts.tolist(), "price": prices.tolist()}

    def fit(self, learner, data, **more):
        return learner.fit(data, target="price", **more)

    def state(self, data):
        return digest(data)

    def outputs(self, result, data):
        """What it says of the data."""
        return result.predict(data)

    def reopened(self, result, folder):
        result.save(folder / "m.semap")
        return type(result).load(folder / "m.semap", threads=1)

    def empty(self):
        return {"columns without a row": {"shop": [], "price": []}}

    def single(self):
        return {
            "one row": {"shop": ["shop3"], "price": [4.0]},
            "one row of a class": ({"shop": ["a"], "price": ["dear"]}, "give"),
        }


class Texts(Torch):
    def data(self):
        rng = np.random.default_rng(7)
        labels = [("sea", "wood", "town")[number % 3] for number in range(60)]
        return [" ".join(f"{label}{word}" for word in rng.choice(30, 6)) for label in labels], labels

    def fit(self, learner, data, **more):
        return learner.fit(*data, **more)

    def state(self, data):
        return digest(data)

    def outputs(self, result, data):
        return result.predict_proba(data[0])

    def reopened(self, result, folder):
        result.save(folder / "m.semap")
        return type(result).load(folder / "m.semap", threads=1)

    def empty(self):
        return {"no text": ([], [])}

    def single(self):
        return {"two texts of a word": (["a", "b"], ["x", "y"]), "one text": ((["a"], ["x"]), "give")}


@dataclasses.dataclass(frozen=True)
class Wanted:
    """The arguments of `Tokenizer.train`."""

    kind: str
    vocab_size: int = 300
    min_count: int = 1
    threads: int = 0


class Pieces(Adapter):
    of = "Tokenizer"
    seeded, seedless = False, "counting words and merging the most frequent pair draws nothing"
    frozen = False
    has_losses = False

    def data(self):
        return ["the low lower lowest tide", "newer and newest", "the wide, wider and widest river"] * 20

    def fit(self, learner, data, **more):
        from semap.tokenize.tokenizer import Tokenizer

        return Tokenizer.train(data, **dataclasses.asdict(learner), **more)

    def state(self, data):
        return digest(data)

    def bits(self, result):
        return digest(result.to_json())

    def finite(self, result):
        return len(result) > 0

    def reopened(self, result, folder):
        result.save(folder / "tokenizer.json")
        return type(result).load(folder / "tokenizer.json")

    def empty(self):
        return {"no text": [], "blank texts": ["", ""]}

    def single(self):
        return {"one letter": ["a"], "one word": ["word"]}


@dataclasses.dataclass(frozen=True)
class Common:
    """The settings of a Pipeline whose common component is found."""

    threads: int = 0


class Means(Adapter):
    of = "Pipeline"
    seeded, seedless = False, "the mean of vectors and its largest direction draw nothing"
    frozen = False
    has_losses = False
    tells_progress = False

    def data(self):
        return ["cat dog", "dog mouse mouse", "mouse cat", "cat"] * 5

    def fit(self, learner, data, **more):
        import warnings

        from semap.encode.pipeline import Pipeline
        from semap.table.table import Table

        vectors = np.random.default_rng(8).standard_normal((3, 5)).astype(np.float32)
        with warnings.catch_warnings():  # that the table has no component yet
            warnings.simplefilter("ignore")
            pipe = Pipeline.from_table(Table(["mouse", "cat", "dog"], vectors, counts=[9, 5, 2]), pooling="sif", **vars(learner))
        return pipe.fit(data, **more)

    def state(self, data):
        return digest(data)

    def bits(self, result):
        return digest(result.components, result.encode(["cat mouse", "dog"]))

    def finite(self, result):
        return np.isfinite(result.components).all()

    def reopened(self, result, folder):
        result.save(folder / "pipe")
        return type(result).load(folder / "pipe")

    def empty(self):
        return {"no text": []}

    def single(self):
        return {"one word": ["cat"]}


def corpus_of(texts):
    """A Corpus of lists of words; ids by falling count, ties in byte order."""
    counts = {}
    for text in texts:
        for word in text:
            counts[word] = counts.get(word, 0) + 1
    words = sorted(counts, key=lambda word: (-counts[word], word.encode()))
    row = {word: token_id for token_id, word in enumerate(words)}
    ids = np.array([row[word] for text in texts for word in text], np.int32)
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    return Corpus(ids, offsets, Vocab(words, [counts[word] for word in words]))


def graph_of(edges):
    """A Graph of pairs."""
    from semap.graph.read import read_graph

    return read_graph(edges)


def interactions_of(pairs, users, items, values):
    """Interactions whose ids are not their places in the alphabet."""
    rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
    user_ids = np.array([users.index(name) for name in rows], np.int32)
    item_ids = np.array([items.index(name) for name in columns], np.int32)
    return Interactions(
        Vocab(users, np.bincount(user_ids, minlength=len(users))),
        Vocab(items, np.bincount(item_ids, minlength=len(items))),
        user_ids, item_ids, np.asarray(values, np.float32),
    )  # fmt: skip
