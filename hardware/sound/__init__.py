"""Sounds at the counter: three tones, and an amount read aloud."""
