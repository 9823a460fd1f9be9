"""Bytes to values and back: messages, and the machines that make them from the declarations."""
