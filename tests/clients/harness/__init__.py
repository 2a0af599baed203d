"""The real program on one side, the unmodified client on the other."""
