"""Where weights of a language model run fastest: on which device, in which kind of numbers."""

from functools import cache
from pathlib import Path
from typing import Any

CPU_FACTS = Path("/proc/cpuinfo")
MULTIPLY_BFLOAT16 = {"avx512_bf16", "amx_bf16", "bf16"}  # x86, x86, ARM


@cache
def multiplies_bfloat16(facts: Path = CPU_FACTS) -> bool:
    """Has this processor instructions for bfloat16?  Without them float32 is 2 to 3 times faster.

    facts  as Linux tells of its processors; where there is no such file: no
    """
    try:
        text = facts.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(
        MULTIPLY_BFLOAT16 & set(line.partition(":")[2].split())
        for line in text.splitlines()
        if line.lower().startswith(("flags", "features"))
    )


def device_and_dtype() -> tuple[Any, Any]:
    """torch.device and torch.dtype for weights: a GPU where there is one."""
    import torch

    if torch.cuda.is_available():
        is_new = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.device("cuda"), torch.bfloat16 if is_new else torch.float16
    dtype = torch.bfloat16 if multiplies_bfloat16() else torch.float32
    return torch.device("cpu"), dtype


def is_out_of_memory(error: BaseException) -> bool:
    """Did torch fail for want of memory?  A smaller batch may do."""
    import torch

    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and (
        "out of memory" in said or "can't allocate memory" in said or "not enough memory" in said
    )
