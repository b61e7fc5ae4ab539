"""Every metric RecScope brings. To add one, write it and list it here."""

from evaluators import accuracy, ranking
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
        ranking.rbp,
        accuracy.r_precision,
    )
}
