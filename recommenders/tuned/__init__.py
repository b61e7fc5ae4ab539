"""Recommenders whose language model learns from the likings."""

from recommenders.base import Recommender
from recommenders.tuned.models import LLMFinetuned, LLMInstructed, LLMLoRA, LLMSoftPrompt

TUNED: dict[str, type[Recommender]] = {
    "llm-finetuned": LLMFinetuned,
    "llm-instructed": LLMInstructed,
    "llm-lora": LLMLoRA,
    "llm-soft-prompt": LLMSoftPrompt,
}
