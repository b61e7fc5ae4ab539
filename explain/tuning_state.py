"""What a model has learned so far: made, kept, taken up again, and written out whole."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.atomic import new_file, new_folder
from core.errors import StorageError

STATE = "state.safetensors"


def model_to_tune(weights: Path, rank: int, modules: Sequence[str], seed: int) -> tuple[Any, Any]:
    """Tokenizer and model in float32, with updates of low rank in the upper half of its layers.

    The lower half needs no way back for the gradient, so a step costs a third less.
    """
    import torch

    from core.language_torch import unpacked
    from recommenders.tuned.weights import load_base, with_lora

    folder = weights if weights.is_dir() else unpacked(weights)
    tokenizer, base = load_base(folder, may_use_gpu=False)
    torch.manual_seed(seed)  # draws the first updates
    model = with_lora(base, rank, modules)
    model.train()
    return tokenizer, model


def stored(folder: Path, model: Any, optimizer: Any, losses: Sequence[float]) -> None:
    """Keep the updates, the optimizer's moments and the losses so far."""
    import torch
    from safetensors.torch import save_file

    tensors = {}
    for name, weight in _learning(model):
        kept = optimizer.state[weight]
        tensors[f"weight {name}"] = weight.detach().contiguous()
        tensors[f"mean {name}"] = kept["exp_avg"].contiguous()
        tensors[f"square {name}"] = kept["exp_avg_sq"].contiguous()
    tensors["losses"] = torch.tensor(list(losses), dtype=torch.float64)
    with new_file(folder / STATE) as temporary:
        save_file(tensors, temporary)


def resumed(folder: Path, model: Any, optimizer: Any) -> list[float]:
    """Take up what was kept, and answer with the losses of the steps done; none, no losses."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = folder / STATE
    if not path.is_file():
        return []
    try:
        tensors = load_file(path)
        losses: list[float] = tensors["losses"].tolist()
        with torch.no_grad():
            for name, weight in _learning(model):
                weight.copy_(tensors[f"weight {name}"])
                optimizer.state[weight] = {
                    "step": torch.tensor(float(len(losses))),
                    "exp_avg": tensors[f"mean {name}"],
                    "exp_avg_sq": tensors[f"square {name}"],
                }
    except (SafetensorError, KeyError, RuntimeError) as error:
        raise StorageError(
            f"{path} cannot be taken up again ({error}); delete it to begin anew"
        ) from error
    return losses


def finished(folder: Path, model: Any, tokenizer: Any) -> None:
    """Write the updates alone (adapter/) and the whole model with them added (weights/)."""
    import torch

    with new_folder(folder / "adapter") as temporary:
        model.save_pretrained(temporary)
    with new_folder(folder / "weights") as temporary:
        merged = model.merge_and_unload().to(torch.bfloat16)
        merged.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
    (folder / STATE).unlink(missing_ok=True)


def _learning(model: Any) -> list[tuple[str, Any]]:
    return [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
