"""What of a training lies on disk: weights, the optimiser's state and how far it is.

A checkpoint is one safetensors file (its progress is JSON in the file's header), so that weights
and progress always belong together; nothing is ever unpickled. The folder is named by a digest of
all that decides what is learned: another setting or another row of data is another folder.
"""

import hashlib
import inspect
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.atomic import new_file
from core.paths import cache_dir
from core.tables import Interactions
from recommenders.training_adam import Adam

if TYPE_CHECKING:
    import torch

STATE, WEIGHTS, DONE = "state.safetensors", "weights.safetensors", "trained.json"
Tensors = dict[str, "torch.Tensor"]


@dataclass
class Progress:
    """How far a training is.  All of it is JSON.

    step     steps made; pieces: in how many parts a batch is worked off, 1 unless memory ran short
    total    sum of the losses since the last row of the curve, of n_since steps
    best     value of the best check so far, kept_step: the step whose weights are kept
    waited   checks since the best one
    counted  reasons for the ledger
    """

    step: int = 0
    pieces: int = 1
    total: float = 0.0
    n_since: int = 0
    best: float | None = None
    kept_step: int = 0
    waited: int = 0
    seconds: float = 0.0
    curve: list[dict[str, Any]] = field(default_factory=list)
    counted: list[tuple[str, int, str]] = field(default_factory=list)


def folder_of(model: Any, train: Interactions, *more: object) -> Path:
    """Where a model's training on these data lies: cache/trained/<digest>.

    model  a dataclass instance: its class, the source text of the modules beside it and its fields
           go into the digest; train: all columns of the interactions do
    more   what else decides what is learned: texts, arrays, names of weights
    """
    digest = hashlib.sha256()
    kind = type(model)
    fields = asdict(model) if is_dataclass(model) and not isinstance(model, type) else {}
    facts = [kind.__module__, kind.__qualname__, fields, version("torch")]
    digest.update(json.dumps(facts, sort_keys=True, default=str).encode())
    for source in _sources(kind):
        digest.update(source.read_bytes())
    columns = (train.users, train.items, train.ratings, train.timestamps)
    sizes = (train.n_users, train.n_items, train.threshold)
    for part in (*columns, *sizes, *more):
        _feed(digest, part)
    return cache_dir() / "trained" / digest.hexdigest()[:20]


def _sources(kind: type) -> list[Path]:
    """Files of code that a model is made of: those beside its class, where that is a package."""
    try:
        own = Path(inspect.getfile(kind))
    except (TypeError, OSError):  # made in a session of its own
        return []
    if "." not in kind.__module__:
        return [own]
    return sorted({*own.parent.glob("*.py"), *Path(__file__).parent.glob("training*.py")})


def _feed(digest: Any, part: object) -> None:
    if isinstance(part, np.ndarray) and part.dtype != object:
        digest.update(f"{part.dtype}{part.shape}".encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    else:
        plain = part.tolist() if isinstance(part, np.ndarray) else part
        digest.update(json.dumps(plain, default=str, ensure_ascii=False).encode())
    digest.update(b"\0")


@contextmanager
def deterministic(seed: int, n_threads: int = 1) -> Iterator[None]:
    """Torch draws from this seed, on so many threads, and takes algorithms that repeat themselves.

    What was set before is set again at the end. Needed where a module is made, too: its first
    weights are drawn. On a GPU torch is left to choose, since not all it has repeats itself there.
    """
    import torch

    threads = torch.get_num_threads()
    before = torch.get_deterministic_debug_mode()
    has_gpu = torch.cuda.is_available()
    with torch.random.fork_rng(enabled=True, devices=None if has_gpu else []):
        torch.manual_seed(seed)
        torch.set_num_threads(n_threads)
        # as use_deterministic_algorithms, which imports a compiler, seconds long
        torch.set_deterministic_debug_mode("default" if has_gpu else "error")
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.set_deterministic_debug_mode(before)


def learned(module: "torch.nn.Module") -> Tensors:
    """The tensors that training changes: trainable weights and kept buffers, not copied."""
    weights = {name: p.detach() for name, p in module.named_parameters() if p.requires_grad}
    known = {name for name, _ in module.named_parameters(remove_duplicate=False)}
    buffers = {name: t for name, t in module.state_dict().items() if name not in known}
    return {**weights, **buffers}


def copied(module: "torch.nn.Module") -> Tensors:
    return {name: tensor.clone() for name, tensor in learned(module).items()}


def put_back(module: "torch.nn.Module", tensors: Mapping[str, "torch.Tensor"]) -> None:
    """Give a module the weights that `copied` or `weights_in` told."""
    for name, tensor in learned(module).items():
        tensor.copy_(tensors[name])


def store(
    folder: Path,
    module: "torch.nn.Module",
    optimizer: Adam,
    kept: Tensors | None,
    progress: Progress,
) -> None:
    """Write all that is needed to go on.  kept: the weights to fall back on, where they differ."""
    tensors = {f"module/{name}": tensor for name, tensor in learned(module).items()}
    tensors |= {f"kept/{name}": tensor for name, tensor in (kept or {}).items()}
    tensors |= {f"optimizer/{name}": tensor for name, tensor in optimizer.tensors().items()}
    _write(folder / STATE, tensors, {"progress": json.dumps(asdict(progress))})


def resume(
    folder: Path, module: "torch.nn.Module", optimizer: Adam
) -> tuple[Progress, Tensors | None]:
    """Go back to where a training was broken off: its progress, and the weights to fall back on.

    A checkpoint that cannot be read counts for nothing but a line in the ledger.
    """
    from safetensors import SafetensorError, safe_open

    if not (folder / STATE).is_file():
        return Progress(), None
    try:
        with safe_open(folder / STATE, framework="pt") as file:
            told = json.loads(file.metadata()["progress"])
            found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError, ValueError, KeyError, TypeError):
        return Progress(
            counted=[("checkpoint could not be read, begun anew", 1, "trainings")]
        ), None
    put_back(module, _under("module/", found))
    optimizer.put_back(_under("optimizer/", found))
    told["counted"] = [tuple(one) for one in told["counted"]]
    return Progress(**told), _under("kept/", found) or copied(module)


def finish(folder: Path, module: "torch.nn.Module", progress: Progress) -> None:
    """Keep what was learned; what was only needed to go on is dropped."""
    _write(folder / WEIGHTS, learned(module), {})
    with new_file(folder / DONE) as temporary:
        temporary.write_text(json.dumps(asdict(progress), indent=1), encoding="utf-8")
    (folder / STATE).unlink(missing_ok=True)


def finished(folder: Path, module: "torch.nn.Module") -> Progress | None:
    """How a training went that is over, its weights given to the module; None if it is not."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        told = json.loads((folder / DONE).read_text(encoding="utf-8"))
        put_back(module, load_file(folder / WEIGHTS))
    except (OSError, ValueError, SafetensorError, KeyError):
        return None  # not there, or not readable: it is trained again
    told["counted"] = [tuple(one) for one in told["counted"]]
    return Progress(**told)


def _under(prefix: str, tensors: Tensors) -> Tensors:
    return {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}


def _write(target: Path, tensors: Tensors, facts: dict[str, str]) -> None:
    from safetensors.torch import save_file

    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    with new_file(target) as temporary:
        save_file(plain, temporary, metadata=facts)
