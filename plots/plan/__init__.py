"""The page of a plan: plan.json, as `ringbench plan` writes it, for a reader."""
