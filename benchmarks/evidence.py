"""What evidence made before ranking is worth on MovieLens 100K: the tables of its document.

    python benchmarks/evidence.py [--split leave-last|global-time] [--kinds paths,rules …]

Prints the share of EASE's top 10 that each relation of the graph leads to, how often verified and
refuted tastes meet what the user went on to like, how well each kind of evidence ranks by itself,
and what joining it to EASE changes.
"""

import argparse
import time

import numpy as np

from core.load import load
from core.tables import Floats
from explain.evidence.kinds import CHEAP, evidence_scores, why_not
from explain.evidence.paths import coverage
from explain.fusion import dense_evidence
from explain.reasoning_tastes import DECADE, GROUP, attributes_of, tastes_of
from explain.world import World
from recscope.config import RunConfig
from recscope.config_sections import DataConfig, ModelConfig, SplitConfig
from recscope.engine_models import fitted_model
from recscope.explaining_fusion import fusion_table
from recscope.explaining_world import world_of
from recscope.stages import Material, material, split_data

K = 10


def hit_chance(scores: Floats, targets: Floats) -> Floats:
    """Chance that a target is among the first K when equal scores stand in random order."""
    own = scores[np.arange(len(scores)), targets][:, None]
    above, equal = (scores > own).sum(axis=1), (scores == own).sum(axis=1)
    return np.clip((K - above) / equal, 0, 1)


def alone(given: Material, world: World, kinds: list[str]) -> None:
    """How well does each kind rank by itself, counting ties both ways?"""
    test = given.split.test
    rows = np.flatnonzero(test.is_liked)
    users, targets = test.users[rows].astype(np.int64), test.items[rows].astype(np.int64)
    has = np.diff(world.train.liked.indptr)[users] > 0
    users, targets = users[has], targets[has]
    seen = world.train.seen[users].toarray() > 0
    print(f"\nhit rate at {K} of evidence alone, {len(users)} held-back likings")
    for kind in kinds:
        scores = np.where(seen, -np.inf, dense_evidence(kind, world, users))
        own = scores[np.arange(len(users)), targets][:, None]
        naive = ((scores > own).sum(axis=1) < K).mean()
        print(f"{kind:18s} {hit_chance(scores, targets).mean():.3f}   ties as wins: {naive:.3f}")


def tastes(given: Material, world: World) -> None:
    """Do users go on to like what their tastes meet?"""
    attributes, found = attributes_of(world), tastes_of(world, np.arange(world.train.n_users))
    later = given.split.test.liked
    n_later = np.diff(later.indptr)[found.row]
    n_met = np.asarray((later @ attributes.table).tocsr()[found.row, found.attribute]).ravel()
    angle = np.array(attributes.angles, dtype=object)[found.attribute]
    is_named = np.isin(angle, (GROUP, DECADE))
    print(
        "\ntastes and what users went on to like: share that meets the taste, share of all likings"
    )
    for name, named in (("groups and decades", is_named), ("entities of the graph", ~is_named)):
        for told, rows in (("verified", found.is_verified), ("refuted", ~found.is_verified)):
            some = named & rows & (n_later > 0)
            met = n_met[some].sum() / n_later[some].sum()
            expected = (attributes.share[found.attribute[some]] * n_later[some]).sum()
            expected /= n_later[some].sum()
            print(f"{name:22s} {told:9s} {some.sum():6d} {met:.4f} {expected:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="leave-last")
    parser.add_argument("--kinds", default=",".join(CHEAP))
    asked = parser.parse_args()
    config = RunConfig(
        DataConfig(name="movielens-100k"),
        SplitConfig(rule=asked.split),
        models={"ease": ModelConfig("ease")},
    )
    data = load("movielens-100k")
    given = material(data, split_data(data, config.split), learn_validation=True)
    world = world_of(given)
    kinds = [kind for kind in asked.kinds.split(",") if not why_not(kind, world)]
    model = fitted_model("ease", config, data, given.history)
    lists = model.recommend(given.users, K)
    print(f"{asked.split}: {len(given.users)} judged users")
    print(f"share of EASE's top {K} that a path leads to")
    for relation, share in coverage(world, given.users, lists.items).items():
        print(f"{relation:22s} {share:.3f}")
    for kind in kinds:
        start = time.perf_counter()
        evidence_scores(kind, world, given.users)
        print(f"{kind:18s} scores of all users: {time.perf_counter() - start:.2f} s")
    tastes(given, world)
    alone(given, world, kinds)
    start = time.perf_counter()
    found = fusion_table(given, config, "ease", kinds, model=model)
    print(f"\nfusion, {time.perf_counter() - start:.1f} s")
    print(found.table.drop(columns=["model", "k"]).round(4).to_string(index=False))
    for note in found.notes:
        print(note)


if __name__ == "__main__":
    main()
