"""``python -m nlwire``: the same program as the ``nlwire`` command.

Knows: where the program starts.
Never: what it does.
"""

from nlwire.cli import main

if __name__ == "__main__":
    main(prog_name="nlwire")
