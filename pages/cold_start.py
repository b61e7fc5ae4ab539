"""Cold start and cost: what of new users, new items, and what does a list cost?"""

from app import cold, cold_cost, cold_panels, cold_training, shell

shell.require_router(__file__)
shell.heading("How are new users and new items served, and what does a list cost?")
run_id = shell.require_run()

PANELS = {
    cold.USERS: ("cold_start", cold_panels.draw_users),
    cold.ITEMS: ("cold_start", cold_panels.draw_items),
    cold.COST: ("cost", cold_cost.draw_cost),
    cold.ANSWERS: ("language", cold_cost.draw_answers),
}

with shell.mendable():
    choice = cold.choose(run_id)
    family, draw = PANELS[choice.view]
    report = shell.require_audit(run_id, family)
    draw(choice, report)
    if choice.view == cold.COST:
        cold_training.draw(run_id, choice.models)
    shell.tell_notes(report.notes)
