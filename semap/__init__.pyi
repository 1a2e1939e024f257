from semap import errors as errors
from semap import evaluate as evaluate
from semap import positions as positions
from semap import torch as torch
from semap.contextual.encoder import ContextualEncoder as ContextualEncoder
from semap.corpus.corpus import Corpus as Corpus
from semap.corpus.read import read_text as read_text
from semap.counts.counts import Counts as Counts
from semap.counts.one_hot import one_hot as one_hot
from semap.encode.pipeline import Pipeline as Pipeline
from semap.formats.load import load as load
from semap.index.distances import cosine as cosine
from semap.index.distances import dot as dot
from semap.index.distances import euclidean as euclidean
from semap.index.exact import ExactIndex as ExactIndex
from semap.index.questions import analogy as analogy
from semap.index.questions import similar as similar
from semap.learn.cbow import CBOW as CBOW
from semap.learn.pairs import pairs as pairs
from semap.learn.skipgram import SkipGram as SkipGram
from semap.table.table import Table as Table
from semap.text.splitter import Splitter as Splitter
from semap.tokenize.tokenizer import Tokenizer as Tokenizer
from semap.vocab.vocab import Vocab as Vocab

__version__: str
