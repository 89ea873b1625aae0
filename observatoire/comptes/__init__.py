"""Accounts, roles and sessions of the staff."""
