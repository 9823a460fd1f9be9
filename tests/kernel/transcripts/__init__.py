"""Transcripts: what a real kernel answered, byte for byte, and whether the mock kernel says the same.

A *script* (scripts/*.py) is a list of requests in a fresh namespace with nothing in it but lo, down. One socket, portid 1001,
asks; a second one, portid 1002, is a member of every group (but IPv6's, see play.py) and hears what follows from that. What both
received stands in fixtures/transcripts/<area>/<name>.txt, masked (masks.py says what is masked, and why).

    python -m tests.kernel.transcripts status                  how many scripts the mock passes, by area; what the others lack
    python -m tests.kernel.transcripts diff route/replace      a script on the mock beside the recording, annotated
    python -m tests.kernel.transcripts run route/replace       a script on the mock as text; with --real on the kernel
    python -m tests.kernel.transcripts record [PATTERN…]       record on this machine's kernel (root), all or some
    python -m tests.kernel.transcripts check [PATTERN…]        whether this machine's kernel still says what was recorded
    python -m tests.kernel.transcripts expect                  rewrite not_yet.txt: scripts the mock is known to fail

A pattern is a glob, ``route/*``. A script that the mock cannot pass yet stands in not_yet.txt with the reason; it must fail.
"""
