"""Recognised exports of other tools and public files: each module turns one into the rows of a questionnaire."""
