"""Models for what happens after deployment: forgetting, new items, noise, complements."""

INDUSTRY = {
    "sharded": "recommenders.industry.sharded:Sharded",
    "cold-simulator": "recommenders.industry.cold_simulator:ColdSimulator",
    "denoised": "recommenders.industry.denoised:Denoised",
    "complements": "recommenders.industry.complements:Complements",
}
