"""Fairness: who gets less: users, items, providers, intersections?"""

from app import fairness, fairness_gates, fairness_items, fairness_panels, fairness_trade, shell

shell.require_router(__file__)
shell.heading("Who gets less: users, items, providers, and those where attributes meet?")
run_id = shell.require_run()

with shell.mendable():
    fairness.take_clicks()
    view = fairness.choose_view()
    if view == "Items and providers":
        fairness_items.draw_items(run_id)
    elif view == "Gates":
        fairness_gates.draw_gates(run_id)
    elif view == "Trade-off":
        fairness_trade.draw_trade_off(fairness.choose(run_id, with_models=False))
    else:
        fairness_panels.draw_users(fairness.choose(run_id))
