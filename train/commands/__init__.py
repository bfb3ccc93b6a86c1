"""The commands of ``python -m train``, one module each.

A module has ``add_parser``, which adds its command to the command line and says what runs it. What
is slow to import is imported when the command runs, so that ``--help`` and a mistyped flag answer
at once.
"""
