# Starts Autobahn's wstest under Python 2.7, where it still runs.
#
# Twisted and wstest import some modules by name that no test here uses (TLS,
# HTTP routing, state machines): empty ones stand in, so nothing has to be compiled.
# This file is Python 2, and runs inside the root that make-wstest.sh makes.
import importlib
import sys
import types
import unittest


def stand_in(name, **contents):
    module = types.ModuleType(name)
    module.__dict__.update(contents)
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(importlib.import_module(parent), child, module)


stand_in("unittest2", **vars(unittest))
stand_in("twisted.internet.ssl", ClientContextFactory=object, DefaultOpenSSLContextFactory=object)

from autobahntestsuite.wstest import run  # noqa: E402 (after the stand-ins)

run()
