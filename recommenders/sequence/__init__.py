"""Recommenders that read histories in order, and one that reads them as a graph."""

from recommenders.base import Recommender
from recommenders.sequence.gpt import GPT
from recommenders.sequence.gru4rec import GRU4Rec
from recommenders.sequence.hstu import HSTU
from recommenders.sequence.lightgcn import LightGCN
from recommenders.sequence.markov import Markov
from recommenders.sequence.sasrec import SASRec

SEQUENCE: dict[str, type[Recommender]] = {
    "markov": Markov,
    "gru4rec": GRU4Rec,
    "sasrec": SASRec,
    "gpt": GPT,
    "hstu": HSTU,
    "lightgcn": LightGCN,
}
