"""What rankers ask a language model: the prompts of this folder, and files of one's own."""

from pathlib import Path

from core.errors import ConfigError
from core.prompt_files import Words, words_named

FOLDER = Path(__file__).parent / "prompts"
GAPS = ("history", "candidate", "first", "second", "candidates", "noun", "time", "n", "last")
TEXTS = ("user", "system", "time", "opening", "alone")


def prompt(name: str) -> Words:
    """The prompt of this name, or in this .toml file. Raises as core.prompt_files."""
    return words_named(name, FOLDER, GAPS, TEXTS)


def prompts() -> dict[str, Words]:
    """All prompts that come with RecScope, by name."""
    return {path.stem: prompt(path.stem) for path in sorted(FOLDER.glob("*.toml"))}


def wordings(names: str, gaps: tuple[str, ...], what: str) -> tuple[Words, ...]:
    """Prompts named in one text, separated by commas.

    gaps  that each must have to be of use here; what: who asks, for messages
    """
    found = tuple(prompt(name.strip()) for name in names.split(",") if name.strip())
    if not found:
        raise ConfigError(f"{what} needs a template; known: {', '.join(prompts())}")
    for words in found:
        lacking = [gap for gap in gaps if f"{{{gap}}}" not in words.texts["user"]]
        if lacking:
            raise ConfigError(
                f"{what} cannot ask with the template {words.name!r}, which has no "
                f"{' and no '.join(f'{{{gap}}}' for gap in lacking)}"
            )
    return found
