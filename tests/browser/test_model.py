"""Random histories in real pages, against the reference model of the contract.

A failure names the seed of its history. To play one again::

    HMR_MODEL_SEED=17 pytest tests/browser/test_model.py

and to play more than the usual number: ``HMR_MODEL_HISTORIES=3000``.
"""

from __future__ import annotations

import os

import pytest

from .support.generator import generate
from .support.project import Project
from .support.replay import MismatchError, Stage

CHUNK = 10
COUNT = int(os.environ.get("HMR_MODEL_HISTORIES", "300"))
SEED = os.environ.get("HMR_MODEL_SEED")
# Some that have found a mistake, beyond the usual number.
FINDS = (
    373,
    412,
    628,
    1062,
    1109,
    1139,
    1194,
    1608,
    1821,
    1925,
    1964,
    2118,
    2135,
    2208,
    2366,
    2508,
    2585,
    2589,
    2717,
    2755,
)
CHUNKS = (
    [range(int(SEED), int(SEED) + 1)]
    if SEED
    else [
        *(range(n, min(n + CHUNK, COUNT)) for n in range(0, COUNT, CHUNK)),
        *(range(n, n + 1) for n in FINDS),
    ]
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory, browsers):
    project = Project(tmp_path_factory.mktemp("model"), browsers)
    try:
        yield Stage(project)
    finally:
        project.close()


@pytest.mark.parametrize("seeds", CHUNKS, ids=lambda r: f"{r.start}-{r.stop - 1}")
def test_pages_do_what_the_model_of_the_contract_says(stage, seeds):
    for seed in seeds:
        history = generate(seed)
        try:
            stage.play(history)
        except MismatchError as error:
            message = str(error)
        else:
            continue
        _, smaller = stage.shrink(history)
        pytest.fail(smaller or message, pytrace=False)
