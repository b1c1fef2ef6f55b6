"""What is said about tools, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .tools import Tool, one_line

__all__ = ["CHOICES", "said", "shown_arguments"]

CHOICES = {"en": ("once", "always", "never"), "zh": ("这一次", "总是允许", "不允许")}

ANSWERS = ("Say once, always or never.", "请回答：这一次、总是允许，或不允许。")
TEXTS: dict[str, tuple[str, str]] = {
    "permit": (
        "May I use the tool “{tool}” of the MCP server “{server}”? It says of itself: “{summary}.”{acts} {choices}",
        "可以使用 MCP 服务器“{server}”的工具“{tool}”吗？它自称：“{summary}。”{acts}{choices}",
    ),
    "permit_changed": (
        "May I use “{tool}” of the MCP server “{server}”? It is not as it was. It says: “{summary}.”{acts} {choices}",
        "MCP 服务器“{server}”的工具“{tool}”在您允许之后变了。它现在自称：“{summary}。”{acts}可以使用吗？{choices}",
    ),
    "reads": (" It says that it only reads.", "它说自己只读取。"),
    "acts": (" It may change something, so I ask again each time.", "它可能会更改内容，所以每次都会再问您。"),
    "confirm": ("Let “{server}” run “{tool}”{arguments}?", "要让“{server}”执行“{tool}”{arguments}吗？"),
    "forbidden": (
        "You have forbidden the tool “{tool}” of “{server}”. `assistant mcp ask {server} {name}` lets me ask again.",
        "您已禁止使用“{server}”的工具“{tool}”。运行 `assistant mcp ask {server} {name}` 后我会再问您。",
    ),
    "never": ("All right, I will not use “{tool}” of “{server}”.", "好的，我不会使用“{server}”的“{tool}”。"),
    "not_done": ("All right, nothing was done.", "好的，什么也没做。"),
    "failed": ("“{tool}” of “{server}” says that it failed: {text}", "“{server}”的“{tool}”说失败了：{text}"),
    "empty": ("“{tool}” of “{server}” has run; it returned nothing.", "“{server}”的“{tool}”已执行，没有返回内容。"),
    "cut": (
        "… (cut: the result has {size:,} characters; the attached file holds it)",
        "…（已截断：结果共 {size:,} 个字符，见附件）",
    ),
    "from": ("[From the MCP server {server}, tool {name}]", "[来自 MCP 服务器 {server} 的工具 {name}]"),
    "interrupted": (
        "I was stopped while “{tool}” of “{server}” ran. Check whether it was done; I have not run it again.",
        "“{server}”的“{tool}”执行时我被中断了，不知道是否已完成。我没有再次执行：请查看，需要的话再说一次。",
    ),
}


def said(what: str, language: str, tool: Tool, **values: Any) -> str:
    """A sentence of `TEXTS` about a tool."""
    text = TEXTS[what][language == "zh"]
    known = {
        "choices": ANSWERS[language == "zh"],
        "tool": tool.shown,
        "server": tool.server,
        "name": tool.name,
        "summary": tool.summary,
    }
    return text.format(**known, **values)


def shown_arguments(arguments: Mapping[str, Any], language: str) -> str:
    """Arguments as they are shown in a question; all of them, each cut where it is long."""
    if not arguments:
        return ""
    listed = [f"{name} = {one_line(str(value), 200)}" for name, value in arguments.items()]
    return f"（{'，'.join(listed)}）" if language == "zh" else f" with {'; '.join(listed)}"
