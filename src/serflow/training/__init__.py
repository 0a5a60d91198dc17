"""The loop that networks share: batches, seeds, schedules, checkpoints."""
