"""The faces of *Collect* (screens.md part 2): each paints its part of a snapshot and knows what a key means on it."""
