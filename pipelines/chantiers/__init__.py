"""Deposits in progress: their state on disk, the workers that examine and load them, what is shown of them."""
