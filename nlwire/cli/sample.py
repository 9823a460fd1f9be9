"""x

Knows: y.
Never: z.
"""

SAMPLE: dict[str, bytes] = {}
