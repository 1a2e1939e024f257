"""The plane of two principal components, and UMAP's."""

import subprocess
import sys

import numpy as np
import pytest

from semap.errors import MissingExtra
from semap.index.vectors import unit_rows
from semap.map.coordinates import principal_plane, umap_plane
from semap.map.near import nearest_rows
from semap.map.umap_backend import check_library
from semap.progress import Silent


def _blobs(n=120, dim=12, seed=3):
    """Three groups of rows around directions at right angles."""
    rng = np.random.default_rng(seed)
    middles = np.eye(3, dim) * 4
    return unit_rows(np.repeat(middles, n // 3, axis=0) + rng.normal(scale=0.4, size=(n, dim)))


def test_the_plane_is_that_of_the_singular_value_decomposition():
    vectors = np.random.default_rng(5).normal(size=(97, 9)).astype(np.float32) * np.arange(9, 0, -1, np.float32)
    plane, shares = principal_plane(vectors)
    centred = vectors - vectors.astype(np.float64).mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    for axis in (0, 1):
        wanted = left[:, axis] * values[axis]
        assert min(np.abs(plane[:, axis] - wanted).max(), np.abs(plane[:, axis] + wanted).max()) < 1e-3
    assert shares == pytest.approx(tuple(values[:2] ** 2 / (values**2).sum()), abs=1e-5)


def test_four_corners_of_a_rectangle_stay_a_rectangle():
    corners = np.array([[3, 1, 0], [3, -1, 0], [-3, 1, 0], [-3, -1, 0]], np.float32)
    plane, shares = principal_plane(corners)
    assert np.abs(plane[:, 0]) == pytest.approx([3, 3, 3, 3], abs=1e-5)
    assert np.abs(plane[:, 1]) == pytest.approx([1, 1, 1, 1], abs=1e-5)
    assert shares == pytest.approx((0.9, 0.1))


@pytest.mark.parametrize("seed", range(8))
def test_each_component_points_to_where_its_largest_weight_is_positive(seed):
    """So a map is not mirrored where another version of LAPACK turns an eigenvector around."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    vectors = ((rng.normal(size=(80, 5)) * [9, 6, 3, 2, 1]) @ turn).astype(np.float32)
    plane, _ = principal_plane(vectors)
    weights = np.linalg.lstsq(vectors - vectors.mean(axis=0), plane, rcond=None)[0]
    for column in weights.T:
        assert column[np.abs(column).argmax()] == pytest.approx(np.abs(column).max())


def test_rows_that_are_all_the_same_stand_at_one_place():
    plane, shares = principal_plane(np.ones((5, 4), np.float32))
    assert plane.tolist() == [[0, 0]] * 5
    assert shares == (0.0, 0.0)


def test_principal_components_have_the_same_bits_for_any_number_of_threads():
    vectors = np.random.default_rng(1).normal(size=(1500, 40)).astype(np.float32)
    first = principal_plane(vectors, 1)[0]
    for threads in (2, 3, 7):
        assert principal_plane(vectors, threads)[0].tobytes() == first.tobytes()


def test_principal_components_have_the_same_bits_for_any_number_of_threads_of_blas():
    code = (
        "import numpy as np, hashlib; from semap.map.coordinates import principal_plane;"
        "v = np.random.default_rng(1).normal(size=(1500, 200)).astype(np.float32);"
        "print(hashlib.sha256(principal_plane(v, 1)[0].tobytes()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PATH": "", "OPENBLAS_NUM_THREADS": n}, capture_output=True, check=True
        ).stdout
        for n in ("1", "2")
    }
    assert len(found) == 1


def test_neighbours_are_others_by_falling_cosine():
    vectors = unit_rows(np.array([[1, 0], [1, 0.1], [0, 1], [-1, 0]]))
    ids, cosines = nearest_rows(vectors, 9, threads=1, progress=Silent())
    assert ids.tolist() == [[1, 2, 3], [0, 2, 3], [1, 0, 3], [2, 1, 0]]
    assert cosines[0] == pytest.approx([1 / 1.01**0.5, 0, -1], abs=1e-6)


@pytest.fixture(scope="module")
def umap():
    """UMAP of three groups."""
    try:
        check_library()
    except MissingExtra as missing:
        pytest.skip(str(missing))
    vectors = _blobs()
    near = nearest_rows(vectors, 10, threads=1, progress=Silent())
    start = principal_plane(vectors, 1)[0]

    def of(seed=1, progress=None):
        return umap_plane(start, *near, seed=seed, progress=progress or Silent())

    return of


def test_groups_stay_apart(umap):
    plane = umap().reshape(3, 40, 2)
    widths = np.linalg.norm(plane - plane.mean(axis=1, keepdims=True), axis=2).max()
    middles = plane.mean(axis=1)
    gaps = [np.linalg.norm(middles[a] - middles[b]) for a, b in ((0, 1), (0, 2), (1, 2))]
    assert min(gaps) > widths


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(umap):
    assert umap().tobytes() == umap().tobytes()
    assert umap(seed=2).tobytes() != umap().tobytes()


def test_progress_hears_of_the_epochs(umap):
    heard = []

    class Hearing(Silent):
        """Writes down what it is told."""

        def start(self, task, total, unit):
            heard.append((task, total, unit))

        def update(self, done, **figures):
            heard.append(done)

    umap(progress=Hearing())
    assert [each for each in heard if not isinstance(each, int)] == [("UMAP", 500, "epochs")]
    assert [each for each in heard if isinstance(each, int)][-1] > 0


def test_three_rows_that_are_all_the_same_have_places_too(umap):
    near = (np.array([[1, 2], [0, 2], [0, 1]], np.int32), np.ones((3, 2), np.float32))
    assert np.isfinite(umap_plane(np.zeros((3, 2), np.float32), *near, seed=1, progress=Silent())).all()
