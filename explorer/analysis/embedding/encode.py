"""Trajectories as vectors: which actions are taken, in which order, with which effects.

Each step becomes a symbol: what it calls (tool, or program and sub-command), its headline effect and the class of
what that acts on. A trajectory is the hashed 1–3-grams of its symbols (and, so that other tool sets still meet, of
its effects alone), where in it they come, how it begins, and how its effects spread; reduced by a truncated SVD.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from explorer.analysis import programs
from explorer.model.effect import KINDS, StepEffects, headline
from explorer.model.schema import StepKind
from explorer.model.trajectory import Dataset
from explorer.progress import Progress

DIMENSIONS = 64
COLUMNS = 1 << 13
GRAMS = 3
PREFIX_STEPS = 3
PARTS = 4
"""A trajectory is cut into so many parts of equal length for where its symbols come."""

_GRAM_WEIGHT = {"symbol": 1.0, "effect": 0.5, "place": 0.5, "prefix": 0.5}
_HISTOGRAM_WEIGHT = 0.5
_READ_CHARACTERS = 400
_CHUNK = 65_536
_FIRST_WORD = r"^\s*(?P<word>[A-Za-z][\w.+-]*)(?:\s|$)"
_SUBCOMMANDS = frozenset(
    {
        "git", "docker", "kubectl", "helm", "terraform", "aws", "gcloud", "az", "gh", "systemctl", "service", "apt",
        "apt-get", "dnf", "yum", "brew", "pip", "pip3", "npm", "yarn", "pnpm", "cargo", "go", "conda", "poetry", "uv",
        "podman", "openssl", "make", "nmcli", "ip",
    }
)  # fmt: skip
_OPTIONS_WITH_VALUE = frozenset(
    {"-C", "-c", "-n", "-f", "--namespace", "--context", "--profile", "--region", "--project", "--git-dir"}
)

Matrix = npt.NDArray[np.float32]
_Hashes = npt.NDArray[np.uint64]


def encode_trajectories(
    dataset: Dataset, effects: StepEffects, progress: Progress | None = None, seed: int = 1
) -> Matrix:
    """float32[n_trajectories, d ≤ 64]; trajectories that act alike lie near each other (Euclidean).

    Deterministic for a seed. An empty trajectory has the zero vector.
    """
    progress = progress or Progress()
    symbols = step_symbols(dataset, effects, progress)
    progress.stage("encoding", 4)
    features = _features(dataset, effects, symbols)
    progress.advance()
    reduced = _reduce(features, seed)
    progress.at(4)
    return reduced


def step_symbols(dataset: Dataset, effects: StepEffects, progress: Progress | None = None) -> npt.NDArray[np.int32]:
    """int32 per step: equal where two steps call the same thing, to the same effect, on the same class of target."""
    called = _called(dataset, progress or Progress())
    classes = _effect_classes(effects)[effects.codes]
    width = int(classes.max(initial=0)) + 1
    _, symbols = np.unique(called.astype(np.int64) * width + classes, return_inverse=True)
    return np.asarray(symbols.reshape(-1), dtype=np.int32)


def _effect_classes(effects: StepEffects) -> npt.NDArray[np.int64]:
    """Per entry of the catalogue: a number for (headline kind, target type and scope)."""
    known: dict[tuple[str, str, str], int] = {}
    found = []
    for entry in effects.catalog:
        first = headline(entry)
        target = first.target if first else None
        key = (str(first.kind) if first else "", target.type if target else "", target.scope if target else "")
        found.append(known.setdefault(key, len(known)))
    return np.array(found, dtype=np.int64)


def _called(dataset: Dataset, progress: Progress) -> npt.NDArray[np.int32]:
    """int32 per step: what it calls. Text is read in slices, and each distinct beginning once."""
    names: dict[str, int] = {}
    kinds = dataset.kind
    tools = np.array([names.setdefault(f"tool {name}", len(names)) for name in (*dataset.tool.names, "")], np.int32)
    called = tools[dataset.tool.codes]
    column = dataset.steps["arguments"]
    progress.stage("reading actions", dataset.n_steps)
    for start in range(0, dataset.n_steps, _CHUNK):
        progress.at(start)
        of_kind = kinds.codes[start : start + _CHUNK]
        for kind in (StepKind.SHELL, StepKind.SQL, StepKind.CODE):
            here = np.flatnonzero(of_kind == kinds.code(kind))
            if len(here):
                texts = column.slice(start, _CHUNK).take(pa.array(here))
                called[here + start] = _program_codes(kind, texts, names)
    return called


def _program_codes(kind: StepKind, texts: pa.ChunkedArray, names: dict[str, int]) -> npt.NDArray[np.int32]:
    """The number of each text's program name; ``names`` grows by what is new."""
    cut = pc.fill_null(pc.utf8_slice_codeunits(texts.cast(pa.large_string()), 0, _READ_CHARACTERS), "")
    if kind is StepKind.SHELL:
        # Most commands begin with the program's bare name, and there are few of those.
        words = pc.struct_field(pc.extract_regex(cut, _FIRST_WORD), "word")
        decides = [word for word in pc.unique(words).to_pylist() if word and _decides(word)]
        cut = pc.if_else(pc.is_in(words, pa.array(decides, words.type)), words, cut)
    coded = pa.chunked_array([cut] if isinstance(cut, pa.Array) else cut.chunks, pa.large_string())
    coded = coded.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.unify_dictionaries().chunk(0)
    numbers = [names.setdefault(program_name(kind, text), len(names)) for text in coded.dictionary.to_pylist()]
    return np.asarray(np.array(numbers, np.int32)[coded.indices.to_numpy()])


