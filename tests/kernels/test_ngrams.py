"""The n-grams of tokens fall into the same buckets for the plain and the compiled kernels, and for fastText and floret."""

from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.kernels.native import ngrams as native
from semap.kernels.reference import ngrams as reference
from semap.vocab.tokens import Tokens

KERNELS = pytest.mark.parametrize("kernels", [native, reference], ids=["native", "reference"])


def counts_of(kernels, tokens, min_n, max_n, first=0):
    """The numbers of n-grams of all tokens from `first` on."""
    counts = np.full(len(tokens), -7)
    kernels.count_ngrams(tokens.data, tokens.offsets, min_n, max_n, first, len(tokens), counts)
    assert np.all(counts[:first] == -7)
    return counts[first:].tolist()


def places(counts):
    """Where the buckets of each token begin, and the end."""
    return np.array([0, *accumulate(counts)], np.int64)


def fasttext(kernels, tokens, min_n, max_n, n_buckets):
    starts = places(counts_of(reference, tokens, min_n, max_n))
    out, word = np.full(int(starts[-1]) + 1, -7, np.int32), np.zeros(100, np.uint8)
    span = (0, len(tokens))
    kernels.fasttext_buckets(tokens.data, tokens.offsets, min_n, max_n, n_buckets, *span, starts, word, out)
    assert out[-1] == -7
    return [out[a:b].tolist() for a, b in pairwise(starts)]


def floret(kernels, tokens, min_n, max_n, n_buckets, n_hashes, seed):
    starts = places([(count + 1) * n_hashes for count in counts_of(reference, tokens, min_n, max_n)])
    out, word = np.full(int(starts[-1]) + 1, -7, np.int32), np.zeros(100, np.uint8)
    span = (0, len(tokens))
    given = (tokens.data, tokens.offsets, min_n, max_n, n_buckets, n_hashes, seed)
    kernels.floret_buckets(*given, *span, starts, word, out)
    assert out[-1] == -7
    return [out[a:b].tolist() for a, b in pairwise(starts)]


@KERNELS
def test_ngrams_are_counted_in_letters_and_the_marks_alone_are_none(kernels):
    tokens = Tokens.pack(["cat", "é", "日本", ""])  # <cat> <é> <日本> <>
    assert counts_of(kernels, tokens, 3, 6) == [3 + 2 + 1, 1, 2 + 1, 0]
    assert counts_of(kernels, tokens, 1, 1, first=1) == [1, 2, 0]
    assert counts_of(kernels, tokens, 1, 2) == [3 + 4, 1 + 2, 2 + 3, 1]


@KERNELS
def test_the_buckets_are_fasttexts(kernels):
    # FNV-1a of 32 bits of "<a>", reckoned by hand with the steps of its authors; "<é>" holds bytes above 127, which fastText
    # takes as negative numbers. The second row is what fastText 0.9.2 prints for get_subwords with 1,000 buckets.
    def fnv(content, signed):
        state = 0x811C9DC5
        for byte in content:
            state = ((state ^ (byte | 0xFFFFFF00 if signed and byte > 127 else byte)) * 0x01000193) & 0xFFFFFFFF
        return state

    tokens = Tokens.pack(["a", "é"])
    assert fasttext(kernels, tokens, 3, 3, 1000) == [[fnv(b"<a>", False) % 1000], [fnv("<é>".encode(), True) % 1000]]
    assert fnv("<é>".encode(), True) % 1000 != fnv("<é>".encode(), False) % 1000


@KERNELS
def test_ngrams_stand_in_the_order_in_which_they_begin(kernels):
    tokens = Tokens.pack(["ab"])  # <a <ab ab ab> b>
    each = {piece: fasttext(reference, Tokens.pack([piece]), 4, 4, 2**31 - 1) for piece in ["ab"]}
    assert each == {"ab": [[fasttext(kernels, tokens, 2, 4, 2**31 - 1)[0][2]]]}
    assert len(fasttext(kernels, tokens, 2, 4, 2**31 - 1)[0]) == 3 + 2 + 1


@KERNELS
def test_a_string_of_the_authors_of_murmur_hash(kernels):
    # SMHasher's own check: the hash of 255 growing keys, hashed again, begins with 0x6384BA69.
    if kernels is native:
        pytest.skip("the compiled kernel hashes tokens between marks only; the twins are compared below")
    hashes = b""
    for size in range(256):
        parts = reference._murmur(bytes(range(size)), 256 - size)
        hashes += b"".join(part.to_bytes(4, "little") for part in parts)
    assert reference._murmur(hashes, 0)[0] == 0x6384BA69


