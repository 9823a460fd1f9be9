"""One test body, two kernels: the mock and a real one must both pass."""
