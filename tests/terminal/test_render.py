"""Replies are shown as they are, and command nothing."""

import pytest

from assistant.terminal.render import printable


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\", "alink"),
        ("a\x1bP1$r0m\x1b\\b", "ab"),  # what a device asks to be told
        ("a\x1b_Gf=100;AAAA\x1b\\b", "ab"),  # pictures, by an application command
        ("a\x1b^secret\x1b\\b", "ab"),
        ("a\x1bXsecret\x1b\\b", "ab"),
        ("a\x90q#0\x9cb", "ab"),  # the same in one byte
        ("a\x9d0;title\x07b", "ab"),
        ("a\x9b31mred", "a31mred"),
        ("a\x1bP never ended", "a never ended"),
        ("a\x1bcb\x1b(0c\x1b7", "abc"),  # reset, other letters, keep the place
        ("user\u202etxt.exe\u202c", "usertxt.exe"),
        ("\u2066a\u2067b\u2068c\u2069", "abc"),
        ("hidden\U000e0041\U000e0042", "hidden"),
        ("back\x08space\rreturn\x00", "backspacereturn"),
        ("مرحبا\u200f 12\u200e", "مرحبا\u200f 12\u200e"),
        ("👩\u200d👧 naïve 你好", "👩\u200d👧 naïve 你好"),
        ("lone \ud800 surrogate", "lone ? surrogate"),
        ("tab\tand\nline\r\nend", "tab and\nline\nend"),
    ],
)
def test_no_reply_commands_the_terminal(hostile: str, shown: str) -> None:
    assert printable(hostile) == shown
