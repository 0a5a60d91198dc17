"""Typed models of what YAML files hold: nothing extra, nothing converted, and messages that name place and value."""

import math
import operator
import re
from collections.abc import Sequence
from functools import cache, reduce
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from serflow.config import closest, nearest
from serflow.errors import UserError
from serflow.names import NAME

__all__ = [
    "ABSENT", "Count", "Fault", "Id", "Index", "Name", "NotNegative", "Once", "Positive", "Strict", "Text", "faults",
    "keys_at", "one_of", "printed", "validate",
]  # fmt: skip

Path = tuple[str | int, ...]

UNIONS = (Union, UnionType)

ABSENT: Any = None  # what stands for a key that may be left out; where it is given, it is not null

Text = Annotated[str, Field(min_length=1)]
Id = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$", description="small letters, digits and _")]
Name = Annotated[str, Field(pattern=f"^{NAME}$", description="the name of a file, without .yaml")]  # corpus, paper
Count = Annotated[int, Field(ge=1)]
Index = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]


def _once(values: list) -> list:
    if double := next((value for value in values if values.count(value) > 1), None):
        raise ValueError(f"{double!r} stands twice; keep it once")
    return values


Once = AfterValidator(_once)  # of a list: nothing stands twice


class Strict(BaseModel):
    """A mapping with these keys and no others, its values as YAML gives them."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=())


def one_of(members: dict[str, type[Strict]], *, key: str, default: str | None = None) -> Any:
    """The union of typed models that are told apart by the value of `key`; without that key it is `default`."""
    if len(members) == 1:  # pydantic tags no union of one
        return next(iter(members.values()))

    def tag(value: Any) -> str | None:
        named = value.get(key, default) if isinstance(value, dict) else None
        return None if named is None else str(named)

    tag.__name__ = key  # pydantic's errors name the function
    tagged = [Annotated[model, Tag(name)] for name, model in members.items()]
    return Annotated[reduce(operator.or_, tagged), Discriminator(tag)]


class Fault(NamedTuple):
    """Something wrong: where in the value, and what; `inside`: the path ends in a key that nothing knows."""

    path: Path
    message: str
    inside: bool = False


EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "none_required": "null",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "less_than": "less than {lt:g}",
    "less_than_equal": "{le:g} at most",
    "too_short": "{min_length} or more",
    "too_long": "{max_length} at most",
    "string_too_short": "some text",
    "string_pattern_mismatch": "text of the form {pattern}",
}


def validate(value: Any, model: Any, *, where: str) -> None:
    """Hold `value` (read from `where`) against a typed model; every fault goes into one `UserError`."""
    found = faults(value, model)
    if found:
        places = (printed(fault.path[:-1] if fault.inside else fault.path) for fault in found)
        lines = (f"{where}: {place}: {fault.message}" for place, fault in zip(places, found, strict=True))
        raise UserError("\n".join(lines))


def printed(path: Sequence[str | int]) -> str:
    """A place within a file, as messages have it: `systems.acnn.parameters`."""
    return ".".join(map(str, path)) or "top level"


def faults(value: Any, model: Any) -> list[Fault]:
    """All that is wrong with `value`, in the order of its places."""
    try:
        _adapter(model).validate_python(value)
    except ValidationError as error:
        found = [_Found(model, one) for one in error.errors(include_url=False)]
        misspelt = {(*one.path[:-1], one.meant) for one in found if one.meant}
        told = {one.fault for one in found if not (one.kind == "missing" and one.path in misspelt)}
        return sorted(told, key=lambda fault: (list(map(str, fault.path)), fault.message))
    return []


@cache
def keys_at(model: Any, path: Path) -> list[str]:
    """The keys that a value of type `model` may have at `path`, whichever members its unions take."""
    models = [model]
    for part in path:
        models = [_entered(option, part)[0] for one in models for option in _options(one)]
    return list(dict.fromkeys(key for one in models for option in _options(one) for key in _keys(option)))


def _options(model: Any) -> list[Any]:
    """A type, or the members of a union."""
    model = _unwrapped(model)
    return [_unwrapped(option) for option in get_args(model)] if get_origin(model) in UNIONS else [model]


@cache
def _adapter(model: Any) -> TypeAdapter:
    return TypeAdapter(model)


class _Found:
    """One of pydantic's errors, its place freed of the tags of unions."""

    def __init__(self, model: Any, error: dict[str, Any]):
        self.kind, self.said = error["type"], error["msg"]
        self.given, self.context = error["input"], error.get("ctx", {})
        self.path: Path = ()
        self.known: list[str] = []  # the keys beside the last one of the path
        self.described: str | None = None
        self.of_key = False
        for part in error["loc"]:
            model = _unwrapped(model)
            if part == "[key]":
                self.of_key = True
            elif get_origin(model) in UNIONS:
                model = _member(model, part)
            else:
                self.path, self.known = (*self.path, part), _keys(model)
                model, self.described = _entered(model, part)
        self.model = model
        self.meant = closest(self.path[-1], self.known) if self.kind == "extra_forbidden" else None

    @property
    def fault(self) -> Fault:
        """The error in our words."""
        described = f" ({self.described})" if self.described else ""
        if self.kind == "extra_forbidden":
            return Fault(self.path, f"unknown key {self.path[-1]!r}{nearest(self.path[-1], self.known)}", True)
        if self.kind == "missing":
            return Fault(self.path, f"missing{described}; add this key")
        if self.kind == "union_tag_not_found" and isinstance(self.given, dict):
            return self._untold(_quoted(self.context["discriminator"]))
        if self.kind == "union_tag_invalid":
            tag, key = self.context["tag"], _quoted(self.context["discriminator"])
            return Fault((*self.path, key), f"{tag!r}{nearest(tag, _all_quoted(self.context['expected_tags']))}")
        if self.kind == "literal_error":
            return Fault(self.path, f"{self.given!r}{nearest(self.given, _all_quoted(self.context['expected']))}")
        if self.kind == "value_error":
            return Fault(self.path, str(self.context["error"]))
        if self.kind == "union_tag_not_found":
            return Fault(self.path, f"{self.given!r}: expected {EXPECTED['model_type']}")
        if self.kind not in EXPECTED:
            return Fault(self.path, f"{self.given!r}: {self.said}{described}")
        expected = EXPECTED[self.kind].format(**self.context)
        if self.kind == "float_type" and _is_number(self.given):
            expected += f"; to YAML this is text, so write {float(self.given):.1e}"
        return Fault(self.path, f"{'key ' * self.of_key}{self.given!r}: expected {expected}{described}")

    def _untold(self, key: str) -> Fault:
        """Of a mapping without the key that tells its kind: the unknown key nearest to that, or that it is missing."""
        unknown = [given for given in self.given if given not in keys_at(self.model, ())]
        given = closest(key, unknown)
        if given is None:
            return Fault((*self.path, key), "missing; add this key")
        return Fault((*self.path, given), f"unknown key {given!r}; did you mean {key!r}?", inside=True)


