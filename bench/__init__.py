"""Speed and memory, ours beside pyroute2's in the same run: ``python -m bench``."""
