"""The map: which ways of recommending with language models are here, and how do they do?"""

from app import map_data, map_panels, shell

shell.require_router(__file__)
shell.heading(
    "Which ways of recommending with language models does RecScope run, whose are they, "
    "and how did they do here?"
)

with shell.mendable():
    atlas = map_data.atlas()
    map_panels.draw_counts(atlas)
    tier = map_data.TIERS[map_data.choose_tier()]
    if tier:
        map_panels.draw_branches(tier, atlas)
    map_panels.draw_built_ins(atlas.of_tier(tier))
    if tier:
        map_panels.draw_systems(tier, atlas)
