"""How language codes are spelled."""

import re


def canonical(code: str) -> str:
    """A language code as BCP 47 spells it: zh_tw is zh-TW, ZH-hant is zh-Hant."""
    first, *rest = re.split("[-_]", code)
    return "-".join([first.lower(), *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    return {2: part.upper(), 4: part.title()}.get(len(part), part.lower())
