"""What an operator reads when the configuration is refused: key, file, and what to write instead.

No value is ever shown: it may be a secret.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

Place = tuple[int | str, ...]
"""The keys and list positions that lead to a value."""


def place(where: Place) -> str:
    """``where`` as the file spells it: ``[slack] bot_token``, ``[[telegram]] (2nd) token``, ``redis_url``."""
    match where:
        case ():
            return "the whole file"
        case (str(section), int(at), *rest):
            return f"[[{section}]]{f' (no. {at + 1})' if at else ''} {'.'.join(map(str, rest))}".strip()
        case (section, key, *rest):
            return f"[{section}] {'.'.join(map(str, (key, *rest)))}"
        case (key,):
            return str(key)
    raise AssertionError(where)


def explain(error: ValidationError, root: type[BaseModel], file: str) -> list[str]:
    """One line for each thing that is wrong."""
    return [
        f"{file}: {_problem(detail, root)}" for detail in error.errors(include_url=False, include_input=True)
    ]


def _problem(detail: ErrorDetails, root: type[BaseModel]) -> str:
    where = detail["loc"]
    what = place(where)
    model = _model_at(where[:-1], root)
    key = str(where[-1]) if where else ""
    if detail["type"] == "extra_forbidden" and model:
        return f"{what}: there is no such key{_instead(key, model, root)}"
    if detail["type"] == "missing" and model:
        return f"{what}: is missing. Write: {_example(where, model.model_fields[key])}"
    if detail["type"] == "tuple_type":
        return f"{what}: is a list. Write [[{key}]] with two brackets before each account."
    if detail["type"] in ("model_type", "model_attributes_type"):
        return f"{what}: is a section. Write [{key}] on a line of its own and its keys below."
    reason = detail["msg"].removeprefix("Value error, ").replace("Input should be", "should be")
    return f"{what}: {reason}."


def _model_at(where: Place, root: type[BaseModel]) -> type[BaseModel] | None:
    """The part of the settings that ``where`` leads to."""
    model: type[BaseModel] | None = root
    for key in where:
        if isinstance(key, str) and model:
            field = model.model_fields.get(key)
            model = next(_models_in(field.annotation), None) if field else None
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _instead(key: str, model: type[BaseModel], root: type[BaseModel]) -> str:
    if model is not root and key in root.model_fields:
        return " here: it belongs at the top of the file, above the first [section]."
    near = get_close_matches(key, model.model_fields, n=1)
    return f'; did you mean "{near[0]}"?' if near else f" (known are: {', '.join(model.model_fields)})."


def _example(where: Place, field: FieldInfo) -> str:
    """What to write for a key that is missing; secrets are better kept in the environment."""
    words = [str(part) for part in where if isinstance(part, str)]
    if field.repr and field.annotation is not SecretStr:
        return f'{words[-1]} = "…"'
    return f'{words[-1]} = "env:{"_".join(words).upper()}", and set that variable to the secret.'
