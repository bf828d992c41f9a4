"""`posewire doctor`: what could be wrong on this machine, each check a function that returns findings.

A check imports what it needs when it runs, so that a package that is missing or broken is found rather than in the way.
Nothing is asked of the network, and no connection is opened but to the sources that the user names.
"""
