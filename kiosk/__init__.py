"""A counter where people pay their electricity bills: see README.md for the rooms."""
