"""Without a camera there is one clear line."""

from __future__ import annotations

import pytest

from assistant.errors import DeviceError
from assistant.inputs.image_file import take_picture


def test_missing_camera_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DeviceError, match="no camera 97") as caught:
        take_picture(97)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")