@settings(deadline=None)
@given(
    st.lists(st.text(st.sampled_from("abé日\U0001f600"), max_size=20), max_size=8), st.integers(1, 6), st.integers(0, 4),
    st.integers(1, 2**31 - 1), st.integers(1, 4), st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_both_kernels_find_the_same_buckets(tokens, min_n, more, n_buckets, n_hashes, seed):
    packed = Tokens.pack(tokens)
    assert counts_of(native, packed, min_n, min_n + more) == counts_of(reference, packed, min_n, min_n + more)
    assert fasttext(native, packed, min_n, min_n + more, n_buckets) == fasttext(reference, packed, min_n, min_n + more, n_buckets)
    settings = (min_n, min_n + more, n_buckets, n_hashes, seed)
    assert floret(native, packed, *settings) == floret(reference, packed, *settings)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=12), max_size=6), st.integers(1, 4))
def test_broken_utf8_is_cut_alike(tokens, min_n):
    packed = Tokens.pack_bytes(tokens)
    assert fasttext(native, packed, min_n, min_n + 2, 997) == fasttext(reference, packed, min_n, min_n + 2, 997)


def marked(kernels, name, tokens, min_n, max_n, n_buckets):
    """Buckets by a kernel that takes the marks alone for n-grams."""
    extra = 2 * (min_n == 1)
    starts = places([count + extra for count in counts_of(reference, tokens, min_n, max_n)])
    out, word = np.full(int(starts[-1]) + 1, -7, np.int32), np.zeros(100, np.uint8)
    getattr(kernels, name)(tokens.data, tokens.offsets, min_n, max_n, n_buckets, 0, len(tokens), starts, word, out)
    assert out[-1] == -7
    return [out[a:b].tolist() for a, b in pairwise(starts)]


@KERNELS
def test_the_buckets_are_finalfusions(kernels):
    # The buckets that finalfusion-rust's own tests expect of n-grams of 3 to 6 letters in 2^21 buckets.
    daniel = [214157, 233912, 311961, 488897, 620206, 741276, 841219, 1167494, 1192256, 1489905, 1532271, 1644730, 1666166,
              1679745, 1680294, 1693100, 2026735, 2065822]  # fmt: skip
    hallo = [75867, 104120, 136555, 456131, 599360, 722393, 938007, 985859, 1006102, 1163391, 1218704, 1321513, 1505861, 1892376]
    found = marked(kernels, "finalfusion_buckets", Tokens.pack(["Daniël", "hallo"]), 3, 6, 2**21)
    assert [sorted(each) for each in found] == [daniel, hallo]
    assert found[0][:4] == [2026735, 1666166, 2065822, 1680294]  # <Da <Dan <Dani <Danië


@KERNELS
def test_the_buckets_of_finalfusions_fasttext_vocabularies_are_fasttexts(kernels):
    # finalfusion-rust: "verified against fastText output", n-grams of 5 letters, 2,000,000 buckets.
    assert sorted(fasttext(kernels, Tokens.pack(["Daniël"]), 5, 5, 2_000_000)[0]) == [441697, 749365, 1105725, 1880616]


@KERNELS
def test_old_gensim_hashed_code_points(kernels):
    def fnv(points):
        state = 0x811C9DC5
        for point in points:
            state = ((state ^ point) * 0x01000193) & 0xFFFFFFFF
        return state

    tokens = Tokens.pack(["é", "日"])
    expected = [[fnv(map(ord, "<é>")) % 1000], [fnv(map(ord, "<日>")) % 1000]]
    assert marked(kernels, "code_point_buckets", tokens, 3, 3, 1000) == expected
    ascii_words = Tokens.pack(["night", "a"])
    assert marked(kernels, "code_point_buckets", ascii_words, 3, 6, 997) == fasttext(kernels, ascii_words, 3, 6, 997)
    assert [len(each) for each in marked(kernels, "code_point_buckets", tokens, 1, 1, 1000)] == [3, 3]


@KERNELS
def test_whole_strings_hash_as_the_ngrams_that_they_are(kernels):
    strings, out = Tokens.pack(["<é>", "<a>", ""]), np.zeros(3, np.int32)
    kernels.string_buckets(strings.data, strings.offsets, 1000, out)
    assert out[:2].tolist() == [each[0] for each in fasttext(kernels, Tokens.pack(["é", "a"]), 3, 3, 1000)]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=9), max_size=6), st.integers(1, 5), st.integers(0, 3), st.integers(0, 30))
def test_both_kernels_find_the_same_buckets_of_code_points(tokens, min_n, more, exponent):
    packed = Tokens.pack_bytes(tokens)
    for name in ("finalfusion_buckets", "code_point_buckets"):
        each = [marked(kernels, name, packed, min_n, min_n + more, 2**exponent) for kernels in (native, reference)]
        assert each[0] == each[1]
    both = np.zeros((2, len(packed)), np.int32)
    for kernels, out in zip((native, reference), both, strict=True):
        kernels.string_buckets(packed.data, packed.offsets, 2**exponent, out)
    assert both[0].tolist() == both[1].tolist()
