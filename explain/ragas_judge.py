"""ragas over this program's own language and embedding models, in a loop of its own."""

import asyncio
import json
import os
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import LanguageError, RecScopeError
from core.tables import Floats

if TYPE_CHECKING:
    from core.language import LanguageModel

Row = Mapping[str, Any] | None  # arguments of a metric; None: nothing to score
MAX_TOKENS = 400
LONGEST_STRING = 160
LONGEST_LIST = 3
# how ragas fails on what a judge says
BROKEN = (RecScopeError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError)


@cache
def imported() -> Any:
    """ragas, which would otherwise number its users and tell its makers what they measure."""
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"  # no other word is understood, 1 is not
    import ragas

    _analytics: Any = import_module("ragas._analytics")
    # it gives everyone a number in a file of their home; this one is forgotten at once
    usual = _analytics.user_data_dir
    with TemporaryDirectory() as folder:
        _analytics.user_data_dir = lambda **_: str(Path(folder) / "ragas")
        try:
            _analytics.get_userid()
        finally:
            _analytics.user_data_dir = usual
    return ragas


def bounded(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with an end to every string and list, and no keys beyond its own.

    A small model that may write on within a string writes until it is cut off, and the JSON is
    never closed: that, not its syntax, is how most answers break.
    """
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if isinstance(value, Mapping):
            found[key] = bounded(value)
        elif isinstance(value, list):
            found[key] = [bounded(v) if isinstance(v, Mapping) else v for v in value]
        else:
            found[key] = value
    kind = found.get("type")
    if kind == "string" and "enum" not in found and "const" not in found:
        found.setdefault("maxLength", LONGEST_STRING)
    elif kind == "array":
        found.setdefault("minItems", 1)
        found.setdefault("maxItems", LONGEST_LIST)
    elif kind == "object" and "properties" in found:
        found["additionalProperties"] = False
    return found


def judge_of(model: "LanguageModel", max_tokens: int = MAX_TOKENS) -> Any:
    """A judge for ragas that asks this model; of a judge its metrics check nothing but the class.

    Not instructor, nor a client of a server: metrics each begin a loop of their own, and an
    asynchronous client's connections die with the loop that opened them.
    """
    imported()
    from ragas.llms.base import InstructorBaseRagasLLM

    class Judge(InstructorBaseRagasLLM):
        is_async = False

        def generate(self, prompt: Any, response_model: Any) -> Any:
            said = model.complete(
                [{"role": "user", "content": str(prompt)}],
                schema=bounded(response_model.model_json_schema()),
                max_tokens=max_tokens,
            )
            return response_model.model_validate_json(object_in(said.text))

        async def agenerate(self, prompt: Any, response_model: Any) -> Any:
            return await asyncio.to_thread(self.generate, prompt, response_model)

    return Judge()


def object_in(text: str) -> str:
    """The JSON object in what a model said.  LanguageError where there is none."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise LanguageError(f"the judge's answer holds no JSON object: {text[:80]!r}")
    found = text[start : end + 1]
    try:
        json.loads(found)
    except ValueError as error:
        raise LanguageError(f"the judge's answer is no JSON ({error}): {found[:80]!r}") from error
    return found


def vectors_of(texts: Sequence[str], embedding: str) -> Any:
    """Vectors for ragas, of all these texts at once; it would ask for one at a time."""
    imported()
    from ragas.embeddings.base import BaseRagasEmbedding

    from core.embedding import embed

    known = dict(zip(texts, embed(texts, embedding), strict=True)) if texts else {}

    class Vectors(BaseRagasEmbedding):
        def embed_text(self, text: str, **_: Any) -> Any:
            if text not in known:
                known[text] = embed([text], embedding, cache=False)[0]
            return known[text].tolist()

        async def aembed_text(self, text: str, **_: Any) -> Any:
            return self.embed_text(text)

    return Vectors()


def scored(ask: Callable[[Mapping[str, Any]], Awaitable[Any]], rows: Sequence[Row]) -> Floats:
    """One number a row, float64 (n,); NaN where there was nothing to score or the answer broke.

    ask  awaits ragas' own score of a row

    In a thread with a loop of its own, so that it works under a notebook's loop too. A broken
    answer is counted as undefined and never a 0; where every one of them broke, LanguageError says
    how the last did.
    """

    async def through() -> tuple[list[float], list[Exception]]:
        values: list[float] = []
        broken: list[Exception] = []
        for row in rows:
            value = np.nan
            if row is not None:
                try:
                    told = await ask(row)
                    value = float(getattr(told, "value", told))
                except BROKEN as error:
                    broken.append(error)
            values.append(value)
        return values, broken

    with warnings.catch_warnings(), ThreadPoolExecutor(max_workers=1) as pool:
        # ragas calls its own parts old
        warnings.simplefilter("ignore", DeprecationWarning)
        values, broken = pool.submit(lambda: asyncio.run(through())).result()
    n_asked = sum(row is not None for row in rows)
    if broken and len(broken) == n_asked:
        raise LanguageError(
            f"not one of {n_asked} explanations could be judged; the last time: {broken[-1]}"
        )
    return np.array(values, dtype=np.float64)
