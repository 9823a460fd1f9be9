"""The recorder of the fixtures: ``python -m tools.capture``.

Nothing here but ``expect`` imports nlwire: the fixtures judge it. From the ground up:

    netlink    messages by hand, sockets          netns      throw-away namespaces
    overhear   what a program says and hears      shape      when two messages are of one shape
    fixture    the file format                    recorder   plays scenarios, keeps samples
    actors     what no command does               streams    whole dumps in one piece
    expect     what nlwire makes of the samples   scenarios/ what is recorded, as data
"""
