"""net/sched: queueing disciplines, their classes and filters, as traffic control shows them; no packet goes through them."""
