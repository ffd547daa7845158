"""Sheets: what is asked over a face and answered before it goes on. They keep what is being typed, and nothing else."""
