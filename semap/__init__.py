"""semap: learn, look up, compare, map and serve embeddings, coordinates for anything with an id."""

from importlib import import_module as _import_module

__version__ = "0.1.0"

_HOMES = {
    "BPR": "semap.recommend.bpr",
    "CBOW": "semap.learn.cbow",
    "CategoryEmbeddings": "semap.torch.categories",
    "ContextualEncoder": "semap.contextual.encoder",
    "Corpus": "semap.corpus.corpus",
    "Counts": "semap.counts.counts",
    "ExactIndex": "semap.index.exact",
    "HNSWIndex": "semap.index.hnsw",
    "ImplicitALS": "semap.recommend.als",
    "GloVe": "semap.learn.glove",
    "Interactions": "semap.interactions.interactions",
    "Graph": "semap.graph.graph",
    "NetMF": "semap.learn.netmf",
    "Node2Vec": "semap.learn.node2vec",
    "PhraseModel": "semap.corpus.phrase_model",
    "Phrases": "semap.corpus.phrases",
    "Pipeline": "semap.encode.pipeline",
    "ProNE": "semap.learn.prone",
    "RatingMF": "semap.recommend.rating",
    "Recommender": "semap.recommend.model",
    "SkipGram": "semap.learn.skipgram",
    "SpectralCF": "semap.recommend.spectral",
    "Splitter": "semap.text.splitter",
    "Table": "semap.table.table",
    "Tokenizer": "semap.tokenize.tokenizer",
    "Vocab": "semap.vocab.vocab",
    "Walks": "semap.graph.walks",
    "analogy": "semap.index.questions",
    "cooccurrence": "semap.counts.cooccurrence",
    "cosine": "semap.index.distances",
    "dot": "semap.index.distances",
    "euclidean": "semap.index.distances",
    "load": "semap.formats.load",
    "one_hot": "semap.counts.one_hot",
    "pairs": "semap.learn.pairs",
    "read_sessions": "semap.corpus.sessions",
    "read_interactions": "semap.interactions.read",
    "read_graph": "semap.graph.read",
    "read_text": "semap.corpus.read",
    "similar": "semap.index.questions",
}
_MODULES = ("errors", "evaluate", "map", "positions", "torch")

__all__ = ["__version__", *sorted(_HOMES), *_MODULES]


def __getattr__(name: str) -> object:
    if name in _HOMES:
        found = getattr(_import_module(_HOMES[name]), name)
    elif name in _MODULES:
        found = _import_module(f"semap.{name}")
    else:
        raise AttributeError(f"module 'semap' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return list(__all__)
