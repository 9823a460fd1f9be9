"""Requests that are wrong, each in one way, and what is said of them: by the kernel, by nlwire, by ip(8) and by pyroute2.

entry.py     what an entry of the table is
routes.py    links.py    others.py    the table
world.py     the namespace in which all of them are asked
__main__.py  writes docs/wrong-requests.md
"""
