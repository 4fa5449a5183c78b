"""The edges: platforms, web and command line. Start with the ``onethread`` script or ``python -m bots``.

Never as ``python bots``: that would put this folder first on the path, so that ``import telegram`` found ours.
"""
