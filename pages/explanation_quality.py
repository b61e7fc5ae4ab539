"""Explanation quality: which explainer can be believed?"""

from app import explanation_quality as quality
from app import explanation_quality_panels as panels
from app import explanation_quality_people as people
from app import shell

shell.require_router(__file__)
shell.heading(
    "Which explainer can be believed: faithful to the model, borne out by evidence, stable, and "
    "liked by people?"
)
run_id = shell.require_run()

with shell.mendable():
    choice = quality.choose(run_id)
    panels.draw_verdict(choice)
    panels.draw_scores(choice)
    panels.draw_trade(choice)
    panels.draw_judges(choice)
    panels.draw_fusion(choice)
    panels.draw_stability(choice)
    people.draw(choice)
    panels.draw_table(choice)
