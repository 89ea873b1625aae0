"""Queries that a person writes, run on a published file and on nothing else."""
