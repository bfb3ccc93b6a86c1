"""Python runs this at its start, so that the tests and every command see the virtual camera."""

import virtual_camera  # noqa: F401
