"""A real kernel and the mock, asked the same at random; what they answer and tell others must be the same bytes.

pytest tests/kernel/test_side_by_side.py                     what HYPOTHESIS_PROFILE says: fast, ci, nightly (10^5 steps)
python -m tests.kernel.side_by_side --steps 20000 [--seed N] until they part, then the least that parts them
"""
