"""Every audit RecScope brings: a question, and the module that answers it.

To add one, write a module with QUESTION, maybe a dataclass Settings, and audit(case, settings), and
list it here.
"""

AUDITS: dict[str, str] = {
    "calibration": "recscope.audits.calibration",
    "item_fairness": "recscope.audits.item_fairness",
    "counterfactual": "recscope.audits.counterfactual",
    "diversity": "recscope.audits.diversity",
    "drift": "recscope.audits.drift",
    "cold_start": "recscope.audits.cold_start",
    "cost": "recscope.audits.cost",
    "language": "recscope.audits.language",
    "user_fairness": "recscope.audits.user_fairness",
}