def _decides(word: str) -> bool:
    """Whether a command that begins with this word is called by it, whatever follows."""
    return word not in _SUBCOMMANDS and programs.program(StepKind.SHELL, f"{word} && other") == word


def program_name(kind: str, text: str) -> str:
    """The program and, for those that have them, the sub-command."""
    name = programs.program(kind, text)
    if kind == StepKind.SHELL and name in _SUBCOMMANDS:
        words = text.split()
        at = next((i for i, word in enumerate(words) if word.rsplit("/", 1)[-1] == name), len(words))
        bare = [
            word
            for before, word in pairwise(words[at : at + 8])
            if word[:1].isalpha() and before not in _OPTIONS_WITH_VALUE
        ]
        name = " ".join([name, *bare[:1]])
    return f"{kind} {name}"


def _features(dataset: Dataset, effects: StepEffects, symbols: npt.NDArray[np.int32]) -> sparse.csr_matrix:
    owners = dataset.trajectory_of_step
    place = np.arange(dataset.n_steps) - dataset.step_offsets[owners]
    lengths = np.maximum(dataset.lengths[owners], 1)
    part = (place * PARTS) // lengths
    kinds = effects.headlines.astype(np.uint64)
    blocks: list[sparse.csr_matrix] = []
    for name, values in (("symbol", symbols.astype(np.uint64)), ("effect", kinds)):
        rows, hashes = _grams(values, owners)
        blocks.append(_GRAM_WEIGHT[name] * _tf_idf(rows, hashes, dataset.n_trajectories))
    placed = _mix(_mix(symbols.astype(np.uint64), part.astype(np.uint64)), np.uint64(77))
    blocks.append(_GRAM_WEIGHT["place"] * _tf_idf(owners, placed, dataset.n_trajectories))
    begins = place < PREFIX_STEPS
    first = _mix(_mix(symbols[begins].astype(np.uint64), place[begins].astype(np.uint64)), np.uint64(99))
    blocks.append(_GRAM_WEIGHT["prefix"] * _tf_idf(owners[begins], first, dataset.n_trajectories))
    blocks.append(_HISTOGRAM_WEIGHT * sparse.csr_matrix(_histogram(dataset, effects)))
    return sparse.hstack(blocks, format="csr", dtype=np.float32)


