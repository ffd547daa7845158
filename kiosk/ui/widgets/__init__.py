"""Widgets of our own. Each paints what it is told and emits what was done to it; none knows a snapshot's whole."""
