"""Recommenders that read histories in order, and one that reads them as a graph."""

SEQUENCE = {
    "markov": "recommenders.sequence.markov:Markov",
    "gru4rec": "recommenders.sequence.gru4rec:GRU4Rec",
    "sasrec": "recommenders.sequence.sasrec:SASRec",
    "gpt": "recommenders.sequence.gpt:GPT",
    "hstu": "recommenders.sequence.hstu:HSTU",
    "lightgcn": "recommenders.sequence.lightgcn:LightGCN",
}
