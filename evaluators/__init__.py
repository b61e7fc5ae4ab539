"""Every metric RecScope brings. To add one, write it and list it here."""

from evaluators import accuracy, graded, pairs, ranking, rating
from evaluators.metric import Metric

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        accuracy.precision,
        accuracy.recall,
        accuracy.hit_rate,
        accuracy.f1,
        ranking.map,
        ranking.mrr,
        ranking.ndcg,
        graded.ndcg_graded,
        ranking.rbp,
        graded.err,
        accuracy.r_precision,
        graded.bpref,
        pairs.auc,
        pairs.partial_auc,
        rating.rmse,
        rating.mae,
    )
}
