"""Drift: what changed in data, quality and lists, and would refreshing help?"""

from app import drift, drift_models, drift_panels, shell

shell.require_router(__file__)
shell.heading("What changed in data, quality and lists, and would refreshing help?")
run_id = shell.require_run()

PANELS = {
    drift.DATA: drift_panels.draw_data,
    drift.QUALITY: drift_models.draw_quality,
    drift.LISTS: drift_models.draw_lists,
    drift.SEASONS: drift_models.draw_seasons,
}

with shell.mendable():
    report = shell.require_audit(run_id, "drift")
    drift.take_clicks()
    PANELS[drift.choose()](report)
    shell.tell_notes(report.notes)