def _grams(values: _Hashes, owners: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], _Hashes]:
    """Hashes of all 1–3-grams that lie within one trajectory, and whose they are."""
    rows, hashes = [owners], [_mix(values, np.uint64(1))]
    current = values
    for size in range(1, GRAMS):
        current = _mix(current[:-1], values[size:])
        inside = owners[:-size] == owners[size:] if len(owners) > size else np.zeros(0, dtype=np.bool_)
        rows.append(owners[: max(0, len(owners) - size)][inside])
        hashes.append(_mix(current, np.uint64(size + 1))[inside])
    return np.concatenate(rows), np.concatenate(hashes)


def _mix(left: _Hashes, right: _Hashes | np.uint64) -> _Hashes:
    """A well-spread hash of two numbers (the finaliser of splitmix64)."""
    value = left * np.uint64(0x9E3779B97F4A7C15) + right + np.uint64(0x7F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(value ^ (value >> np.uint64(31)), dtype=np.uint64)


def _tf_idf(rows: npt.NDArray[np.int32], hashes: _Hashes, n: int) -> sparse.csr_matrix:
    """Hashed counts with damped frequency, smoothed idf and rows of length 1."""
    columns = (hashes % np.uint64(COLUMNS)).astype(np.int32)
    matrix = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(n, COLUMNS))
    matrix.sum_duplicates()
    seen = np.bincount(matrix.indices, minlength=COLUMNS)
    weight = (np.log((1 + n) / (1 + seen)) + 1).astype(np.float32)
    matrix.data = (1 + np.log(matrix.data)) * weight[matrix.indices]
    squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    scale = np.where(squares > 0, 1 / np.sqrt(np.maximum(squares, 1e-12)), 0).astype(np.float32)
    return sparse.csr_matrix(sparse.diags_array(scale) @ matrix)


def _histogram(dataset: Dataset, effects: StepEffects) -> Matrix:
    """Share of steps with each kind of effect, mean severity and damped length: float32[n, kinds + 2]."""
    n, owners = dataset.n_trajectories, dataset.trajectory_of_step
    table = np.zeros((n, len(KINDS) + 2), dtype=np.float32)
    for code in range(len(KINDS)):
        has = (effects.masks >> np.uint64(code)) & np.uint64(1)
        table[:, code] = np.bincount(owners, has, minlength=n)
    table[:, len(KINDS)] = np.bincount(owners, effects.severities / 4.0, minlength=n)
    table /= np.maximum(dataset.lengths, 1)[:, None]
    table[:, -1] = np.log1p(dataset.lengths) / 8
    return table


def _reduce(features: sparse.csr_matrix, seed: int) -> Matrix:
    n = features.shape[0]
    used = np.flatnonzero(np.bincount(features.indices, minlength=features.shape[1]))
    compact = features[:, used]
    size = min(DIMENSIONS, n - 1, len(used) - 1)
    if size < 2:
        dense = np.zeros((n, 2), dtype=np.float32)
        dense[:, : min(2, len(used))] = compact[:, : min(2, len(used))].toarray()
        return dense
    return _leading(compact, size, seed)


def _leading(matrix: sparse.csr_matrix, size: int, seed: int) -> Matrix:
    """The rows in the space of the leading singular vectors: U·Σ of a randomised SVD (Halko et al. 2011) with two
    power iterations. The right vectors, whose decomposition would cost the most, are not needed."""
    guess = np.random.default_rng(seed).standard_normal((matrix.shape[1], min(size + 10, *matrix.shape)))
    basis = np.linalg.qr(matrix @ guess.astype(np.float32))[0]
    for _ in range(2):
        basis = np.linalg.qr(matrix @ np.linalg.qr(matrix.T @ basis)[0])[0]
    small = (matrix.T @ basis).astype(np.float64)
    values, vectors = np.linalg.eigh(small.T @ small)
    leading = vectors[:, ::-1][:, :size]
    # A singular vector's sign is arbitrary; its largest part is made positive.
    leading = leading * np.sign(leading[np.abs(leading).argmax(axis=0), np.arange(size)])
    return np.asarray(basis @ leading.astype(np.float32) * np.sqrt(np.maximum(values[::-1][:size], 0)), np.float32)
