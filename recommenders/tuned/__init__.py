"""Recommenders whose language model learns from the likings."""

TUNED = {
    "llm-finetuned": "recommenders.tuned.models:LLMFinetuned",
    "llm-instructed": "recommenders.tuned.models:LLMInstructed",
    "llm-lora": "recommenders.tuned.models:LLMLoRA",
    "llm-soft-prompt": "recommenders.tuned.models:LLMSoftPrompt",
}
