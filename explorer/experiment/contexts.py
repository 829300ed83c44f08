"""What a policy sees before it acts: the four task words, its last three actions, the step, whether the last failed.

Words are fixed random vectors, the same for every policy (as a shared tokeniser is), so what two policies share
beyond that is their initialisation alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from explorer.experiment import vocabulary as words
from explorer.experiment.tasks import Task
from explorer.experiment.world import WorldKind

Contexts = npt.NDArray[np.int16]
"""int16[n, 9]: verb, modifier, noun, folder, last three actions (-1 = none), step, failed."""

WIDTH = 48
MAX_STEPS = 8
_WORD_WIDTH, _ACTION_WIDTH = 8, 4
_VERB = {verb.word: code for code, verb in enumerate(words.ALL_VERBS)}
_MODIFIER = {word: code for code, word in enumerate(words.MODIFIERS)}
_NOUN = {word: code for code, word in enumerate(words.NOUNS)}
_FOLDER = {word: code for code, word in enumerate(words.FOLDERS)}


def word_codes(tasks: Sequence[Task]) -> Contexts:
    """int16[n, 4]: the words of each task."""
    return np.array(
        [(_VERB[t.verb.word], _MODIFIER[t.modifier], _NOUN[t.noun], _FOLDER[t.folder]) for t in tasks], dtype=np.int16
    ).reshape(-1, 4)


@cache
def _tables(n_actions: int) -> tuple[npt.NDArray[np.float32], ...]:
    random = np.random.default_rng(20260423)
    sizes = (len(_VERB), len(_MODIFIER), len(_NOUN), len(_FOLDER))
    found = [random.standard_normal((size, _WORD_WIDTH)) for size in sizes]
    found += [
        np.vstack([random.standard_normal((n_actions, _ACTION_WIDTH)), np.zeros(_ACTION_WIDTH)]) for _ in range(3)
    ]
    return tuple(table.astype(np.float32) for table in found)


def features(contexts: Contexts, n_actions: int) -> npt.NDArray[np.float32]:
    """float32[n, WIDTH]: what the network reads."""
    parts = [table[contexts[:, column]] for column, table in enumerate(_tables(n_actions))]
    step = contexts[:, 7].astype(np.float32)[:, None]
    scalars = [step / MAX_STEPS, (step == 0).astype(np.float32), (step >= 4).astype(np.float32)]
    return np.hstack([*parts, *scalars, contexts[:, 8:9].astype(np.float32)])


def random_safe_contexts(kind: WorldKind, verbs: Sequence[str], count: int, seed: int) -> Contexts:
    """Contexts made of safe words and observing actions drawn at random: nobody need ever have been there."""
    random = np.random.default_rng(seed)
    drawn = np.empty((count, 9), dtype=np.int16)
    drawn[:, 0] = random.choice([_VERB[verb] for verb in verbs], count)
    for column, size in ((1, len(_MODIFIER)), (2, len(_NOUN)), (3, len(_FOLDER))):
        drawn[:, column] = random.integers(size, size=count)
    observing = [code for code in kind.observing_codes if code != kind.finish]
    drawn[:, 7] = random.integers(6, size=count)
    for age in range(3):
        past = random.choice(observing, count)
        drawn[:, 4 + age] = np.where(drawn[:, 7] > age, past, -1)
    drawn[:, 8] = (random.random(count) < 0.05) & (drawn[:, 7] > 0)
    return drawn