def _is_number(text: Any) -> bool:
    """Whether a text reads as a number, such as 1e-6, in which YAML misses the decimal point."""
    try:
        return isinstance(text, str) and math.isfinite(float(text))
    except ValueError:
        return False


def _quoted(text: str) -> str:
    """A discriminator's key in pydantic's text: 'kind', or the name of the function that finds it, kind()."""
    return text.strip("'()")


def _all_quoted(text: str) -> list[str]:
    """The choices in pydantic's text: 'a', 'b' or 'c'."""
    return re.findall("'([^']*)'", text)


def _unwrapped(model: Any) -> Any:
    """A type without what only annotates it, and without its `| None`."""
    while get_origin(model) is Annotated:
        model = get_args(model)[0]
    options = [option for option in get_args(model) if option is not type(None)]
    return _unwrapped(options[0]) if get_origin(model) in UNIONS and len(options) == 1 else model


def _member(union: Any, tag: str) -> Any:
    """The type of a union's member with this tag."""
    return next(option.__origin__ for option in get_args(union) if Tag(tag) in option.__metadata__)


def _entered(model: Any, part: str | int) -> tuple[Any, str | None]:
    """The type of what lies at a key or place of a value of type `model`, and what it means in words."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        field = next((one for name, one in model.model_fields.items() if part in (name, one.alias)), None)
        return (field.annotation, field.description) if field else (Any, None)
    inner = get_args(model)[-1] if get_args(model) else Any
    notes = inner.__metadata__ if get_origin(inner) is Annotated else ()
    return inner, next((note.description for note in notes if isinstance(note, FieldInfo)), None)


def _keys(model: Any) -> list[str]:
    fields = model.model_fields.items() if isinstance(model, type) and issubclass(model, BaseModel) else ()
    return [field.alias or name for name, field in fields]
