"""Settings of every test: generated examples may take their time, since a machine may be busy and a kernel compile first."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("semap", deadline=None)
settings.load_profile("semap")
