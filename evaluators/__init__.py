"""Every metric RecScope brings. To add one, write it and list it here."""

from evaluators import accuracy, graded, pairs, ranking, rating, user_fairness
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
        user_fairness.user_gap,
        user_fairness.user_ratio,
        user_fairness.worst_group,
        user_fairness.group_deviation,
        user_fairness.user_gap_by_chance,
        user_fairness.user_gap_detectable,
        user_fairness.ks_gap,
        user_fairness.generalised_entropy,
        user_fairness.theil,
        user_fairness.theil_between,
        user_fairness.jain,
        user_fairness.worst_tenth,
    )
}
