"""xlint: a linter for losses, final activations and label encodings."""

__version__ = "0.1.0"
