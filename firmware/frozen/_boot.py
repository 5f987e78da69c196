"""Runs before anything else, in the place of the stock one that formats the flash when it cannot mount it.

There is no filesystem: the journal owns the storage area. So there is nothing to do here, and nothing may be added
that writes to the flash.
"""
